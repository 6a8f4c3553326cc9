"""Squares of paint out of pieces of a picture: image quilting, after Efros and Freeman 2001.

Pieces are laid in rows, each where it differs least from what lies there already, and cut along the path where the
difference is least.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.fast_style.pieces import BLOCK, Pieces

OVERLAP = 24
"""About how far neighbours lie over each other."""

AGAIN = 0.15
"""What a piece costs that was laid before, beside the error where it lies over others."""


def quilted(pieces: Pieces, colour: int, side: int, random: np.random.Generator) -> Tensor:
    """A square that fits to itself on all sides, of pieces of a picture that lie where much of one colour is.

    Args:
        pieces: of the picture.
        colour: which.
        side: of the square, in pixels.
        random: chooses between the two pieces that fit best.

    Returns:
        [3, side, side].
    """
    places, price, small = pieces.cheapest(colour)
    both = torch.cat([small.square(), -2 * small], 1)
    made, known = torch.zeros(3, side, side), torch.zeros(side, side)
    count = math.ceil(side / (BLOCK - OVERLAP))
    for row, column in np.ndindex(count, count):
        rows, columns = ((torch.arange(BLOCK) + n * side // count) % side for n in (row, column))
        there, taken = made[:, rows][:, :, columns], known[rows][:, columns]
        here = taken[None, ::2, ::2].expand(3, -1, -1).reshape(-1)
        flat = F.avg_pool2d(there[None], 2).reshape(-1)
        apart = both @ torch.cat([here, here * flat]) + (here * flat.square()).sum()
        worth = apart / here.sum().clamp(min=1) / pieces.spread + price
        best = worth.topk(min(2, len(price)), largest=False)[1]
        place = places[int(best[int(random.integers(len(best)))])]
        apart_from_it = (places[:, 1:] - place[1:]).abs().amax(1)
        price = price + AGAIN * ((apart_from_it < BLOCK // 2) & (places[:, 0] == place[0]))
        chosen = pieces.at(place)
        fresh = _seam((chosen - there).square().sum(0), taken)
        made[:, rows[:, None], columns] = torch.lerp(there, chosen, fresh)
        known[rows[:, None], columns] = 1.0
    return made


def _seam(apart: Tensor, taken: Tensor) -> Tensor:
    """Where a new piece is seen, [BLOCK, BLOCK] in 0..1: from the cheapest cut on each side on."""
    fresh = torch.ones_like(apart)
    cuts = _cheapest(torch.stack([torch.rot90(apart, turn)[:, :OVERLAP] for turn in range(4)]))
    for turn, cut in enumerate(cuts):
        if torch.rot90(taken, turn)[:, 0].mean() > 0.5:
            kept = torch.arange(BLOCK)[None] < cut[:, None]
            fresh = fresh * torch.rot90((~kept).float(), -turn)
    soft = F.avg_pool2d(F.pad(fresh[None, None], (1, 1, 1, 1), mode="replicate"), 3, stride=1)[0, 0]
    return torch.where(taken > 0, soft, torch.ones_like(soft))


def _cheapest(costs: Tensor) -> Tensor:
    """Columns of the cheapest paths from the first row to the last, which move at most one column a row: [N, rows].

    costs: [N, rows, columns].
    """
    rows = costs.double().numpy().swapaxes(0, 1)
    sums = [rows[0]]
    wide = np.full((costs.shape[0], costs.shape[2] + 2), np.inf)
    for row in rows[1:]:
        wide[:, 1:-1] = sums[-1]
        sums.append(row + np.minimum(np.minimum(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:]))
    path = [sums[-1].argmin(1)]
    columns = np.arange(rows.shape[2])
    for row in sums[-2::-1]:
        near = np.abs(columns - path[-1][:, None]) <= 1
        path.append(np.where(near, row, np.inf).argmin(1))
    return torch.from_numpy(np.stack(path[::-1], 1))
