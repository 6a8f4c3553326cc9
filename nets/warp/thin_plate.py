"""Thin-plate splines: the smoothest field that has given values at given places (Bookstein 1989, "Principal Warps")."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def thin_plate(places: Tensor, knots: Tensor, values: Tensor, stiffness: float = 0.0) -> Tensor:
    """The spline through `values` at `knots`, at `places`; see `thin_plates`."""
    return thin_plates(places, knots, values, (stiffness,))[0]


def thin_plates(places: Tensor, knots: Tensor, values: Tensor, stiffnesses: Sequence[float]) -> list[Tensor]:
    """Splines through the same `values` at `knots`, one for each stiffness, at `places`.

    Args:
        places: [..., 2].
        knots: [n, 2], of which three do not lie on a line.
        values: [n, k].
        stiffnesses: from 0, which goes through every value, on: more and more of a plain affine motion. In units of
            squared distance.

    Returns:
        [..., k] float64 each.

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
    near, there = _kernel(at, at), _kernel(flat, at)
    even, ends = torch.eye(count, dtype=torch.float64), torch.cat([values, values.new_zeros(3, values.shape[1])])
    flat, found = torch.cat([torch.ones(len(flat), 1, dtype=torch.float64), flat], 1), []
    for stiffness in stiffnesses:
        bend = near + stiffness / scale.square() * even
        system = torch.cat([torch.cat([bend, plane], 1), torch.cat([plane.T, plane.new_zeros(3, 3)], 1)])
        solved = torch.linalg.solve(system, ends)
        found.append((there @ solved[:count] + flat @ solved[count:]).view(*places.shape[:-1], values.shape[1]))
    return found


def _kernel(one: Tensor, two: Tensor) -> Tensor:
    squared = (one[:, None] - two[None]).square().sum(2)
    return 0.5 * squared * squared.clamp(min=1e-18).log()
