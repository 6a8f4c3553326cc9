"""Inputs that are drawn on a picture: point pairs and a mask, both in source pixels, x right, y down."""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from PIL import Image

from registry.bounds import refuse_long
from registry.errors import BadInput
from registry.inputs.kind import FILE_SCHEMA, Kind, Option, Uploads
from registry.subjects import Mask, Placement, Subject, read_mask

__all__ = ["Mask", "MaskInput", "Pair", "Points"]


MASK_BYTES = 4 * 2**20
"""A mask as a PNG on its way from a browser."""


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
    is_mark: ClassVar[bool] = True

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

    def cut(self, value: list[Pair], where: Placement, side: int, field: str) -> list[Pair]:
        """Handles must lie in the square; targets beyond it end at its rim."""
        found = []
        for number, pair in enumerate(value, 1):
            handle, target = (where.into(point, side) for point in pair)
            if not all(0 <= part <= side - 1 for part in handle):
                fix = "Put it on the head, or choose an editor that needs no generator."
                raise BadInput(f"{field} {number}", "handle lies outside the part that the generator draws", fix)
            x, y = (min(max(part, 0.0), side - 1.0) for part in target)
            found.append(Pair(handle, (x, y)))
        return found

    def record(self, value: list[Pair]) -> list[list[float]]:
        """[[x, y, x, y], …]."""
        return [[*pair.handle, *pair.target] for pair in value]

    def describe(self) -> dict[str, Any]:
        """Which picture they lie on, and how many."""
        return super().describe() | {"on": self.on, "least": self.least, "most": self.most}

    def schema(self) -> dict[str, Any]:
        """A list of lists of numbers."""
        return {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}

    def limits(self) -> str:
        """Their form, and how many."""
        return f"[[x, y, to x, to y], …] in pixels of {self.on}, {self.least} to {self.most} of them."

    def takes(self) -> str:
        """How many."""
        return f"{self.least} to {self.most} point pairs on `{self.on}`"

    def option(self) -> Option:
        """JSON."""
        return Option("POINTS", "As [[x, y, to x, to y], …], in pixels.", example="[[40, 50, 60, 50]]")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """The page's rows without the empty ones, or what a client sent."""
        if raw is None:
            return []
        rows = raw.get("points", []) if isinstance(raw, Mapping) else raw
        if not isinstance(rows, list):
            return rows
        return [row for row in rows if not (isinstance(row, list) and all(cell == "" for cell in row))]


@dataclass(frozen=True)
class MaskInput(Kind):
    """A mask painted on the picture of another input; arrives as a `Mask` or None."""

    _: KW_ONLY
    on: str = "subject"

    accepts: ClassVar[tuple[Any, ...]] = (Mask,)
    nullable: ClassVar[bool] = True
    is_mark: ClassVar[bool] = True

    def bound(self, value: Any, field: str) -> None:
        """As long as the base64 of a mask of 25 megapixels may be."""
        refuse_long(value, field, MOST_MASK_TEXT)

    def check(self, value: Any, field: str) -> Mask | None:
        """What `registry.subjects.read_mask` takes, or base64 of a PNG; None and an empty text are no mask."""
        if value is None or (isinstance(value, str) and not value):
            return None
        return read_mask(_png_of(value, field), field)

    def check_on(self, value: Mask | None, subject: Subject, field: str) -> None:
        """Raise BadInput if the mask has another size than the picture."""
        if value is not None and value.shape[::-1] != subject.size:
            mine, theirs = ("{} × {}".format(*size) for size in (value.shape[::-1], subject.size))
            raise BadInput(field, f"is {mine} pixels but the picture is {theirs}", "Make them the same size.")

    def cut(self, value: Mask | None, where: Placement, side: int, field: str) -> Mask | None:
        """What of it lies in the square, which must be some of it."""
        if value is None:
            return None
        (x0, y0), (x1, y1), (x2, y2) = (where.out(point, side) for point in ((0, 0), (1, 0), (0, 1)))
        matrix = (x1 - x0, x2 - x0, x0, y1 - y0, y2 - y0, y0)
        # Pillow takes pixel centres as halves on both sides
        a, b, c, d, e, f = matrix
        moved = (a, b, c + 0.5 - (a + b) / 2, d, e, f + 0.5 - (d + e) / 2)
        levels = Image.fromarray(value.astype(np.uint8) * 255)
        made = levels.transform((side, side), Image.Transform.AFFINE, moved, Image.Resampling.BILINEAR)
        mask: Mask = np.asarray(made) > 127
        if not mask.any():
            raise BadInput(field, "lies outside the part that the generator draws", "Paint it on the head.")
        return mask

    def record(self, value: Mask | None) -> str | None:
        """base64 of a one-bit PNG, so that a recipe can be replayed."""
        if value is None:
            return None
        buffer = io.BytesIO()
        Image.fromarray(value).save(buffer, "PNG", optimize=True)
        return "png:" + base64.b64encode(buffer.getvalue()).decode()

    def recorded(self, row: Any, field: str) -> Any:
        """A mask in the recipe itself; never a path."""
        if not isinstance(row, str) or not row.startswith("png:"):
            raise BadInput(field, "is not recorded as a mask", "Choose the file that Facet saved.")
        return row

    def describe(self) -> dict[str, Any]:
        """Which picture it lies on."""
        return super().describe() | {"on": self.on}

    def schema(self) -> dict[str, Any]:
        """A file."""
        return dict(FILE_SCHEMA)

    def limits(self) -> str:
        """Its form and size."""
        return f"A black-and-white picture of the size of {self.on}; white may change."

    def takes(self) -> str:
        """A mask."""
        return f"a mask on `{self.on}`"

    def option(self) -> Option:
        """A file."""
        return Option("MASK", "A black-and-white picture: white may change.")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the canvas painted, a mask file, or the base64 of a PNG; `registry.subjects.masks` says what counts."""
        if isinstance(raw, Mapping) and ("png" in raw or "file" in raw):
            raw = raw.get("png") or raw.get("file")
        if raw is None or raw == "":
            return None
        if isinstance(raw, str):
            return uploads.mask(_png_of(_sent_text(raw, field), field), field)
        return uploads.mask(uploads.path(raw, field), field)


def _sent_text(raw: str, field: str) -> str:
    if not raw.startswith(("png:", "data:image/png;base64,")):
        raise BadInput(field, "must be a mask: a picture, or base64 of a PNG", "White may change, black may not.")
    if len(raw) * 3 / 4 > MASK_BYTES:
        size, most = (f"{count / 2**20:.1f}".removesuffix(".0") for count in (len(raw) * 3 / 4, MASK_BYTES))
        raise BadInput(field, f"has {size} MB, the most is {most}", "Paint a simpler one.")
    return "png:" + raw.removeprefix("png:").removeprefix("data:image/png;base64,")


def _png_of(value: Any, field: str) -> Any:
    """The bytes of a PNG that come as text, ``png:`` and base64; anything else as it is. Raises BadInput."""
    if not isinstance(value, str) or not value.startswith("png:"):
        return value
    try:
        return base64.b64decode(value.removeprefix("png:"), validate=True)
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
