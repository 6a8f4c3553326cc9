"""What of a drawing an encoder reads: how much of each part is where, and where its middle lies and how it spreads."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

GRID = 12
"""Cells to a side in which the parts' shares are taken."""
COARSE, FINE = 16, 32
"""Cells to a side in which lines are taken: with their directions, and how dark they are alone."""
MOMENTS = 7
SIDES = 3


def label_width(parts: int) -> int:
    """Numbers that `of_labels` gives for so many parts."""
    return parts * (GRID * GRID + MOMENTS * SIDES)


LINE_WIDTH = 4 * COARSE * COARSE + FINE * FINE
"""Numbers that `of_lines` gives."""


def of_labels(shares: Tensor, middle: int = 1) -> Tensor:
    """Of parts one-hot [n, P, s, s]: shares by cell, and `MOMENTS` of each part whole, left and right, [n, numbers].

    Left and right are seen from the middle of the part with the number ``middle``, the skin.
    """
    n, parts, side, _ = shares.shape
    line = (torch.arange(side, device=shares.device) + 0.5) * 2 / side - 1
    area = shares[:, middle].sum((1, 2))
    axis = (shares[:, middle].sum(1) @ line) / area.clamp(min=1)
    left = (line[None] < axis[:, None]).to(shares.dtype)[:, None, None]
    moments = [_moments(kept, line) for kept in (shares, shares * left, shares * (1 - left))]
    cells = functional.adaptive_avg_pool2d(shares, GRID)
    return torch.cat([cells.flatten(1), *moments], 1)


def _moments(shares: Tensor, line: Tensor) -> Tensor:
    """Of [n, P, s, s]: root of the area, whether there is any, middle, spreads and slant, [n, P × MOMENTS]."""
    area = shares.mean((2, 3))
    over = (area * shares.shape[-1] ** 2).clamp(min=1e-6)
    x_sum, y_sum = shares.sum(2), shares.sum(3)
    x, y = (x_sum @ line) / over, (y_sum @ line) / over
    xx, yy = (x_sum @ line.square()) / over - x * x, (y_sum @ line.square()) / over - y * y
    xy = torch.einsum("npyx,x,y->np", shares, line, line) / over - x * y
    there = (area > 0).to(shares.dtype)
    roots = [value.clamp(min=0).sqrt() for value in (xx, yy)]
    rows = [area.sqrt(), there, x * there, y * there, *(root * there for root in roots), 4 * xy * there]
    return torch.stack(rows, 2).flatten(1)


def of_lines(lines: Tensor) -> Tensor:
    """Of lines [n, 1, 2 s, 2 s] in 0..1: how dark each cell is, and which way its lines run, [n, `LINE_WIDTH`]."""
    soft = functional.avg_pool2d(functional.pad(lines, (1, 1, 1, 1)), 3, 1)
    across, down = (functional.pad(soft.diff(dim=axis), pad) for axis, pad in ((3, (0, 1)), (2, (0, 0, 0, 1))))
    kinds = torch.cat([lines, across.square(), down.square(), across * down], 1)
    coarse = functional.adaptive_avg_pool2d(kinds, COARSE) * kinds.new_tensor([1.0, 8.0, 8.0, 8.0]).view(1, 4, 1, 1)
    return torch.cat([coarse.flatten(1), functional.adaptive_avg_pool2d(lines, FINE).flatten(1)], 1)
