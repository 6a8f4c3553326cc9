"""Sliders to a move in W: InterFaceGAN's manipulation, single and conditional (Shen et al. 2020, sections 3.1, 3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from facet import BadInput
from facet.stylegan import Direction
from nets.directions import conditional, shifted, spread
from nets.stylegan2 import Generator

LEAST_SHARE = 0.1
"""What must be left of a direction when the kept ones are taken out of it; the rest is scaled up by as much."""
SAMPLES = 2048


@dataclass(frozen=True)
class Move:
    """One slider's part: what is added per unit of strength, how much, on which rows, and its share after keeping."""

    name: str
    vector: Tensor
    strength: float
    rows: tuple[int, int]
    share: float = 1.0


class Metric(NamedTuple):
    """Σ, the covariance of W [w_dim, w_dim], and its inverse."""

    covariance: Tensor
    precision: Tensor


def moves(
    strengths: Mapping[Direction, float],
    kept: Sequence[Direction],
    num_ws: int,
    span: tuple[int, int],
    every_row: bool,
    metric: Metric | None,
) -> list[Move]:
    """The moves of all sliders.

    Args:
        strengths: how far along each direction.
        kept: directions whose boundaries no move may cross: they are projected out of it.
        num_ws: rows of the code.
        span: the first row that may move and the one after the last.
        every_row: move all rows alike, as an edit in W does; else each direction moves the rows it was made for.
        metric: of W, for moves along Σ·n; needed where any direction follows the spread of W.

    Raises:
        BadInput: a direction has no row in the span, or lies in the span of the kept ones.
    """
    found = []
    for direction, strength in strengths.items():
        first, last = (0, num_ws) if every_row or direction.rows is None else direction.rows
        rows = max(first, span[0]), min(last, span[1], num_ws)
        if rows[0] >= rows[1]:
            why = f"leaves {direction.id} no row to move: it is made for rows {first} to {last - 1}"
            raise BadInput("last_row", why, "Widen the span of rows.")
        vector = torch.from_numpy(direction.vector.copy())
        if every_row and vector.ndim == 2:
            vector = vector.mean(0)
        vector, share = _without(vector, kept, metric if direction.follows_spread else None, metric)
        if share < LEAST_SHARE:
            names = ", ".join(each.id for each in kept)
            raise BadInput("keep", f"leaves nothing of {direction.id}: it lies in what {names} change", "Keep fewer.")
        found.append(Move(direction.id, vector, strength, rows, share))
    return found


def _without(
    vector: Tensor, kept: Sequence[Direction], own: Metric | None, metric: Metric | None
) -> tuple[Tensor, float]:
    """The direction without what crosses the kept ones' boundaries, row by row where any of them has rows of its own.

    own: the metric of its projection: that of W for Σ·n, None (plain W, as published) for a normal.
    """
    if not kept:
        return vector, 1.0
    others = [_alike(each, own, metric) for each in kept]
    precision = None if own is None else own.precision
    counts = {len(each) for each in (vector, *others) if each.ndim == 2}
    if not counts:
        return conditional(vector, torch.stack(others), precision)
    rows = counts.pop()
    wide = torch.stack([each.expand(rows, -1) for each in (vector, *others)])
    parts = [conditional(wide[0, row], wide[1:, row], precision) for row in range(rows)]
    return torch.stack([part for part, _ in parts]), min(share for _, share in parts)


def _alike(kept: Direction, own: Metric | None, metric: Metric | None) -> Tensor:
    """The vector of a kept direction as one of the same kind as the move: its normal n, or Σ·n."""
    vector = torch.from_numpy(kept.vector.copy())
    if kept.follows_spread == (own is not None):
        return vector
    assert metric is not None, "it is needed where any direction follows the spread"
    return (vector.double() @ (metric.precision if own is None else metric.covariance)).float()


def moved(w_plus: Tensor, found: Sequence[Move], scale: float = 1.0) -> Tensor:
    """w_plus [1, num_ws, w_dim] after all moves, or after `scale` times as much."""
    return shifted(w_plus, [(move.vector, scale * move.strength, move.rows) for move in found])


_metrics: WeakKeyDictionary[Generator, Metric] = WeakKeyDictionary()  # a fact about each network, found once


@torch.no_grad()
def metric_of(generator: Generator) -> Metric:
    """The metric of W, from the mapping network's own samples."""
    if generator in _metrics:
        return _metrics[generator]
    config = generator.config
    z = generator.z(range(SAMPLES))
    c = torch.eye(config.c_dim)[torch.arange(SAMPLES) % config.c_dim] if config.c_dim else None
    _, covariance = spread(generator.mapping.w(z, c).cpu())
    _metrics[generator] = Metric(covariance, torch.linalg.inv(covariance))
    return _metrics[generator]
