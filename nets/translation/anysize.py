"""A network on a picture of any size: mirrored out to the multiples it wants, by tiles where it is large, cropped.

Nothing is ever stretched. Tiles of a network that looks `reach` pixels far have a rim as wide, which is thrown away, so
that there is no seam; those of one that looks at everything overlap and fade into each other. All tiles share the
statistics of pieces spread over the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nets.fast_style.normalisation import Statistics
from nets.features.tiles import Tile, tiles

Pass = Callable[[Tensor, Statistics], Tensor]
"""Pictures or label maps [N, C, h, w], and statistics to note or to use → pictures [N, 3, scale h, scale w]."""

OVERLAP = 64
"""Pixels on each side that tiles of a network without a reach share."""

PIECES, PIECE = 4, 256
"""Pieces along each side that statistics are taken from, and their least side."""


@dataclass(frozen=True)
class Way:
    """How a network is used.

    Attributes:
        run: the network.
        multiple: what height and width of its input must be multiples of.
        reach: pixels around a place that its colour depends on, or None where that is everything.
        most: pixels of one pass.
        scale: how many times larger its pictures are.
    """

    run: Pass
    multiple: int = 1
    reach: int | None = None
    most: int = 1_000_000
    scale: int = 1

    @property
    def step(self) -> int:
        """What tiles begin at multiples of; a network of everything does not care."""
        return self.multiple if self.multiple <= 64 else 8

    @property
    def exact(self) -> bool:
        """Whether tiles with a rim as wide as the reach are affordable."""
        return self.reach is not None and 4 * self.reach <= math.isqrt(self.most)

    @property
    def rim(self) -> int:
        """Pixels around the kept part of a tile."""
        return math.ceil((self.reach if self.exact and self.reach else OVERLAP) / self.step) * self.step


def mirrored(x: Tensor, height: int, width: int) -> Tensor:
    """x [N, C, h, w] continued below and to the right by its mirror image, as often as that takes."""
    for axis, length in ((2, height), (3, width)):
        own = x.shape[axis]
        if own < length:
            turn = max(1, 2 * own - 2)
            places = torch.arange(length, device=x.device) % turn
            x = x.index_select(axis, torch.where(places < own, places, turn - places))
    return x


def passed(way: Way, x: Tensor, statistics: Statistics | None = None) -> Tensor:
    """The network's picture of x [N, C, h, w], at its size times `way.scale`."""
    height, width = x.shape[2:]
    wide = mirrored(x, *(math.ceil(length / way.multiple) * way.multiple for length in (height, width)))
    made = way.run(wide, statistics if statistics is not None else Statistics())
    return made[:, :, : height * way.scale, : width * way.scale]


def noted(way: Way, x: Tensor) -> Statistics:
    """Statistics of pieces spread over x [1, C, h, w], all together."""
    sides = [min(max(PIECE, way.multiple), length) for length in x.shape[2:]]
    rows, columns = (
        sorted({round(n * (length - side) / (PIECES - 1)) for n in range(PIECES)})
        for length, side in zip(x.shape[2:], sides, strict=True)
    )
    pieces = [x[:, :, top : top + sides[0], left : left + sides[1]] for top in rows for left in columns]
    found = Statistics(joint=True)
    passed(way, torch.cat(pieces), found)
    return found


@torch.no_grad()
def drawn(
    way: Way, x: Tensor, check_stop: Callable[[], None] = lambda: None, seen: Statistics | None = None
) -> Iterator[tuple[float, slice, slice, Tensor]]:
    """The picture piece by piece: the share that is done, rows and columns of the picture, and what is there.

    Args:
        way: the network.
        x: picture or label map [1, C, h, w].
        check_stop: called before each piece.
        seen: statistics for the tiles; by default those of pieces spread over x.

    Yields:
        Rows and columns count in pixels of the result [1, 3, scale h, scale w]; a later piece may cover an earlier one.
    """
    height, width, scale = *x.shape[2:], way.scale
    check_stop()
    if height * width <= way.most:
        yield 1.0, slice(0, height * scale), slice(0, width * scale), passed(way, x)
        return
    side = max(way.step, (math.isqrt(way.most) - 2 * way.rim) // way.step * way.step)
    plan = tiles(height, width, way.rim, side, way.step)
    seen = noted(way, x) if seen is None else seen
    faded = None if way.exact else torch.zeros(1, 4, height * scale, width * scale)
    for number, tile in enumerate(plan, 1):
        check_stop()
        made = passed(way, tile.seen(x), seen.rewind()).float().cpu()
        if faded is None:
            rows, columns = (_times(part, scale) for part in (tile.rows, tile.columns))
            inner = [_times(part, scale) for part in tile.inner()]
            yield number / len(plan), rows, columns, made[:, :, inner[0], inner[1]]
        else:
            rows, columns = (_times(part, scale) for part in (tile.outer_rows, tile.outer_columns))
            weights = _ramps(tile, x.shape[2:], scale)
            faded[:, :, rows, columns] += torch.cat([made * weights, weights.expand(1, 1, -1, -1)], 1)
            there = faded[:, :, rows, columns]
            yield number / len(plan), rows, columns, there[:, :3] / there[:, 3:]


def _times(part: slice, scale: int) -> slice:
    return slice(part.start * scale, part.stop * scale)


def _ramps(tile: Tile, size: torch.Size, scale: int) -> Tensor:
    """Weights [h, w] of a tile: falling towards sides where others overlap it, never quite to 0."""
    ramps = []
    for outer, inner, length in ((tile.outer_rows, tile.rows, size[0]), (tile.outer_columns, tile.columns, size[1])):
        places = torch.arange(outer.start * scale, outer.stop * scale) + 0.5
        before, after = 2 * (inner.start - outer.start) * scale, 2 * (outer.stop - inner.stop) * scale
        weight = torch.ones(len(places))
        if outer.start > 0:
            weight = torch.minimum(weight, (places - outer.start * scale) / before)
        if outer.stop < length:
            weight = torch.minimum(weight, (outer.stop * scale - places) / after)
        ramps.append(weight.clamp_min(1e-3))
    return ramps[0][:, None] * ramps[1][None, :]
