"""Sliders to a move in W: InterFaceGAN's manipulation, single and conditional (Shen et al. 2020, sections 3.1, 3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from facet import BadInput, Direction
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


def moves(
    strengths: Mapping[Direction, float],
    kept: Sequence[Direction],
    num_ws: int,
    span: tuple[int, int],
    every_row: bool,
    precision: Tensor | None,
) -> list[Move]:
    """The moves of all sliders.

    Args:
        strengths: how far along each direction.
        kept: directions whose span is projected out of every move.
        num_ws: rows of the code.
        span: the first row that may move and the one after the last.
        every_row: move all rows alike, as an edit in W does; else each direction moves the rows it was made for.
        precision: inverse covariance of W, the metric of the projection; None projects in plain W.

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
        vector, share = _without(vector, kept, precision)
        if share < LEAST_SHARE:
            names = ", ".join(each.id for each in kept)
            raise BadInput("keep", f"leaves nothing of {direction.id}: it lies in what {names} change", "Keep fewer.")
        found.append(Move(direction.id, vector, strength, rows, share))
    return found


def _without(vector: Tensor, kept: Sequence[Direction], precision: Tensor | None) -> tuple[Tensor, float]:
    """The direction without what the kept ones change, row by row where any of them has rows of its own."""
    if not kept:
        return vector, 1.0
    others = [torch.from_numpy(each.vector.copy()) for each in kept]
    counts = {len(each) for each in (vector, *others) if each.ndim == 2}
    if not counts:
        return conditional(vector, torch.stack(others), precision)
    rows = counts.pop()
    wide = torch.stack([each.expand(rows, -1) for each in (vector, *others)])
    parts = [conditional(wide[0, row], wide[1:, row], precision) for row in range(rows)]
    return torch.stack([part for part, _ in parts]), min(share for _, share in parts)


def moved(w_plus: Tensor, found: Sequence[Move], scale: float = 1.0) -> Tensor:
    """w_plus [1, num_ws, w_dim] after all moves, or after `scale` times as much."""
    return shifted(w_plus, [(move.vector, scale * move.strength, move.rows) for move in found])


_precisions: WeakKeyDictionary[Generator, Tensor] = WeakKeyDictionary()  # a fact about each network, found once


@torch.no_grad()
def precision_of(generator: Generator) -> Tensor:
    """Inverse covariance of W [w_dim, w_dim], from the mapping network's own samples."""
    if generator in _precisions:
        return _precisions[generator]
    config = generator.config
    z = generator.z(range(SAMPLES))
    c = torch.eye(config.c_dim)[torch.arange(SAMPLES) % config.c_dim] if config.c_dim else None
    _, covariance = spread(generator.mapping.w(z, c).cpu())
    _precisions[generator] = torch.linalg.inv(covariance)
    return _precisions[generator]


@torch.no_grad()
def picture(generator: Generator, w_plus: Tensor) -> Tensor:
    """Images [N, 3, H, W] in 0..1 of codes [N, num_ws, w_dim], on the CPU; grey is repeated to three channels."""
    image = generator.synthesis(w_plus.to(generator.mapping.w_avg.device), noise_mode="const").float()
    return (image / 2 + 0.5).clamp(0, 1).expand(-1, 3, -1, -1).cpu()
