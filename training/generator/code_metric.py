"""When two codes of W are near each other: the metric by which the mapping network is fitted.

Distances in w alone are content to leave out what moves w little, earrings, tears, the kind of a hat, and distances of
what is drawn to leave out what moves few pixels. So three count together: w itself, the picture that synthesis draws
(through the mean of JᵀJ of its derivatives, as a quadratic form), and the controls that a straight line reads from w.
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.generator.student import Student
from training.puppets import CONTROLS

SHARES = {"w": 0.3, "picture": 1.0, "controls": 0.05}
"""How much each counts; each is an unexplained share of its own variance (a mean over controls)."""
SIZE = 32
"""Pixels of the pictures that are compared, coarse enough that a small step in w moves things by less than a cell."""
STEP = 0.7
"""In w, for differences: half a standard deviation of one of its numbers."""
RIDGE = 1e-3


@torch.no_grad()
def drawn(student: Student, codes: Tensor) -> Tensor:
    """The mean of JᵀJ over codes [n, w_dim] of what is drawn at `SIZE` pixels, [w_dim, w_dim]."""
    size, width = min(SIZE, student.generator.config.resolution[0]), codes.shape[1]
    steps, total = STEP * torch.eye(width, device=codes.device), torch.zeros(width, width, device=codes.device)
    for code in codes:
        slopes = torch.cat([
            (student.paint(code + some, size) - student.paint(code - some, size)).flatten(1) / (2 * STEP)
            for some in steps.split(48)
        ])  # fmt: skip
        total += slopes @ slopes.T / len(codes)
    return total


@torch.no_grad()
def read(student: Student, codes: Tensor, seen: Tensor) -> Tensor:
    """Of the straight lines that read standardised controls from codes [n, w_dim] of features ``seen``: their mean RRᵀ.

    [w_dim, w_dim]. Features begin with the controls.
    """
    known = seen[:, : len(CONTROLS)]
    known = (known - known.mean(0)) / known.std(0).clamp(min=1e-3)
    centred = codes - codes.mean(0)
    gram = centred.T @ centred + RIDGE * len(codes) * torch.eye(codes.shape[1], device=codes.device)
    rows = torch.linalg.solve(gram, centred.T @ known)
    return rows @ rows.T / len(CONTROLS)


@torch.no_grad()
def metric(student: Student, codes: Tensor, seen: Tensor, looked_at: int = 24) -> Tensor:
    """A matrix [w_dim, k] whose product with an error in w is as long as the error is bad.

    ``codes`` [n, w_dim] are those of features ``seen``; of ``looked_at`` of them pictures are drawn.
    """
    spread = torch.cov(codes.T)
    forms = {
        "w": torch.eye(codes.shape[1], device=codes.device),
        "picture": drawn(student, codes[:looked_at]),
        "controls": read(student, codes, seen),
    }
    total = sum(share * forms[name] / _variance(forms[name], spread) for name, share in SHARES.items())
    values, vectors = torch.linalg.eigh(torch.as_tensor(total))
    return vectors * values.clamp(min=0).sqrt()


def _variance(form: Tensor, spread: Tensor) -> Tensor:
    """What a quadratic form says of codes as they are spread, by which it is made comparable."""
    return (form * spread).sum()
