"""An input that is a label map: what each pixel of a picture shows, or shall show; painted on the page."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from registry.bounds import refuse_long
from registry.errors import BadInput, BadSpec
from registry.inputs.kind import FILE_SCHEMA, Kind, Option, Uploads
from registry.subjects import LabelMap, Layers, Palette, Pixels, Subject, as_label_map, read_layers

MOST_TEXT = 6_000_000
"""Characters of a label map as base64 of a PNG; a recipe has room for a sixth of it."""

_FORM = "Give a picture in the palette's colours, or the base64 of its PNG."
SHAPES_APART = 0.02  # that width : height may differ by, which is rounding


@dataclass(frozen=True)
class LabelMapInput(Kind):
    """A label map in one palette; arrives as a `LabelMap`. The page has a painter for it.

    A sketch is the same with a palette of two: the paper and the line.

    Attributes:
        palette: the parts that there are; the first is the background.
        parsed_by: id of an editor (task ``parse``) that makes such a map of a picture, as a picture in the palette's
            colours: the painter's button “From the picture” runs it with its defaults.
        on: the input whose picture the map must have the shape of, at any size; empty: it has a shape of its own.
        needs: parts that have to be in it.
        size: (width, height) of a fresh canvas where there is no picture to go by.
    """

    palette: Palette
    _: KW_ONLY
    parsed_by: str | None = None
    on: str = ""
    needs: tuple[str, ...] = ()
    size: tuple[int, int] = (256, 256)

    accepts: ClassVar[tuple[Any, ...]] = (LabelMap,)
    is_painted: ClassVar[bool] = True

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The picture, if it lies on one."""
        return (self.on,) if self.on else ()

    @property
    def read_by(self) -> str:
        """The editor that makes one of a picture."""
        return self.parsed_by or ""

    def verify(self, annotation: type) -> None:
        """As every kind; and its palette has what it needs."""
        super().verify(annotation)
        if not isinstance(self.palette, Palette):
            raise BadSpec("LabelMapInput needs a Palette: LabelMapInput(Palette(names, colours), doc=…)")
        for name in self.needs:
            self.palette.index(name)
        if not all(16 <= side <= 2048 for side in self.size):
            raise BadSpec("the size of a fresh canvas must be 16 to 2048 pixels each way")

    def bound(self, value: Any, field: str) -> None:
        """As long as the base64 of a large map may be."""
        refuse_long(value, field, MOST_TEXT)

    def check(self, value: Any, field: str) -> LabelMap:
        """A LabelMap, numbers [h, w], a picture in the palette's colours (array, file, bytes), base64, a recipe's."""
        known = value.get("sha256") if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            value = self.recorded(value, field)["png"]
        labels = self._read(_png_of(value, field), field)
        if known is not None and labels.sha256 != known:
            raise BadInput(field, "is not the label map that its sha256 says", "Choose the file that Facet saved.")
        self._judge(labels, field)
        return labels

    def check_on(self, value: LabelMap | None, other: Any, field: str) -> None:
        """Raise BadInput if the map has another shape than the picture; another size is fine."""
        if value is None or not isinstance(other, Subject):
            return
        (wide, high), (width, height) = value.size, other.size
        if abs(wide * height / (high * width) - 1) > SHAPES_APART:
            why = f"is {wide} × {high} pixels, another shape than the picture of {width} × {height}"
            raise BadInput(field, why, "Crop the one to the shape of the other; the sizes may differ.")

    def record(self, value: LabelMap) -> dict[str, Any]:
        """Its sha256, its size, and itself as base64 of a PNG with the palette, so that a recipe can be replayed."""
        width, height = value.size
        png = "png:" + base64.b64encode(value.png()).decode()
        return {"sha256": value.sha256, "width": width, "height": height, "png": png}

    def recorded(self, row: Any, field: str) -> Any:
        """A label map in the recipe itself; never a path."""
        png = row.get("png") if isinstance(row, Mapping) else None
        if not isinstance(png, str) or not png.startswith("png:"):
            raise BadInput(field, "is not recorded as a label map", "Choose the file that Facet saved.")
        return row

    def describe(self) -> dict[str, Any]:
        """The palette, who parses, and what has to be there."""
        row = super().describe() | {"palette": self.palette.describe(), "needs": list(self.needs)}
        return row | {"parsed_by": self.parsed_by, "on": self.on or None}

    def schema(self) -> dict[str, Any]:
        """A file."""
        return dict(FILE_SCHEMA)

    def limits(self) -> str:
        """Its form, and the palette."""
        rows = zip(self.palette.names, self.palette.hexes(), strict=True)
        colours = ", ".join(f"{name} {colour}" for name, colour in rows)
        shape = f" Of the shape of {self.on}." if self.on else ""
        made = f" “{self.parsed_by}” makes one of a picture." if self.parsed_by else ""
        return f"A picture in these colours, or base64 of its PNG: {colours}.{shape}{made}"

    def takes(self) -> str:
        """How many parts."""
        if len(self.palette) == 2:
            return f"a drawing: {self.palette.names[1]} on {self.palette.names[0]}"
        return f"a label map of {len(self.palette)} parts"

    def option(self) -> Option:
        """A file."""
        return Option("PICTURE", "In the palette's colours; “facet list --json” has them.", example="labels.png")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the painter sent, a file, or base64 of a PNG; text is never taken for a path."""
        if isinstance(raw, Mapping) and ("png" in raw or "file" in raw):
            raw = raw.get("png") or raw.get("file")
        if raw is None or raw == "" or isinstance(raw, LabelMap):
            return raw or None
        self.bound(raw, field)
        source = _png_of(raw, field)
        if isinstance(source, str):
            raise BadInput(field, "must be a label map", _FORM)
        source = source if isinstance(source, bytes) else uploads.path(source, field)
        return self._in_layers(uploads.layers(source, field), field)

    def read(self, picture: Pixels, field: str) -> LabelMap:
        """The map in a picture's colours; a photograph is offered to be parsed. Raises BadInput."""
        return LabelMap.from_picture(picture, self.palette, field, self.instead)

    def end_values(self) -> list[Any]:
        """None: what an editor does with a map depends on its picture."""
        return []

    def wrong_values(self) -> list[Any]:
        """Empty, numbers and colours of no part, a photograph, no file, no picture, too small."""
        high, wide = 48, 40
        spread = np.random.default_rng(0).integers(0, 256, (high, wide, 3)).astype(np.uint8)
        values: list[Any] = [np.zeros((high, wide), np.uint8), spread, "no such file.png", "png:!", b"", 7]
        values += [np.ones((4, 4), np.uint8), np.full((high, wide), 255, np.uint8)] if len(self.palette) < 256 else []
        return [*values, {"png": "labels.png"}, {"sha256": "0" * 64}]

    def example(self, on: Subject | None = None) -> LabelMap:
        """Bands of all parts, what is needed first; of the picture's size."""
        width, height = on.size if on is not None else self.size
        order = [0, *(self.palette.index(name) for name in self.needs), *range(1, len(self.palette))]
        order = list(dict.fromkeys(order))[: max(2, width // 2)]
        bands = np.array(order, np.uint8)[np.arange(width) * len(order) // width]
        return LabelMap(np.ascontiguousarray(np.broadcast_to(bands, (height, width))), self.palette)

    @property
    def first(self) -> int:
        """The part that is painted first: what is needed, else the first after the background."""
        return self.palette.index(self.needs[0]) if self.needs else 1

    @property
    def instead(self) -> str:
        """What to do with a photograph where labels are wanted; empty if nothing can be done."""
        return (
            f"Make its labels first: “From the picture” on the page, or “facet {self.parsed_by}”."
            if self.parsed_by
            else ""
        )

    def _read(self, value: Any, field: str) -> LabelMap:
        if isinstance(value, LabelMap):
            return as_label_map(value, self.palette, field)
        if isinstance(value, np.ndarray):
            sound = value.size > 0
            if sound and value.ndim == 2 and np.issubdtype(value.dtype, np.integer):
                return as_label_map(value, self.palette, field)
        else:
            sound = bool(value) and isinstance(value, (str, bytes, os.PathLike, Image.Image))
        if not sound:
            raise BadInput(field, "must be a label map", _FORM)
        return self._in_layers(read_layers(value, field), field)

    def _in_layers(self, layers: Layers, field: str) -> LabelMap:
        """The map in a picture; where that is clear the background is to be seen, and no white paper."""
        if layers.original is not None:  # mixed colours are no labels
            raise BadInput(field, "has more than 25 megapixels", "Make it smaller first, without mixing its colours.")
        if layers.alpha is None:
            return self.read(layers.pixels, field)
        clear = 1 - layers.alpha[..., None] / np.float32(255)
        behind = layers.pixels - clear * (255 - np.array(self.palette.colours[0], np.float32))
        return self.read(behind.round().clip(0, 255).astype(np.uint8), field)

    def _judge(self, labels: LabelMap, field: str) -> None:
        there = labels.parts
        if there == [self.palette.names[0]]:
            what = f"shows {self.palette.names[0]} alone: nothing is painted in it"
            raise BadInput(field, what, f"Paint {' or '.join(self.needs or self.palette.names[1:4])} first.")
        if missing := [name for name in self.needs if name not in there]:
            raise BadInput(field, f"has no {' and no '.join(missing)}", "Paint it: nothing can be made without.")


def _png_of(value: Any, field: str) -> Any:
    """The bytes of a PNG that come as text; anything else as it is. Raises BadInput."""
    if not isinstance(value, str) or not value.startswith(("png:", "data:image/png;base64,")):
        return value
    text = value.removeprefix("png:").removeprefix("data:image/png;base64,")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(field, "is not the base64 of a PNG") from None
