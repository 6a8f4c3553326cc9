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

BLOCK, OVERLAP = 72, 24
"""Side of the pieces, and about how far neighbours lie over each other."""

PACE = 8
"""Pixels between the places that pieces are tried from; of a large picture more."""

PULL, AGAIN = 1.0, 0.15
"""What a piece of another colour costs, and one that was laid before, beside the error where it lies over others."""


def quilted(style: Tensor, share: Tensor, side: int, random: np.random.Generator) -> Tensor:
    """A square that fits to itself on all sides, of pieces of a picture that lie where much of one colour is.

    Args:
        style: [1, 3, h, w], at least `BLOCK` pixels each way.
        share: how much of that colour is at each place, [1, 1, h, w].
        side: of the square, in pixels.
        random: chooses between the two pieces that fit best.

    Returns:
        [3, side, side].
    """
    half = BLOCK // 2  # pieces are compared at half their size
    pace = PACE // 2 * max(1, round(max(style.shape[2:]) / 512))
    small = F.avg_pool2d(style, 2)
    pieces = F.unfold(small, half, stride=pace)[0].T.contiguous()
    places = torch.stack(torch.meshgrid(*(torch.arange(0, n - half + 1, pace) for n in small.shape[2:]), indexing="ij"))
    places = places.flatten(1).T * 2
    price = PULL * (1 - F.avg_pool2d(F.avg_pool2d(share, 2), half, stride=pace).flatten())
    squares, spread = pieces.square(), style.var().item()
    made, known = torch.zeros(3, side, side), torch.zeros(side, side)
    count = math.ceil(side / (BLOCK - OVERLAP))
    for row, column in np.ndindex(count, count):
        rows, columns = ((torch.arange(BLOCK) + n * side // count) % side for n in (row, column))
        there, taken = made[:, rows][:, :, columns], known[rows][:, columns]
        here = taken[None, ::2, ::2].expand(3, -1, -1).reshape(-1)
        flat = F.avg_pool2d(there[None], 2).reshape(-1)
        apart = squares @ here - 2 * pieces @ (here * flat) + (here * flat.square()).sum()
        best = (apart / here.sum().clamp(min=1) / spread + price).topk(min(2, len(price)), largest=False)[1]
        top, left = places[int(best[int(random.integers(len(best)))])].tolist()
        price = price + AGAIN * ((places - torch.tensor([top, left])).abs().amax(1) < half)
        chosen = style[0, :, top : top + BLOCK, left : left + BLOCK]
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
    for row in rows[1:]:
        wide = np.pad(sums[-1], ((0, 0), (1, 1)), constant_values=np.inf)
        sums.append(row + np.minimum(np.minimum(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:]))
    path = [sums[-1].argmin(1)]
    columns = np.arange(rows.shape[2])
    for row in sums[-2::-1]:
        near = np.abs(columns - path[-1][:, None]) <= 1
        path.append(np.where(near, row, np.inf).argmin(1))
    return torch.from_numpy(np.stack(path[::-1], 1))
