"""From pairs of points to the picture moved by them: the field, and what holds it at a mask's edge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.warp import Grid, as_rigid_as_possible, folded, grid_of, moved, moving_least_squares

CELLS, MESH = 96, 36
"""Cells along the longer side: of the field of moving least squares, and of the mesh that is kept rigid."""
RIM = 12  # points that hold each edge of the picture
EDGE = 96  # points that hold a mask's edge, at most
MELT = 0.02
"""Width over which movement grows inside a mask's edge, as a share of the picture's longer side."""


class Warped(NamedTuple):
    """A moved picture [3, H, W] in 0..1, the places where the targets' pixels came from, and the share that folds."""

    image: Tensor
    reached: Tensor
    folded: float


def warp(
    picture: Tensor,
    handles: Tensor,
    targets: Tensor,
    *,
    way: str,
    alpha: float = 1.0,
    hold_rim: bool = True,
    mask: Tensor | None = None,
    rough: bool = False,
) -> Warped:
    """`picture` [3, H, W] with what lies at `handles` [n, 2] moved to `targets` [n, 2], in pixels.

    The field is computed from the targets back to the handles, so every pixel has a source.

    Args:
        picture: in 0..1.
        handles: the points to move; a target on its handle is an anchor.
        targets: where it goes.
        way: one of `nets.warp.KINDS`, or ``"arap"``.
        alpha: see `moving_least_squares`.
        hold_rim: whether the picture's edge stays.
        mask: bool [H, W], True where it may change; everywhere when None.
        rough: half as many cells, in a quarter of the time.
    """
    height, width = picture.shape[1:]
    opaque = None if mask is None else _melted(mask)
    held = _rim(height, width) if hold_rim else torch.zeros(0, 2, dtype=torch.float64)
    if mask is not None:
        held = torch.cat([held, _outline(mask)])
    held = held[_clear_of(held, torch.cat([handles, targets]).double(), 1.0)]
    if way == "arap":
        grid, after = _mesh(height, width, handles, targets, held, mask)
    else:
        grid = grid_of(height, width, CELLS // 2 if rough else CELLS)
        p, q = torch.cat([targets.double(), held]), torch.cat([handles.double(), held])
        after = moving_least_squares(grid.places, p, q, way, alpha)
    shift = after - grid.places
    if opaque is not None:
        small = F.interpolate(opaque[None, None], shift.shape[:2], mode="area")[0, 0]
        shift = shift * (small > 0)[..., None]
    return Warped(moved(picture, shift, opaque), _at(shift, grid, targets) + targets, folded(after))


def _mesh(
    height: int, width: int, handles: Tensor, targets: Tensor, held: Tensor, mask: Tensor | None
) -> tuple[Grid, Tensor]:
    """The rigid mesh. Corners that nothing of the mask touches stay."""
    grid = grid_of(height, width, MESH)
    rows, columns = grid.places.shape[:2]
    fixed = torch.zeros(rows, columns, dtype=torch.bool)
    if len(held):
        fixed[[0, -1]], fixed[:, [0, -1]] = True, True
    if mask is not None:
        near = F.adaptive_max_pool2d(mask[None, None].float(), (rows, columns))[0, 0]
        fixed |= near == 0
    return grid, as_rigid_as_possible(grid.places, targets, handles, fixed)


def _rim(height: int, width: int) -> Tensor:
    """Points along the picture's edge."""
    share = torch.linspace(0, 1, RIM + 1, dtype=torch.float64)[:-1]
    x, y = share * (width - 1), share * (height - 1)
    right, bottom = torch.full_like(x, width - 1), torch.full_like(y, height - 1)
    zero = torch.zeros_like(x)
    sides = [(x, zero), (right, y), (width - 1 - x, bottom), (zero, height - 1 - y)]
    return torch.cat([torch.stack(side, 1) for side in sides])


def _outline(mask: Tensor) -> Tensor:
    """Points on the edge of what may change, evenly spread in order of their angle and place, at most `EDGE`."""
    inside = mask[None, None].float()
    edge = (F.max_pool2d(inside, 3, 1, 1) > inside)[0, 0]
    places = edge.nonzero().flip(1).double()
    if len(places) <= EDGE:
        return places
    random = np.random.RandomState(0).permutation(len(places))[:EDGE]
    return places[torch.from_numpy(np.sort(random))]


def _clear_of(points: Tensor, others: Tensor, least: float) -> Tensor:
    """Which points are at least so far from all others: one place cannot both stay and go."""
    if not len(points):
        return torch.zeros(0, dtype=torch.bool)
    return torch.cdist(points, others).amin(1) > least


def _melted(mask: Tensor) -> Tensor:
    """How much may change, 0..1: nothing outside the mask, all of it some way inside."""
    sigma = max(1.0, MELT * max(mask.shape) / 2)
    soft = blurred(mask[None].float(), sigma)[0]
    return ((2 * soft - 1).clamp(0, 1) * mask).contiguous()


def _at(shift: Tensor, grid: Grid, points: Tensor) -> Tensor:
    """A coarse field at points [n, 2]."""
    height, width = grid.size
    at = 2 * points.double() / torch.tensor([max(1, width - 1), max(1, height - 1)]) - 1
    field = shift.permute(2, 0, 1)[None].double()
    return F.grid_sample(field, at[None, None], "bilinear", "border", align_corners=True)[0, :, 0].T
