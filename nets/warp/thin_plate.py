"""Thin-plate splines: the smoothest field that has given values at given places (Bookstein 1989, "Principal Warps")."""

from __future__ import annotations

import torch
from torch import Tensor


def thin_plate(places: Tensor, knots: Tensor, values: Tensor, stiffness: float = 0.0) -> Tensor:
    """The spline through `values` at `knots`, at `places`.

    Args:
        places: [..., 2].
        knots: [n, 2], of which three do not lie on a line.
        values: [n, k].
        stiffness: from 0, which goes through every value, on: more and more of a plain affine motion. In units of
            squared distance.

    Returns:
        [..., k] float64.

    Raises:
        ValueError: fewer than three knots, or all of them on a line.
    """
    if knots.ndim != 2 or len(knots) < 3 or len(values) != len(knots):
        raise ValueError(f"knots: expected [3 or more, 2] and as many values, got {list(knots.shape)}")
    knots, values, count = knots.double(), values.double(), len(knots)
    middle, scale = knots.mean(0), (knots - knots.mean(0)).norm(dim=1).mean().clamp(min=1e-9)
    at, flat = (knots - middle) / scale, (places.reshape(-1, 2).double() - middle) / scale
    plane = torch.cat([torch.ones(count, 1, dtype=torch.float64), at], 1)
    if int(torch.linalg.matrix_rank(plane, atol=1e-7)) < 3:
        raise ValueError("knots: they all lie on one line")
    bend = _kernel(at, at) + stiffness / scale.square() * torch.eye(count, dtype=torch.float64)
    system = torch.cat([torch.cat([bend, plane], 1), torch.cat([plane.T, plane.new_zeros(3, 3)], 1)])
    solved = torch.linalg.solve(system, torch.cat([values, values.new_zeros(3, values.shape[1])]))
    ones = torch.ones(len(flat), 1, dtype=torch.float64)
    found = _kernel(flat, at) @ solved[:count] + torch.cat([ones, flat], 1) @ solved[count:]
    return found.view(*places.shape[:-1], values.shape[1])


def _kernel(one: Tensor, two: Tensor) -> Tensor:
    squared = (one[:, None] - two[None]).square().sum(2)
    return 0.5 * squared * squared.clamp(min=1e-18).log()
