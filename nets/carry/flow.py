"""Dense optical flow without weights: iterated Lucas-Kanade over a pyramid, in both directions.

Lucas and Kanade 1981; the pyramid and the iterations as Bouguet 2000, "Pyramidal Implementation of the Lucas Kanade
Feature Tracker", for every pixel at once; forward-backward check as Kalal et al. 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

ROUNDS = 4  # at every level of the pyramid
FLATTEST = 2e-4
"""Added to the squared slopes: where there is nothing to see, nothing moves."""
FARTHEST = 1.5  # pixels that one round moves at most
SMALL = 512
"""Pixels of a side up to which means over squares are products of matrices: three to ten times as quick as sums."""


class Flow(NamedTuple):
    """Where each pixel of `after` was in `before`, less its own place: [s, s, 2] pixels; and how far one may trust it.

    trust [s, s]: 1 where going there and back again ends where it began, down to 0.
    """

    field: Tensor
    trust: Tensor


def flow(before: Tensor, after: Tensor, levels: int = 3, window: int = 9, rounds: int = ROUNDS) -> Flow:
    """The flow from `after` back to `before`, both [3, h, w] in 0..1.

    levels: of the pyramid; each finds movements twice as large. window: side of the square that moves as one, odd.
    rounds: at every level of the pyramid.
    """
    sizes = [tuple(max(8, side >> level) for side in before.shape[1:]) for level in range(levels)]
    pairs = [(smaller(before, size), smaller(after, size)) for size in sizes]
    back = _from_coarse(pairs, window, rounds)
    there = _from_coarse([(new, old) for old, new in pairs], window, rounds)
    again = warped(there, back)
    trust = torch.exp(-(length(back + again) / (0.5 + 0.1 * (length(back) + length(again)))).square())
    return Flow(back.permute(1, 2, 0), trust)


def warped(picture: Tensor, field: Tensor, mode: str = "bilinear") -> Tensor:
    """The picture [C, h, w] at each pixel's place plus `field` [2, h, w] (x, y)."""
    places, scale = _places(*picture.shape[1:])
    grid = torch.addcmul(places, field.permute(1, 2, 0), scale)
    return F.grid_sample(picture[None], grid[None].to(picture), mode, "border", align_corners=False)[0]


@lru_cache(maxsize=16)
def _places(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Where pixels lie in -1..1, [h, w, 2], and what one pixel is there, [2]."""
    scale = 2 / torch.tensor([width, height])
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (torch.stack([x, y], -1) + 0.5) * scale - 1, scale


def smaller(picture: Tensor, size: tuple[int, ...]) -> Tensor:
    """The picture [C, h, w] averaged to a size; itself where it has that."""
    return picture if picture.shape[1:] == size else F.interpolate(picture[None], size, mode="area")[0]


def _from_coarse(pairs: Sequence[tuple[Tensor, Tensor]], window: int, rounds: int) -> Tensor:
    """[2, h, w]: where each pixel of the first pair's second picture was; the pairs are a pyramid, finest first."""
    field = torch.zeros_like(pairs[-1][0][:2])
    for old, new in reversed(pairs):
        if field.shape[1:] != old.shape[1:]:
            scale = old.shape[2] / field.shape[2]
            field = F.interpolate(field[None], old.shape[1:], mode="bilinear", align_corners=False)[0] * scale
        for _ in range(rounds):
            field = _improved(old, new, field, window)
    return field


def _improved(before: Tensor, after: Tensor, field: Tensor, window: int) -> Tensor:
    """One round: the least-squares step of each pixel's window."""
    seen = warped(before, field)
    slope_x, slope_y = (_slope(seen, axis) + _slope(after, axis) for axis in (2, 1))
    slope_x, slope_y, change = slope_x / 2, slope_y / 2, after - seen
    products = [slope_x * slope_x, slope_x * slope_y, slope_y * slope_y, slope_x * change, slope_y * change]
    maps = torch.stack([product.sum(0) for product in products])[None]
    xx, xy, yy, xt, yt = _smooth(maps, window)[0]
    xx, yy = xx + FLATTEST, yy + FLATTEST
    det = (xx * yy - xy * xy).clamp(min=1e-12)
    step = torch.stack([yy * xt - xy * yt, xx * yt - xy * xt]) / det
    step = step.clamp(-FARTHEST, FARTHEST)
    return _smooth((field + step)[None], 5)[0]


def _slope(picture: Tensor, axis: int) -> Tensor:
    """Central differences along an axis, of the same shape."""
    size = picture.shape[axis]
    padded = torch.cat([picture.narrow(axis, 0, 1), picture, picture.narrow(axis, size - 1, 1)], axis)
    return (padded.narrow(axis, 2, size) - padded.narrow(axis, 0, size)) / 2


def _smooth(maps: Tensor, window: int) -> Tensor:
    """A tent over the window, as two boxes."""
    side = window // 2 + 1
    side += 1 - side % 2
    return _means(maps, side // 2, 2)


def box(maps: Tensor, radius: int) -> Tensor:
    """The mean of maps [1, C, h, w] over squares of 2 radius + 1."""
    return _means(maps, radius, 1)


def _means(maps: Tensor, radius: int, times: int) -> Tensor:
    """So many boxes one after another, along rows and then columns."""
    height, width = maps.shape[2:]
    if max(height, width) <= SMALL:
        return _spread(height, radius, times) @ (maps @ _spread(width, radius, times).T)
    side = 2 * radius + 1
    for _ in range(times):
        padded = F.pad(maps, [radius] * 4, mode="replicate")
        maps = F.avg_pool2d(F.avg_pool2d(padded, (1, side), 1), (side, 1), 1)
    return maps


@cache
def _spread(size: int, radius: int, times: int) -> Tensor:
    """[size, size]: how much of each place boxes along one axis put into each; what lies beyond the rim is the rim."""
    at = torch.arange(size)
    near = (at[:, None] + torch.arange(-radius, radius + 1)).clamp(0, size - 1)
    once = torch.zeros(size, size).scatter_add_(1, near, torch.full(near.shape, 1 / (2 * radius + 1)))
    return torch.linalg.matrix_power(once, times)


def length(field: Tensor, axis: int = 0) -> Tensor:
    """Of vectors (x, y) along an axis; several times as quick as a norm."""
    return torch.hypot(field.select(axis, 0), field.select(axis, 1))
