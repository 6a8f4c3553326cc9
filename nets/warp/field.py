"""A field of displacements on a coarse grid, and the picture moved by it; memory stays bounded for any size."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

BAND = 2_000_000  # pixels that are moved at a time
STILL = 1e-3
"""Pixels up to which a displacement counts as none: such a pixel stays bit for bit."""


class Grid(NamedTuple):
    """Places over a picture: `places` [rows, columns, 2] (x, y) in pixels, the first and last at its edge pixels."""

    places: Tensor
    size: tuple[int, int]  # height, width


def grid_of(height: int, width: int, cells: int = 96) -> Grid:
    """A regular grid over a picture with about `cells` cells along its longer side."""
    step = max(1.0, max(height, width) / cells)
    rows, columns = (max(2, round((side - 1) / step) + 1) for side in (height, width))
    y, x = (
        torch.linspace(0, side - 1, count, dtype=torch.float64) for side, count in ((height, rows), (width, columns))
    )
    return Grid(torch.stack([x[None].expand(rows, columns), y[:, None].expand(rows, columns)], -1), (height, width))


def moved(picture: Tensor, field: Tensor, mask: Tensor | None = None) -> Tensor:
    """`picture` [3, H, W] in 0..1 with every pixel from where `field` says; pixels that stay keep their bits.

    Args:
        picture: of any size.
        field: displacements [rows, columns, 2] on a grid over the whole picture (`grid_of`), backward.
        mask: how much each pixel may change, float [H, W] in 0..1.
    """
    height, width = picture.shape[1:]
    done = picture.clone()
    top, bottom, left, right = _touched(field, height, width)
    band = max(1, BAND // max(1, right - left))
    for first in range(top, bottom, band):
        box = slice(first, min(bottom, first + band)), slice(left, right)
        shift, old = finer(field, (height, width), *box), picture[:, box[0], box[1]]
        still = shift.abs().amax(-1) < STILL
        y, x = torch.meshgrid(torch.arange(first, box[0].stop), torch.arange(left, right), indexing="ij")
        found = sampled(picture, torch.stack([x, y], -1) + shift)
        if mask is not None:
            part = mask[box]
            found = old + (found - old) * part
            still = still | (part <= 0)
        done[:, box[0], box[1]] = torch.where(still, old, found.clamp(0, 1))
    return done


def _touched(field: Tensor, height: int, width: int) -> tuple[int, int, int, int]:
    """The box of pixels (top, bottom, left, right) that a coarse field can reach."""
    moving = field.abs().amax(-1) >= STILL
    if not bool(moving.any()):
        return 0, 0, 0, 0
    box = []
    for axis, side in ((1, height), (0, width)):
        at = moving.any(axis).nonzero()[:, 0]
        step = (side - 1) / max(1, moving.shape[1 - axis] - 1)
        box += [max(0, math.floor((int(at[0]) - 2) * step)), min(side, math.ceil((int(at[-1]) + 2) * step) + 1)]
    return box[0], box[1], box[2], box[3]


def finer(field: Tensor, size: tuple[int, int], rows: slice | None = None, columns: slice | None = None) -> Tensor:
    """A coarse field [r, c, k] at the pixels of some rows and columns of a picture: [.., .., k] float32, smooth."""
    (height, width), (coarse_rows, coarse_columns) = size, field.shape[:2]
    down = _cubic(height, coarse_rows, rows or slice(0, height))
    across = _cubic(width, coarse_columns, columns or slice(0, width))
    return torch.stack([down @ part @ across.T for part in field.float().unbind(-1)], -1)


def _cubic(fine: int, coarse: int, part: slice) -> Tensor:
    """Catmull-Rom weights [len(part), coarse] from values at evenly spread places to the pixels between them."""
    at = torch.arange(part.start, part.stop, dtype=torch.float64) * ((coarse - 1) / max(1, fine - 1))
    cell = at.floor().clamp(max=max(0, coarse - 2))
    t, found = at - cell, torch.zeros(len(at), coarse, dtype=torch.float64)
    parts = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3)
    rows = torch.arange(len(at))
    for offset, weight in zip((-1, 0, 1, 2), parts, strict=True):
        place = cell.long() + offset
        inside, outside = place.clamp(0, coarse - 1), (place - place.clamp(0, coarse - 1)).abs()
        # beyond the edge the values go on in a straight line, so that a plain motion stays one
        mirrored = (2 * inside - place).clamp(0, coarse - 1)
        found.index_put_((rows, inside), weight / 2 * (1 + (outside > 0)), accumulate=True)
        found.index_put_((rows, mirrored), -weight / 2 * (outside > 0), accumulate=True)
    return found.float()


def sampled(picture: Tensor, places: Tensor) -> Tensor:
    """The picture [C, H, W] at places [h, w, 2] in its pixels, bicubic; beyond the edge it is mirrored."""
    size = torch.tensor([picture.shape[2], picture.shape[1]], dtype=torch.float32)
    low, high = places.amin((0, 1)).floor().long() - 3, places.amax((0, 1)).ceil().long() + 4
    left, top = (max(0, min(int(low[axis]), int(size[axis]) - 1)) for axis in (0, 1))
    right, bottom = (max(1, min(int(high[axis]), int(size[axis]))) for axis in (0, 1))
    left, top = min(left, right - 1), min(top, bottom - 1)
    inside = bool((low >= 0).all()) and bool((high <= size).all())
    part = picture[:, top:bottom, left:right] if inside else picture
    origin = torch.tensor([left, top] if inside else [0, 0], dtype=torch.float32)
    grid = 2 * (places - origin + 0.5) / torch.tensor([part.shape[2], part.shape[1]]) - 1
    return F.grid_sample(part[None], grid[None].to(part), "bicubic", "reflection", align_corners=False)[0]


def folded(places: Tensor) -> float:
    """The share of a moved mesh's cells, [rows, columns, 2], that are turned inside out."""
    right, down = places[:-1, 1:] - places[:-1, :-1], places[1:, :-1] - places[:-1, :-1]
    area = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    return float((area <= 0).double().mean()) if area.numel() else math.nan
