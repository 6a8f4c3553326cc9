"""As-rigid-as-possible deformation of a mesh over the picture: each corner's surroundings turn, but do not stretch.

Sorkine and Alexa 2007, "As-Rigid-As-Possible Surface Modeling", equations 3 to 8, in the plane, with equal weights on a
regular mesh: local rotations and global positions are improved in turn.
"""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDS = 12
HOLD = 1e3
"""Weight of a handle's place against that of one edge: handles lie between the mesh's corners."""


def as_rigid_as_possible(
    grid: Tensor, handles: Tensor, targets: Tensor, fixed: Tensor | None = None, rounds: int = ROUNDS
) -> Tensor:
    """Where the corners of a mesh go when `handles` go to `targets`.

    Args:
        grid: the mesh, [rows, columns, 2] (x, y), regular, in pixels.
        handles, targets: [n, 2] within the mesh; a target on its handle is an anchor.
        fixed: bool [rows, columns], corners that stay; all are free when None.
        rounds: of rotations and positions in turn.

    Returns:
        [rows, columns, 2] float64.

    Raises:
        ValueError: unequal numbers of handles and targets, or no handle and nothing fixed.
    """
    if handles.shape != targets.shape or handles.ndim != 2:
        raise ValueError(
            f"handles and targets: expected [n, 2] twice, got {list(handles.shape)}, {list(targets.shape)}"
        )
    if not len(handles) and (fixed is None or not bool(fixed.any())):
        raise ValueError("handles: at least one is needed, or something fixed")
    rows, columns = grid.shape[:2]
    start = grid.reshape(-1, 2).double()
    one, two = _edges(rows, columns)
    laplacian = torch.zeros(len(start), len(start), dtype=torch.float64)
    laplacian.index_put_((one, two), -torch.ones(len(one), dtype=torch.float64), accumulate=True)
    laplacian.diagonal().sub_(laplacian.sum(1))
    held, wanted = _held(grid.double(), handles.double(), targets.double(), fixed)
    factor = torch.linalg.cholesky(laplacian + HOLD * held.T @ held)
    pull = HOLD * held.T @ wanted
    edge = start[one] - start[two]
    now = _begun(start, handles.double(), targets.double(), fixed)
    for _ in range(rounds):
        turn = _rotations(edge, now[one] - now[two], one, len(start))
        mean = (turn[one] + turn[two]) / 2
        force = torch.zeros_like(start).index_add_(0, one, (mean @ edge[:, :, None])[..., 0])
        now = torch.cholesky_solve(force + pull, factor)
    return now.view(rows, columns, 2)


def _edges(rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Both ends of every edge, in both directions: sides and both diagonals of every cell."""
    number = torch.arange(rows * columns).view(rows, columns)
    pairs = [
        (number[:, :-1], number[:, 1:]),
        (number[:-1], number[1:]),
        (number[:-1, :-1], number[1:, 1:]),
        (number[:-1, 1:], number[1:, :-1]),
    ]
    one, two = (torch.cat([pair[end].flatten() for pair in pairs]) for end in (0, 1))
    return torch.cat([one, two]), torch.cat([two, one])


def _held(grid: Tensor, handles: Tensor, targets: Tensor, fixed: Tensor | None) -> tuple[Tensor, Tensor]:
    """Rows of positions [k, corners] that are wanted, and where they are wanted [k, 2]."""
    rows, columns = grid.shape[:2]
    step = torch.stack([grid[0, 1, 0] - grid[0, 0, 0], grid[1, 0, 1] - grid[0, 0, 1]])
    at = ((handles - grid[0, 0]) / step).clamp(min=0)
    cell = torch.minimum(at.floor().long(), torch.tensor([columns - 2, rows - 2]))
    share = (at - cell).clamp(0, 1)
    found = torch.zeros(len(handles), rows * columns, dtype=torch.float64)
    for dx in (0, 1):
        for dy in (0, 1):
            weight = (share[:, 0] if dx else 1 - share[:, 0]) * (share[:, 1] if dy else 1 - share[:, 1])
            found[torch.arange(len(handles)), (cell[:, 1] + dy) * columns + cell[:, 0] + dx] += weight
    if fixed is None or not bool(fixed.any()):
        return found, targets
    corners = fixed.flatten().nonzero()[:, 0]
    stay = torch.zeros(len(corners), rows * columns, dtype=torch.float64)
    stay[torch.arange(len(corners)), corners] = 1
    return torch.cat([found, stay]), torch.cat([targets, grid.reshape(-1, 2)[corners]])


def _begun(start: Tensor, handles: Tensor, targets: Tensor, fixed: Tensor | None) -> Tensor:
    """A first guess: the handles' common turn, so that a large one is not taken for the long way round."""
    if fixed is not None and bool(fixed.any()) or len(handles) < 2:
        return start
    p, q = handles - handles.mean(0), targets - targets.mean(0)
    angle = torch.atan2((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum(), (p * q).sum())
    turn = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
    return (start - handles.mean(0)) @ turn.T + targets.mean(0)


def _rotations(before: Tensor, after: Tensor, one: Tensor, count: int) -> Tensor:
    """The best turn of each corner's edges, [count, 2, 2]; in the plane it is an angle."""
    across = torch.zeros(count, dtype=torch.float64).index_add_(0, one, (before * after).sum(1))
    along = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = torch.atan2(torch.zeros(count, dtype=torch.float64).index_add_(0, one, along), across)
    return torch.stack([turn.cos(), -turn.sin(), turn.sin(), turn.cos()], 1).view(-1, 2, 2)
