"""Where and how far two pictures differ, as a picture: black where nothing changed, bright where much did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.subjects import Pixels, Subject

FULL = 64.0
"""Levels of 255, mean of the three channels, from which a pixel is as bright as any. The same in all maps."""

_STOPS = np.array(
    [(0, 0, 0), (58, 22, 96), (148, 38, 98), (224, 92, 54), (250, 178, 60), (255, 250, 214)], dtype=np.float32
)


def difference(before: Subject, after: Subject, side: int = 0) -> NDArray[np.float32]:
    """The mean absolute difference of the channels at each pixel of `after`, float32 [h, w], 0 to 255.

    Where the sizes differ, `before` is brought to that of `after`; a crop or another shape is not found out. `side`:
    both are made smaller first, so that no side is longer; 0 for as they are.
    """
    scale = min(1.0, side / max(after.size)) if side else 1.0
    width, height = (max(1, round(length * scale)) for length in after.size)
    old, new = (_sized(each, (width, height)) for each in (before, after))
    changed: NDArray[np.float32] = np.abs(new - old).mean(axis=2)
    return changed


def _sized(subject: Subject, size: tuple[int, int]) -> NDArray[np.float32]:
    pixels = subject.pixels
    if subject.size != size:
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    return pixels.astype(np.float32)


def difference_map(changed: NDArray[np.float32]) -> Pixels:
    """A difference in colours that grow brighter all the way, uint8 RGB [h, w, 3]."""
    place = np.clip(changed / FULL, 0, 1) * (len(_STOPS) - 1)
    below = np.minimum(place.astype(np.intp), len(_STOPS) - 2)
    part = (place - below)[..., None]
    coloured: Pixels = np.rint(_STOPS[below] * (1 - part) + _STOPS[below + 1] * part).astype(np.uint8)
    return coloured
