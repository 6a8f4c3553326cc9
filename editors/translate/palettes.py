"""The palettes of what is painted: parts of a portrait, lines of a sketch, colours to be told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facet import LabelMap, Palette

PARTS = Palette(
    (
        "background", "skin", "nose", "eye white", "iris", "brow", "upper lip", "lower lip", "mouth", "teeth", "hair",
        "beard", "ear", "neck", "cloth", "glasses", "hat", "earring",
    ),
    (
        (206, 212, 220), (244, 204, 172), (224, 150, 112), (255, 255, 255), (60, 120, 200), (96, 56, 32),
        (196, 64, 84), (240, 120, 132), (112, 16, 40), (252, 248, 200), (92, 64, 148), (150, 104, 60),
        (252, 160, 84), (188, 132, 100), (56, 148, 128), (24, 24, 28), (228, 180, 32), (120, 220, 240),
    ),
)  # fmt: skip
"""In the order of the part numbers of `nets.judges`."""

SKETCH = Palette(("paper", "line"), ((255, 255, 255), (20, 20, 20)))

HINTS = Palette(
    (
        "as guessed", "grey", "red", "orange", "yellow", "green", "turquoise", "sky blue", "blue", "violet", "pink",
        "skin", "brown",
    ),
    (
        (250, 250, 250), (128, 128, 128), (200, 40, 40), (236, 130, 30), (236, 204, 60), (70, 140, 50), (40, 160, 150),
        (110, 170, 225), (40, 70, 180), (130, 70, 170), (226, 110, 150), (224, 172, 138), (120, 80, 48),
    ),
)  # fmt: skip
"""What a stroke on a grey photograph says of its colour; the lightness stays the photograph's."""

THIN = ("eye white", "iris", "brow", "upper lip", "lower lip", "mouth", "teeth", "glasses", "earring")
"""Parts that may be thinner than a cell of what the network sees, and are kept even so."""


def squared(labels: LabelMap, size: int) -> NDArray[np.uint8]:
    """Part numbers [size, size] of a map of any shape: made square by repeating its rims, never stretched.

    A part that would vanish takes the cells that it touches.
    """
    width, height = labels.size
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    pads = (top, side - height - top), (left, side - width - left)
    square = LabelMap(np.pad(labels.indices, pads, mode="edge"), labels.palette)
    small = square.resized((size, size))
    lost = [name for name in THIN if name in square.parts and name not in small.parts]
    return (square.resized((size, size), thin=tuple(lost)) if lost else small).indices
