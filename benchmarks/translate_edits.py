"""Edits of label maps as somebody would paint them: longer hair, glasses, a bigger smile, a hat; and a drawn sketch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from editors.translate.palettes import PARTS, SKETCH
from facet import LabelMap

Numbers = NDArray[np.uint8]


def number(name: str) -> int:
    """The number of a part."""
    return PARTS.index(name)


def centre(labels: LabelMap, *names: str) -> tuple[float, float]:
    """The middle (x, y) of some parts."""
    rows, columns = np.nonzero(labels.mask(*names))
    return float(columns.mean()), float(rows.mean())


def eyes(labels: LabelMap) -> tuple[tuple[float, float], tuple[float, float]]:
    """The middles of the two eyes, left one in the picture first."""
    rows, columns = np.nonzero(labels.mask("iris", "eye white"))
    split = (columns.min() + columns.max()) / 2
    left, right = columns < split, columns >= split
    return tuple((float(columns[side].mean()), float(rows[side].mean())) for side in (left, right))  # type: ignore[return-value]


def _canvas(labels: LabelMap) -> tuple[Image.Image, ImageDraw.ImageDraw, float]:
    image = Image.fromarray(labels.indices.copy())
    (x0, _), (x1, _) = eyes(labels)
    return image, ImageDraw.Draw(image), x1 - x0


def glasses(labels: LabelMap) -> LabelMap:
    """Two rims around the eyes, and the bridge."""
    image, draw, apart = _canvas(labels)
    thick, reach = max(2, round(apart * 0.07)), apart * 0.36
    (x0, y0), (x1, y1) = eyes(labels)
    for x, y in ((x0, y0), (x1, y1)):
        draw.ellipse([x - reach, y - reach * 0.8, x + reach, y + reach * 0.8], outline=number("glasses"), width=thick)
    draw.line([x0 + reach, y0, x1 - reach, y1], fill=number("glasses"), width=thick)
    return LabelMap(np.array(image), PARTS)


def longer_hair(labels: LabelMap) -> LabelMap:
    """Hair down to the shoulders beside the face, over what is background, neck or cloth there."""
    image, draw, apart = _canvas(labels)
    rows, columns = np.nonzero(labels.mask("skin"))
    (x0, y0), (x1, _) = eyes(labels)
    bottom = min(labels.size[1] - 1, rows.max() + 0.75 * apart)
    left, right = columns.min(), columns.max()
    draw.polygon([(left - 0.05 * apart, y0 - 0.6 * apart), (left + 0.1 * apart, y0 - 0.5 * apart),
                  (left + 0.28 * apart, bottom), (left - 0.32 * apart, bottom)], fill=number("hair"))  # fmt: skip
    draw.polygon([(right + 0.05 * apart, y0 - 0.6 * apart), (right - 0.1 * apart, y0 - 0.5 * apart),
                  (right - 0.28 * apart, bottom), (right + 0.32 * apart, bottom)], fill=number("hair"))  # fmt: skip
    painted = np.array(image)
    face = labels.mask(
        "skin", "nose", "eye white", "iris", "brow", "upper lip", "lower lip", "mouth", "teeth", "glasses"
    )
    painted[face] = labels.indices[face]
    return LabelMap(painted, PARTS)


def bigger_smile(labels: LabelMap) -> LabelMap:
    """A wide open mouth with teeth where the lips are."""
    image, draw, apart = _canvas(labels)
    lips = labels.mask("upper lip", "lower lip", "mouth", "teeth")
    painted = np.array(image)
    painted[lips] = number("skin")
    image = Image.fromarray(painted)
    draw = ImageDraw.Draw(image)
    x, y = centre(labels, "upper lip", "lower lip", "mouth", "teeth")
    wide, high = 0.52 * apart, 0.42 * apart
    top = y - 0.16 * apart
    draw.pieslice([x - wide, top - high, x + wide, top + high], 0, 180, fill=number("lower lip"))
    draw.pieslice(
        [x - 0.86 * wide, top - 0.72 * high, x + 0.86 * wide, top + 0.72 * high], 0, 180, fill=number("mouth")
    )
    draw.rectangle([x - 0.72 * wide, top, x + 0.72 * wide, top + 0.22 * high], fill=number("teeth"))
    draw.line(
        [x - wide, top - 2, x, top + 1, x + wide, top - 2], fill=number("upper lip"), width=max(2, round(0.08 * apart))
    )
    return LabelMap(np.array(image), PARTS)


def hat(labels: LabelMap) -> LabelMap:
    """A cap over the upper half of the hair."""
    image, draw, apart = _canvas(labels)
    rows, columns = np.nonzero(labels.mask("hair", "skin", "ear"))
    top, left, right = rows.min(), columns.min(), columns.max()
    y = min(point[1] for point in eyes(labels)) - 0.52 * apart
    middle, half = (left + right) / 2, (right - left) / 2 + 0.04 * apart
    draw.pieslice(
        [middle - half, top - 0.22 * apart, middle + half, 2 * y - top + 0.22 * apart], 180, 360, fill=number("hat")
    )
    draw.rectangle([middle - half, y - 0.16 * apart, middle + half, y + 0.08 * apart], fill=number("hat"))
    return LabelMap(np.array(image), PARTS)


EDITS: dict[str, tuple[Callable[[LabelMap], LabelMap], tuple[str, ...]]] = {
    "longer hair": (longer_hair, ("hair",)),
    "glasses on": (glasses, ("glasses",)),
    "bigger smile": (bigger_smile, ("mouth", "teeth")),
    "hat": (hat, ("hat",)),
}
"""Each edit, and the parts that there ought to be more of."""


def two_hats(labels: LabelMap) -> LabelMap:
    """A cap, and a bowler on the ear."""
    first = hat(labels)
    image, draw, apart = _canvas(first)
    rows, columns = np.nonzero(labels.mask("skin", "ear"))
    x, y = columns.min() - 0.05 * apart, rows.mean() + 0.2 * apart
    draw.pieslice([x - 0.5 * apart, y - 0.8 * apart, x + 0.5 * apart, y + 0.8 * apart], 180, 360, fill=number("hat"))
    draw.rounded_rectangle([x - 0.8 * apart, y - 0.1 * apart, x + 0.8 * apart, y + 0.08 * apart], 3, fill=number("hat"))
    draw.line([x - 0.49 * apart, y - 0.15 * apart, x + 0.49 * apart, y - 0.15 * apart], fill=number("cloth"), width=5)
    return LabelMap(np.array(image), PARTS)


def spikes(labels: LabelMap) -> LabelMap:
    """Hair that stands on end in seven spikes."""
    image, draw, apart = _canvas(labels)
    rows, columns = np.nonzero(labels.mask("hair", "hat"))
    x, y = (columns.min() + columns.max()) / 2, rows.min() + 0.9 * apart
    for turn in np.radians(np.linspace(200, 340, 7)):
        tip = x + 2.1 * apart * np.cos(turn), y + 1.55 * apart * np.sin(turn)
        side = -np.sin(turn) * 0.26 * apart, np.cos(turn) * 0.26 * apart
        root = x + 0.75 * apart * np.cos(turn), y + 0.6 * apart * np.sin(turn)
        points = [(root[0] + side[0], root[1] + side[1]), tip, (root[0] - side[0], root[1] - side[1])]
        draw.polygon(points, fill=number("hair"))
    return LabelMap(np.array(image), PARTS)


def third_eye(labels: LabelMap) -> LabelMap:
    """An eye on the forehead."""
    image, draw, apart = _canvas(labels)
    (x0, y0), (x1, y1) = eyes(labels)
    x, y, wide = (x0 + x1) / 2, (y0 + y1) / 2 - 0.55 * apart, 0.24 * apart
    draw.ellipse([x - wide, y - 0.6 * wide, x + wide, y + 0.6 * wide], fill=number("eye white"))
    draw.ellipse([x - 0.5 * wide, y - 0.5 * wide, x + 0.5 * wide, y + 0.5 * wide], fill=number("iris"))
    return LabelMap(np.array(image), PARTS)


STRANGE = {"two hats": two_hats, "spikes": spikes, "a third eye": third_eye}
"""Edits that no puppet looks like."""


def drawn_by_hand(size: int = 256, seed: int = 2) -> LabelMap:
    """A face in a few unsteady strokes, as one draws it with a mouse."""
    random = np.random.default_rng(seed)
    image = Image.new("L", (size, size))
    draw = ImageDraw.Draw(image)

    def stroke(points: list[tuple[float, float]], closed: bool = False) -> None:
        rough = [(x * size + random.normal(0, 0.8), y * size + random.normal(0, 0.8)) for x, y in points]
        draw.line([*rough, rough[0]] if closed else rough, fill=1, width=3, joint="curve")

    def arc(x: float, y: float, wide: float, high: float, first: float, last: float) -> list[tuple[float, float]]:
        turns = np.radians(np.linspace(first, last, 28))
        return [(x + wide * np.cos(t), y + high * np.sin(t)) for t in turns]

    stroke(arc(0.5, 0.52, 0.235, 0.30, 20, 160))  # chin and cheeks
    stroke([(0.265, 0.42), (0.262, 0.5), (0.278, 0.62)])
    stroke([(0.735, 0.42), (0.738, 0.5), (0.722, 0.62)])
    stroke(arc(0.5, 0.42, 0.30, 0.33, 175, 365))  # hair
    stroke([(0.2, 0.42), (0.19, 0.6), (0.22, 0.76), (0.3, 0.72)])
    stroke([(0.8, 0.42), (0.81, 0.6), (0.78, 0.76), (0.7, 0.72)])
    stroke([(0.27, 0.42), (0.36, 0.30), (0.5, 0.27), (0.64, 0.30), (0.73, 0.42)])
    for x in (0.4, 0.6):
        stroke(arc(x, 0.475, 0.05, 0.024, 0, 360), closed=True)
        stroke(arc(x, 0.475, 0.018, 0.018, 0, 360), closed=True)
        stroke(arc(x, 0.425, 0.062, 0.025, 200, 340))
    stroke([(0.48, 0.5), (0.462, 0.575), (0.49, 0.6), (0.53, 0.598), (0.54, 0.575)])
    stroke(arc(0.5, 0.655, 0.085, 0.05, 15, 165))
    stroke(arc(0.5, 0.672, 0.075, 0.018, 0, 180))
    stroke([(0.42, 0.8), (0.415, 0.88), (0.3, 0.93), (0.14, 0.99)])
    stroke([(0.58, 0.8), (0.585, 0.88), (0.7, 0.93), (0.86, 0.99)])
    return LabelMap(np.array(image), SKETCH)
