"""What every pixel of a picture shows: one part's number for each, and a palette that names and colours the parts."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.errors import BadInput, BadSpec
from registry.subjects.label_colours import indices_of
from registry.subjects.layers import Pixels
from registry.subjects.masks import Mask
from registry.subjects.pixels import refuse_size

Colour = tuple[int, int, int]
"""RGB, 0 to 255."""

MOST_LABELS = 256


@dataclass(frozen=True)
class Palette:
    """The parts that a label map can have. The first is the background: what is there where nothing is painted.

    A sketch has a palette of two, the paper and the line.

    Attributes:
        names: of the parts, as a person reads them; all different.
        colours: RGB of each in pictures, 0 to 255; all different.

    Raises:
        BadSpec: they do not fit together.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...]

    def __post_init__(self) -> None:
        if len(self.names) != len(self.colours):
            raise BadSpec(f"a palette has {len(self.names)} names but {len(self.colours)} colours")
        if not 2 <= len(self.names) <= MOST_LABELS:
            raise BadSpec(f"a palette has 2 to {MOST_LABELS} parts, not {len(self.names)}")
        if not all(isinstance(name, str) and 0 < len(name.strip()) <= 40 and name.isprintable() for name in self.names):
            raise BadSpec("the parts of a palette need names of 1 to 40 letters")
        for colour in self.colours:
            if len(colour) != 3 or not all(isinstance(level, int) and 0 <= level <= 255 for level in colour):
                raise BadSpec(f"{colour!r} is no colour: write three whole numbers from 0 to 255")
        for what, found in (("name", self.names), ("colour", self.colours)):
            if len(set(found)) < len(found):
                raise BadSpec(f"two parts of a palette have the same {what}")

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """The number of a part. Raises BadSpec for a name that it does not have."""
        if name not in self.names:
            raise BadSpec(f"{name!r} is no part of the palette, which has: {', '.join(self.names)}")
        return self.names.index(name)

    def hexes(self) -> list[str]:
        """The colours as #rrggbb."""
        return ["#{:02x}{:02x}{:02x}".format(*colour) for colour in self.colours]

    def describe(self) -> list[dict[str, str]]:
        """As JSON: name and colour of each part, in order."""
        return [{"name": name, "colour": colour} for name, colour in zip(self.names, self.hexes(), strict=True)]


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A label map.

    Attributes:
        indices: uint8 [height, width], the number of the part that each pixel shows.
        palette: what the numbers mean.

    Raises:
        BadSpec: the array is no such thing, or holds a number that the palette does not have.
    """

    indices: NDArray[np.uint8]
    palette: Palette

    def __post_init__(self) -> None:
        array = self.indices
        if not isinstance(array, np.ndarray) or array.ndim != 2 or array.dtype != np.uint8 or not array.size:
            raise BadSpec("a label map is a uint8 array [height, width]")
        if int(array.max()) >= len(self.palette):
            raise BadSpec(f"a label map holds the number {array.max()}, but its palette has {len(self.palette)} parts")

    @classmethod
    def from_picture(cls, picture: Pixels, palette: Palette, field: str = "labels", instead: str = "") -> LabelMap:
        """Read a label map out of a picture in the palette's colours, or a grey one of the parts' numbers.

        Args:
            picture: uint8 RGB [height, width, 3]. Rims that a JPEG or smooth edges blurred are made sharp again.
            palette: which colours there are.
            field: the input's name, for a refusal.
            instead: what to do with a photograph, as a sentence.

        Raises:
            BadInput: it holds another colour (named, with its place), is a photograph, too small or too large.
        """
        refuse_size((picture.shape[1], picture.shape[0]), field)
        return cls(indices_of(picture, palette.names, palette.colours, field, instead), palette)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.indices.shape[1], self.indices.shape[0]

    @cached_property
    def sha256(self) -> str:
        """Identity: of size, numbers and palette."""
        digest = hashlib.sha256("{}x{}:".format(*self.size).encode() + np.ascontiguousarray(self.indices).tobytes())
        digest.update(repr(list(zip(self.palette.names, self.palette.colours, strict=True))).encode())
        return digest.hexdigest()

    @property
    def parts(self) -> list[str]:
        """Names of the parts that are there, in the palette's order."""
        counts = np.bincount(self.indices.ravel(), minlength=len(self.palette))
        return [name for name, count in zip(self.palette.names, counts, strict=True) if count]

    def mask(self, *names: str) -> Mask:
        """bool [height, width], True where one of these parts is. Raises BadSpec for a name without a part."""
        mask: Mask = np.isin(self.indices, [self.palette.index(name) for name in names])
        return mask

    def picture(self) -> Pixels:
        """In the palette's colours, uint8 RGB [height, width, 3]."""
        pixels: Pixels = np.array(self.palette.colours, np.uint8)[self.indices]
        return pixels

    def one_hot(self) -> NDArray[np.float32]:
        """float32 [parts, height, width], 1 where a pixel shows the part."""
        hot: NDArray[np.float32] = (self.indices == np.arange(len(self.palette))[:, None, None]).astype(np.float32)
        return hot

    def resized(self, size: tuple[int, int], thin: tuple[str, ...] = ()) -> LabelMap:
        """The same map at another (width, height): parts are never mixed, edges stay sharp.

        Args:
            size: (width, height).
            thin: parts that take a pixel as soon as they touch it, so that a line of one pixel survives being made
                smaller; the later ones win.
        """
        if size == self.size:
            return self
        image = Image.fromarray(self.indices)
        made = np.array(image.resize(size, Image.Resampling.NEAREST))
        if size[0] < self.size[0] or size[1] < self.size[1]:
            best = np.zeros((size[1], size[0]), np.float32)
            for name in self.parts:
                number = self.palette.index(name)
                covered = np.array(_covered(self.indices == number, size))
                made[covered > best] = number
                best = np.maximum(best, covered)
            for name in thin:
                made[_covered(self.mask(name), size) > 0] = self.palette.index(name)
        return LabelMap(made, self.palette)

    def png(self) -> bytes:
        """A PNG whose colours are the palette's, as any program shows them, and whose numbers are the parts'."""
        image = Image.fromarray(self.indices).convert("P")
        image.putpalette([level for colour in self.palette.colours for level in colour])
        buffer = io.BytesIO()
        image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def _covered(mask: Mask, size: tuple[int, int]) -> NDArray[np.float32]:
    """The share of each pixel of a picture of another size that a mask covers, float32 [height, width]."""
    image = Image.fromarray(mask.astype(np.float32))
    shares: NDArray[np.float32] = np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)
    return shares


def as_label_map(value: Any, palette: Palette, field: str) -> LabelMap:
    """A label map out of one, or out of an array of whole numbers [height, width].

    Raises:
        BadInput: it has another palette, or a number that the palette does not have.
    """
    if isinstance(value, LabelMap):
        if value.palette != palette:
            raise BadInput(
                field, "has another palette than this editor's", "Give its picture, in this editor's colours."
            )
        return value
    refuse_size((value.shape[1], value.shape[0]), field)
    low, high = int(value.min()), int(value.max())
    if low < 0 or high >= len(palette):
        wrong = low if low < 0 else high
        raise BadInput(field, f"holds the number {wrong}, which is no part", f"Parts are 0 to {len(palette) - 1}.")
    return LabelMap(np.ascontiguousarray(value.astype(np.uint8)), palette)
