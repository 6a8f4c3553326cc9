"""The tiles of a picture that is worked on piece by piece: bounded memory, and no seam.

Every piece is computed with a rim of what lies around it, as wide as the network looks; the rim is thrown away. Pieces
begin at multiples of 8 pixels, so that pooling falls as it does in the whole picture. At the picture's own edge there
is no rim, and the network mirrors as it would in one go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 512
"""Of the part of a piece that is kept, in pixels."""


@dataclass(frozen=True)
class Tile:
    """Rows and columns of the kept part, and of the part that is computed, in pixels of the picture."""

    rows: slice
    columns: slice
    outer_rows: slice
    outer_columns: slice

    def inner(self, step: int = 1) -> tuple[slice, slice]:
        """The kept part within the computed one, at 1 / step of the size."""
        return _of(self.rows, self.outer_rows.start, step), _of(self.columns, self.outer_columns.start, step)

    def within(self, other: Tile, step: int = 1) -> tuple[slice, slice]:
        """The computed part within a wider one, at 1 / step of the size."""
        rows, columns = other.outer_rows.start, other.outer_columns.start
        return _of(self.outer_rows, rows, step), _of(self.outer_columns, columns, step)

    def seen(self, picture: Tensor, step: int = 1) -> Tensor:
        """The computed part of a picture [1, C, h, w], or of what is 1 / step of its size."""
        return picture[:, :, _of(self.outer_rows, 0, step), _of(self.outer_columns, 0, step)]

    def nearer(self, rim: int) -> Tile:
        """The same tile with a rim of at most that many pixels."""
        rows, columns = (
            slice(max(outer.start, kept.start - rim), min(outer.stop, kept.stop + rim))
            for kept, outer in ((self.rows, self.outer_rows), (self.columns, self.outer_columns))
        )
        return Tile(self.rows, self.columns, rows, columns)


def _of(part: slice, start: int, step: int) -> slice:
    """A part of what begins at `start`, at 1 / step of the size."""
    return slice((part.start - start) // step, math.ceil((part.stop - start) / step))


def tiles(height: int, width: int, rim: int, side: int = SIDE, step: int = 8) -> list[Tile]:
    """Tiles that cover a picture, row by row; they begin at multiples of `step`, as rim and side are."""

    def along(length: int) -> list[tuple[slice, slice]]:
        count = max(1, math.ceil(length / side))
        pace = math.ceil(length / count / step) * step
        starts = range(0, length, pace)
        ends = [min(length, start + pace) for start in starts]
        return [(slice(a, b), slice(max(0, a - rim), min(length, b + rim))) for a, b in zip(starts, ends, strict=True)]

    return [Tile(r, c, outer_r, outer_c) for r, outer_r in along(height) for c, outer_c in along(width)]


def rim_of(tap: int) -> int:
    """Pixels that encoding up to relu`tap`_1 and decoding again look beyond a place; either half as far."""
    return 8 << (tap - 1)


def to_net(pixels: Tensor) -> Tensor:
    """Pixels [1, 3, h, w], uint8, or floats in 0..1, as the trunk takes them."""
    return pixels.float() / 127.5 - 1 if pixels.dtype == torch.uint8 else pixels.float() * 2 - 1


def to_pixels(made: Tensor) -> Tensor:
    """A network's picture as uint8."""
    return ((made.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def shrunk(weights: Tensor, step: int) -> Tensor:
    """Weights [1, 1, h, w] averaged over the places of a tap, which are `step` pixels wide."""
    return weights if step == 1 else F.avg_pool2d(weights, step, ceil_mode=True, count_include_pad=False)
