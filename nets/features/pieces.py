"""A picture restyled tile by tile: first its moments are gathered, then each tile is mapped and decoded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from nets.features.bases import Divided, Trunk, divided, room_for
from nets.features.decoder import Decoder
from nets.features.moments import Affine, Moments
from nets.features.tiles import Tile, rim_of, shrunk, tiles, to_net
from nets.freed import give_back

SIDES = {1: 256, 2: 256, 3: 512, 4: 512}
"""Of the kept part of a tile, by tap: shallow taps are large, deep ones look far, and wide tiles throw away less."""

PIXELS = 10**6
"""That are encoded or decoded before freed memory is handed back: to ask the system for more takes time as well."""


@torch.no_grad()
def moments_by_tap(net: Trunk | Divided, picture: Tensor, taps: int, seen: Tensor | None = None) -> list[Moments]:
    """Moments of relu1_1 to relu`taps`_1 of a picture [1, 3, h, w], in one pass; `seen`: weights [1, 1, h, w]."""
    found = [Moments() for _ in range(taps)]
    for tile in tiles(picture.shape[2], picture.shape[3], rim_of(taps) // 2):
        for number, features in enumerate(net(to_net(tile.seen(picture)), taps)):
            rows, columns = tile.inner(2**number)
            weights = None if seen is None else shrunk(seen[:, :, tile.rows, tile.columns].float(), 2**number)
            found[number].add(features[:, :, rows, columns], weights)
    return found


class Pieces:
    """A picture's tiles with their features of one tap.

    What most of the work of encoding leads to is kept for the second look, as long as there is room for it
    (`nets.features.bases`); else each tile is encoded again.

    Args:
        net: the trunk.
        picture: [1, 3, h, w], uint8, or floats in 0..1.
        tap: from 1 to 4.
        side: of the tiles; by default as wide as is good for that tap.
    """

    def __init__(self, net: Trunk | Divided, picture: Tensor, tap: int, side: int | None = None) -> None:
        self.net, self.picture, self.tap = divided(net), picture, tap
        self.step, self.size = 2 ** (tap - 1), (picture.shape[2], picture.shape[3])
        self.tiles = tiles(*self.size, rim_of(tap), side or SIDES[tap])
        self.reach = rim_of(tap) // 2
        self._kept: Tensor | None = None
        self._worked = 0

    def _base(self, tile: Tile) -> Tensor:
        return self.net.base(to_net(tile.seen(self.picture)), self.tap)

    def _tidied(self, tile: Tile) -> None:
        self._worked += (tile.rows.stop - tile.rows.start) * (tile.columns.stop - tile.columns.start)
        if self._worked >= PIXELS:
            self._worked = 0
            give_back()

    @torch.no_grad()
    def features(self, tile: Tile) -> Tensor:
        """relu`tap`_1 of a tile, with the rim that a decoder looks at."""
        self._tidied(tile)
        near = tile.nearer(self.reach)
        if self._kept is None:
            wide = tile
            base = self._base(wide)
        else:
            wide = tile.nearer(self.reach + self.step)  # the last convolution looks one place far
            base = wide.seen(self._kept, self.step).float()
        rows, columns = near.within(wide, self.step)
        return self.net.top(base, self.tap)[:, :, rows, columns]

    @torch.no_grad()
    def moments(
        self, regions: Sequence[Tensor | None] = (None,), tick: Callable[[], None] = lambda: None
    ) -> list[Moments]:
        """Moments over each region, weights [1, 1, h, w] or None for all of it; `tick` is called at each tile."""
        found = [Moments() for _ in regions]
        for number, tile in enumerate(self.tiles):
            tick()
            self._tidied(tile)
            near = tile.nearer(self.reach)
            base = self._base(near)
            rows, columns = near.inner(self.step)
            if not number and self.tap > 1:  # up to the first tap there is next to no work
                self._kept = room_for(base, *(math.ceil(length / self.step) for length in self.size))
            if self._kept is not None:
                tile.nearer(0).seen(self._kept, self.step).copy_(base[:, :, rows, columns])
            features = self.net.top(base, self.tap)[:, :, rows, columns]
            for moments, region in zip(found, regions, strict=True):
                weights = None if region is None else shrunk(region[:, :, tile.rows, tile.columns].float(), self.step)
                moments.add(features, weights)
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
            near = tile.nearer(self.reach)
            height, width = (part.stop - part.start for part in (near.outer_rows, near.outer_columns))
            made = decoder(_moved(self.features(tile), near, parts, self.step), height, width)
            rows, columns = near.inner()
            yield tile, made[:, :, rows, columns]
        self._kept = None


def _moved(features: Tensor, tile: Tile, parts: Sequence[tuple[Affine, Tensor | None]], step: int) -> Tensor:
    if len(parts) == 1 and parts[0][1] is None:
        return parts[0][0](features)
    moved, left = torch.zeros_like(features), features.new_ones(1, 1, *features.shape[2:])
    for affine, region in parts:
        weights = left if region is None else shrunk(tile.seen(region).float(), step)
        moved += weights * affine(features)
        left = left - weights
    return moved + left * features
