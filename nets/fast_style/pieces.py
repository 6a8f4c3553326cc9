"""The pieces of a style's picture that paint is quilted of."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

BLOCK = 72
"""Side of the pieces, in pixels."""

PACE = 8
"""Pixels between the places that pieces are tried from; of a large picture more."""

FEW = 640
"""How many pieces are tried for one colour: those that have most of it, and lie most level where they shall."""

PULL, LEVEL = 1.0, 0.7
"""What a piece of another colour costs, and one whose strokes stand upright, beside the error over others."""

TURNS = 8
"""Directions, evenly through half a turn, that the picture is turned to where strokes shall lie level."""


class Pieces:
    """Places of a picture, as it is or turned, that pieces may be taken from.

    Args:
        style: [1, 3, h, w] in -1..1, at least `BLOCK` pixels each way.
        shares: how much of each of its colours is at each place, [1, K, h, w].
        level: whether strokes shall lie level; then pieces of the picture in `TURNS` directions are tried.
    """

    def __init__(self, style: Tensor, shares: Tensor, level: bool) -> None:
        half = BLOCK // 2  # pieces are compared at half their size
        self.spread = style.var().item()
        angles = [n * math.pi / TURNS for n in range(TURNS if level else 1)]
        self.pictures = torch.cat([_turned(style, angle, "bicubic") for angle in angles])
        self.small = F.avg_pool2d(self.pictures, 2)
        pace = PACE // 2 * max(1, round(max(style.shape[2:]) / 512))
        much = F.avg_pool2d(torch.cat([shares, torch.ones_like(shares[:, :1])], 1), 2)
        means = box_means(torch.cat([_turned(much, angle, "bilinear") for angle in angles]), half, pace)
        axes = [torch.arange(n) for n in (len(angles), *means.shape[2:])]
        places = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).view(-1, 3)
        inside = means[:, -1].flatten() > 0.999
        self.places = (places * torch.tensor([1, 2 * pace, 2 * pace]))[inside]
        """Which picture, row and column of each."""
        leaning = LEVEL * (1 - _level(self.small, half, pace)) / 2 if level else torch.zeros_like(means[:, 0])
        self.prices = (PULL * (1 - means[:, :-1]) + leaning[:, None]).transpose(0, 1).flatten(1)[:, inside]
        """[K, places] of each for each colour."""

    def cheapest(self, colour: int) -> tuple[Tensor, Tensor, Tensor]:
        """The places [n, 3] that are tried for a colour, their prices [n], and what is there at half size [n, m]."""
        half = BLOCK // 2
        price, which = self.prices[colour].topk(min(FEW, self.prices.shape[1]), largest=False)
        found = self.places[which]
        small = [self.small[n, :, y // 2 : y // 2 + half, x // 2 : x // 2 + half] for n, y, x in found.tolist()]
        return found, price, torch.stack(small).flatten(1)

    def at(self, place: Tensor) -> Tensor:
        """The piece [3, BLOCK, BLOCK] at a place."""
        number, top, left = place.tolist()
        return self.pictures[number, :, top : top + BLOCK, left : left + BLOCK]


def box_means(x: Tensor, side: int, pace: int = 1) -> Tensor:
    """`F.avg_pool2d(x, side, pace)` by sums of sums (Crow 1984), whose time does not grow with the side."""
    sums = F.pad(x.double().cumsum(2).cumsum(3), (1, 0, 1, 0))
    below, above = sums[..., side::pace, :], sums[..., :-side:pace, :]
    found = (below - above)[..., side::pace] - (below - above)[..., :-side:pace]
    return (found / side**2).to(x)


def _turned(pictures: Tensor, angle: float, mode: str) -> Tensor:
    """Pictures [N, C, h, w] turned about their middle, with zeros where nothing is."""
    if not angle:
        return pictures
    height, width = pictures.shape[2:]
    cos, sin = math.cos(angle), math.sin(angle)
    grid = F.affine_grid(
        torch.tensor([[[cos, -sin * height / width, 0], [sin * width / height, cos, 0]]]),
        [1, 1, height, width],
        align_corners=False,
    )
    return F.grid_sample(pictures, grid, mode=mode, align_corners=False)


def agreement(style: Tensor) -> float:
    """How much the slopes within the pieces of a picture [1, 3, h, w] agree on a direction, from 0 to 1."""
    side = min(BLOCK * 2 // 3, *style.shape[2:])
    lean, slant, all_of_it = box_means(_slopes(style), side, max(1, side // 4))[0]
    return float((lean.square() + slant.square()).sqrt().sum() / (all_of_it.sum() + 1e-4))


def _slopes(pictures: Tensor) -> Tensor:
    """The structure tensor of the grey of pictures [N, 3, h, w]: [N, 3, h, w], down less across, both, and the sum."""
    around = F.pad(pictures.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across = (around[..., 1:-1, 2:] - around[..., 1:-1, :-2]) / 2
    down = (around[..., 2:, 1:-1] - around[..., :-2, 1:-1]) / 2
    return torch.cat([down.square() - across.square(), 2 * across * down, across.square() + down.square()], 1)


def _level(small: Tensor, side: int, pace: int) -> Tensor:
    """How level strokes lie in the pieces of pictures [N, 3, h, w]: [N, rows, columns], 1 level to -1 upright."""
    found = box_means(_slopes(small), side, pace)
    return found[:, 0] / (found[:, 2] + 1e-4)
