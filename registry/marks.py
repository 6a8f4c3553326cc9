"""Inputs that are drawn on a picture: point pairs and a mask, both in source pixels, x right, y down."""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.bounds import refuse_long
from registry.decoding.costs import refuse_costly
from registry.errors import BadInput
from registry.inputs import Kind
from registry.pictures import MOST_PIXELS, read_picture
from registry.subject import Subject

Mask: TypeAlias = NDArray[np.bool_]
"""bool [height, width], True where the picture MAY change; an empty mask arrives as None."""


MOST_MASK_TEXT = 6_000_000


class Pair(NamedTuple):
    """Drag the content at `handle` to `target`; both (x, y) in source pixels."""

    handle: tuple[float, float]
    target: tuple[float, float]


@dataclass(frozen=True)
class Points(Kind):
    """Handle and target points on the picture of another input; arrives as a list of `Pair`."""

    _: KW_ONLY
    on: str = "subject"
    most: int = 68
    least: int = 0

    accepts: ClassVar[tuple[Any, ...]] = (list[Pair],)

    def check(self, value: Any, field: str) -> list[Pair]:
        """A list of [x, y, x, y] or [[x, y], [x, y]], or that as JSON text. `check_on` looks at the picture's edges."""
        if isinstance(value, str):
            try:
                value = json.loads(value or "[]")
            except (ValueError, RecursionError):
                raise BadInput(field, "is no list of points", "Write [[x, y, x, y], …].") from None
        if not isinstance(value, (list, tuple)):
            raise BadInput(field, "must be a list of points", "Write [[x, y, x, y], …].")
        if not self.least <= len(value) <= self.most:
            few = "Draw one on the picture, from what should move to where it should go." if not value else ""
            raise BadInput(field, f"needs {self.least} to {self.most} pairs of points, not {len(value)}", few)
        return [_pair(row, f"{field} {number}") for number, row in enumerate(value, 1)]

    def check_on(self, value: list[Pair], subject: Subject, field: str) -> None:
        """Raise BadInput for a point outside the picture."""
        width, height = subject.size
        for number, pair in enumerate(value, 1):
            for name, (x, y) in zip(pair._fields, pair, strict=True):
                if not (0 <= x < width and 0 <= y < height):
                    where = f"({x:g}, {y:g}) lies outside the picture of {width} × {height}"
                    raise BadInput(f"{field} {number}", f"{name} {where}")

    def record(self, value: list[Pair]) -> list[list[float]]:
        """[[x, y, x, y], …]."""
        return [[*pair.handle, *pair.target] for pair in value]

    def describe(self) -> dict[str, Any]:
        """Which picture they lie on, and how many."""
        return super().describe() | {"on": self.on, "least": self.least, "most": self.most}


@dataclass(frozen=True)
class Paint(Kind):
    """A mask painted on the picture of another input; arrives as a `Mask` or None."""

    _: KW_ONLY
    on: str = "subject"

    accepts: ClassVar[tuple[Any, ...]] = (Mask,)

    def bound(self, value: Any, field: str) -> None:
        """As long as the base64 of a mask of 25 megapixels may be."""
        refuse_long(value, field, MOST_MASK_TEXT)

    def check(self, value: Any, field: str) -> Mask | None:
        """A bool array, a black-and-white picture (white may change) or base64 of one; None or all black is no mask."""
        if value is None or (isinstance(value, str) and not value):
            return None
        if isinstance(value, np.ndarray) and value.dtype == np.bool_ and value.ndim == 2:
            mask = value
        else:
            mask = read_mask(png_of(value, field) if isinstance(value, str) else value, field)
        return mask if mask.any() else None

    def check_on(self, value: Mask | None, subject: Subject, field: str) -> None:
        """Raise BadInput if the mask has another size than the picture."""
        if value is not None and value.shape[::-1] != subject.size:
            mine, theirs = ("{} × {}".format(*size) for size in (value.shape[::-1], subject.size))
            raise BadInput(field, f"is {mine} pixels but the picture is {theirs}", "Make them the same size.")

    def record(self, value: Mask | None) -> str | None:
        """base64 of a one-bit PNG, so that a recipe can be replayed."""
        if value is None:
            return None
        buffer = io.BytesIO()
        Image.fromarray(value).save(buffer, "PNG", optimize=True)
        return "png:" + base64.b64encode(buffer.getvalue()).decode()

    def describe(self) -> dict[str, Any]:
        """Which picture it lies on."""
        return super().describe() | {"on": self.on}


def read_mask(source: object, field: str) -> Mask:
    """The mask that a picture is, whatever `read_picture` takes: white may change. Raises BadInput as there."""
    mask: Mask = read_picture(source, field).sum(axis=2, dtype=np.uint16) > 3 * 127
    return mask


def read_layer(path: str, field: str) -> Mask | None:
    """What was painted on a clear layer, if the file is a PNG of one, else None. Raises BadInput for a costly file."""
    with open(path, "rb") as stream:
        refuse_costly(stream, field, MOST_PIXELS)
        try:
            with Image.open(stream, formats=("PNG",)) as image:
                clear = image.mode == "RGBA" and math.prod(image.size) <= MOST_PIXELS
                alpha = np.asarray(image.getchannel("A")) if clear else None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None  # another format, or damaged: whoever reads it next says what is wrong
    return alpha > 127 if alpha is not None and alpha.min() < 255 else None


def png_of(text: str, field: str) -> bytes | str:
    """The bytes of a PNG that come as text, ``png:`` and base64; any other text as it is. Raises BadInput."""
    if not text.startswith("png:"):
        return text
    try:
        return base64.b64decode(text.removeprefix("png:"), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(field, "is not the base64 of a PNG") from None


def _pair(row: Any, field: str) -> Pair:
    try:
        flat = [*row[0], *row[1]] if len(row) == 2 else list(row)
        x, y, to_x, to_y = (float(number) for number in flat)
    except (TypeError, ValueError, IndexError, KeyError):
        raise BadInput(field, "must be four numbers", "Write [x, y, x, y]: from where, to where.") from None
    if not all(map(math.isfinite, (x, y, to_x, to_y))):
        raise BadInput(field, "must be four finite numbers")
    return Pair((x, y), (to_x, to_y))
