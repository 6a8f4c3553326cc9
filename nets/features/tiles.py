"""A picture restyled piece by piece: bounded memory, and no seam.

Every piece is computed with a rim of what lies around it, as wide as the network looks; the rim is thrown away. Pieces
begin at multiples of 8 pixels, so that pooling falls as it does in the whole picture. At the picture's own edge there
is no rim, and the network mirrors as it would in one go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features.coloured import Coloured
from nets.features.decoder import Decoder
from nets.features.moments import Affine, Moments
from nets.freed import give_back

Trunk = Callable[[Tensor, int], list[Tensor]]
"""Pictures [N, 3, h, w] in -1..1, and how many taps → relu1_1 …: a `FeatureNet`, with or without colours beside it."""

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
        pairs = ((self.rows, self.outer_rows), (self.columns, self.outer_columns))
        rows, columns = (
            slice((kept.start - outer.start) // step, math.ceil((kept.stop - outer.start) / step))
            for kept, outer in pairs
        )
        return rows, columns

    def seen(self, picture: Tensor) -> Tensor:
        """The computed part of a picture [1, C, h, w]."""
        return picture[:, :, self.outer_rows, self.outer_columns]


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
    """Pixels that encoding up to relu`tap`_1 and decoding again look beyond a place, rounded up."""
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


@torch.no_grad()
def moments_by_tap(net: Trunk, picture: Tensor, taps: int, seen: Tensor | None = None) -> list[Moments]:
    """Moments of relu1_1 to relu`taps`_1 of a picture [1, 3, h, w], in one pass; `seen`: weights [1, 1, h, w]."""
    found = [Moments() for _ in range(taps)]
    for tile in tiles(picture.shape[2], picture.shape[3], rim_of(taps)):
        for number, features in enumerate(net(to_net(tile.seen(picture)), taps)):
            rows, columns = tile.inner(2**number)
            weights = None if seen is None else shrunk(seen[:, :, tile.rows, tile.columns].float(), 2**number)
            found[number].add(features[:, :, rows, columns], weights)
    return found


class Pieces:
    """A picture's tiles with their features of one tap; a picture of one tile is only looked at once.

    Args:
        net: the trunk.
        picture: [1, 3, h, w], uint8, or floats in 0..1.
        tap: from 1 to 4.
        side: of the tiles.
    """

    def __init__(self, net: Trunk, picture: Tensor, tap: int, side: int = SIDE) -> None:
        self.net, self.picture, self.tap = net, picture, tap
        self.step, self.size = 2 ** (tap - 1), (picture.shape[2], picture.shape[3])
        self.tiles = tiles(*self.size, rim_of(tap), side)
        self._only: Tensor | None = None

    @torch.no_grad()
    def features(self, tile: Tile) -> Tensor:
        """relu`tap`_1 of a tile with its rim."""
        if self._only is not None:
            return self._only
        give_back()
        seen = to_net(tile.seen(self.picture))
        net = self.net
        found = net.deepest(seen, self.tap) if isinstance(net, Coloured) else net(seen, self.tap)[-1]
        if len(self.tiles) == 1:
            self._only = found
        return found

    @torch.no_grad()
    def moments(
        self, regions: Sequence[Tensor | None] = (None,), tick: Callable[[], None] = lambda: None
    ) -> list[Moments]:
        """Moments over each region, weights [1, 1, h, w] or None for all of it; `tick` is called at each tile."""
        found = [Moments() for _ in regions]
        for tile in self.tiles:
            tick()
            features = self.features(tile)
            rows, columns = tile.inner(self.step)
            for moments, region in zip(found, regions, strict=True):
                weights = None if region is None else shrunk(region[:, :, tile.rows, tile.columns].float(), self.step)
                moments.add(features[:, :, rows, columns], weights)
        return found

    @torch.no_grad()
    def mapped(self, decoder: Decoder, parts: Sequence[tuple[Affine, Tensor | None]]) -> Iterator[tuple[Tile, Tensor]]:
        """Each tile, and what becomes of its kept part [1, 3, h, w], in about -1..1.

        Args:
            decoder: that of this tap.
            parts: a map, and the weights [1, 1, h, w] of where it holds (None: wherever no other does); where the
                weights sum to less than 1 the picture's own features stay.
        """
        for tile in self.tiles:
            features = self.features(tile)
            height, width = (part.stop - part.start for part in (tile.outer_rows, tile.outer_columns))
            made = decoder(_moved(features, tile, parts, self.step), height, width)
            rows, columns = tile.inner()
            yield tile, made[:, :, rows, columns]


def _moved(features: Tensor, tile: Tile, parts: Sequence[tuple[Affine, Tensor | None]], step: int) -> Tensor:
    if len(parts) == 1 and parts[0][1] is None:
        return parts[0][0](features)
    moved, left = torch.zeros_like(features), features.new_ones(1, 1, *features.shape[2:])
    for affine, region in parts:
        weights = left if region is None else shrunk(tile.seen(region).float(), step)
        moved += weights * affine(features)
        left = left - weights
    return moved + left * features
