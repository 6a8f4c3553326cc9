"""Directions in W: moving a code along them, holding some attributes while others move, and fitting new ones.

After InterFaceGAN (Shen et al. 2020, "Interpreting the Latent Space of GANs for Semantic Face Editing"): an attribute
is linear in w, its boundary has a normal n, and w + a·n changes it (section 3.1). Every move here is relative: strength
0 leaves the code as it is. Two things differ from the paper where its own choice measures worse (docs/attributes.md):
all labelled samples are fitted, not only the extremes, and a code may move along Σ·n instead of n, where Σ is the
covariance of W, so that it stays among the codes that the generator was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

Fit = Callable[[Tensor, Tensor], Tensor]
"""Codes [n, w_dim] and labels [n] → the normal of the attribute's boundary, [w_dim], any length."""


def shifted(w_plus: Tensor, moves: Iterable[tuple[Tensor, float, tuple[int, int]]]) -> Tensor:
    """w_plus [N, num_ws, w_dim] moved by the sum of strength · vector on rows first … last-1 of each move.

    A vector is [w_dim], the same for every row, or [num_ws, w_dim].
    """
    moved = w_plus.clone()
    for vector, strength, (first, last) in moves:
        rows = vector.to(moved).expand(moved.shape[1:])
        moved[:, first:last] += strength * rows[first:last]
    return moved


def conditional(vector: Tensor, kept: Tensor, precision: Tensor | None = None) -> tuple[Tensor, float]:
    """The part of a direction that leaves others alone, and the share of its own effect that this part has.

    Conditional manipulation (Shen et al. 2020, section 3.3, there for one or two conditions): the projection of
    `vector` [d] on the span of `kept` [k, d] is taken away, through the Gram system, so that any number of conditions,
    also dependent ones, will do. As published, all are normals of boundaries and the result is as long as before. With
    a `precision` [d, d], the inverse of the covariance Σ of W, all are directions Σ·n instead: the projection is that
    of its metric, so that again the score of no kept boundary changes, and the result is scaled to move its own
    attribute as far as before. The share (0 to 1) is how far it would, unscaled.
    """
    v, others = vector.double(), kept.double().reshape(-1, vector.shape[-1])
    facing = others if precision is None else others @ precision.double()
    gram = facing @ others.T
    part = v - others.T @ (torch.linalg.pinv(gram, hermitian=True, rtol=1e-9) @ (facing @ v))
    own = v if precision is None else precision.double() @ v
    share = float((own @ part) / (own @ v).clamp(min=1e-30))
    scale = 1 / max(share, 1e-6) if precision is not None else float(v.norm() / part.norm().clamp(min=1e-30))
    return (part * scale).to(vector.dtype), min(max(share, 0.0), 1.0)


def spread(w: Tensor, shrinkage: float = 1e-3) -> tuple[Tensor, Tensor]:
    """Mean [w_dim] and covariance [w_dim, w_dim] of codes [n, w_dim], float64.

    The covariance is drawn a little towards a multiple of the identity (by `shrinkage` of its mean variance), so that
    it can be inverted although W fills fewer dimensions than it has.
    """
    codes = w.double()
    covariance = torch.cov(codes.T)
    variance = covariance.diagonal().mean().clamp(min=1e-12)
    return codes.mean(0), covariance + shrinkage * variance * torch.eye(len(covariance), dtype=torch.float64)


def per_deviation(normal: Tensor, covariance: Tensor, follow: bool) -> Tensor:
    """A direction [w_dim] from a normal: one unit of strength moves the attribute's score by one standard deviation.

    Along the normal itself, or, with `follow`, along Σ·normal: the most likely way to such a score in W.
    """
    n = normal.double()
    deviation = (n @ covariance @ n).clamp(min=1e-30).sqrt()
    vector = covariance @ n / deviation if follow else n * deviation / (n @ n).clamp(min=1e-30)
    return vector.float()


def ridge(penalty: float = 1.0) -> Fit:
    """Least squares of all labels on the codes. The penalty counts as so many samples that say nothing."""

    def fit(w: Tensor, labels: Tensor) -> Tensor:
        codes, y = w.double() - w.double().mean(0), labels.double() - labels.double().mean()
        scale = codes.square().mean().clamp(min=1e-12)
        if len(codes) >= codes.shape[1]:
            gram = codes.T @ codes + penalty * scale * torch.eye(codes.shape[1], dtype=torch.float64)
            return torch.linalg.solve(gram, codes.T @ y)
        gram = codes @ codes.T + penalty * scale * torch.eye(len(codes), dtype=torch.float64)  # the same, dual form
        return codes.T @ torch.linalg.solve(gram, y)

    return fit


def logistic(penalty: float = 1.0, steps: int = 30) -> Fit:
    """Logistic regression by Newton's method; labels above their middle mean yes. The penalty is that of `ridge`."""

    def fit(w: Tensor, labels: Tensor) -> Tensor:
        codes = w.double() - w.double().mean(0)
        scale = codes.square().mean().clamp(min=1e-12)
        x = torch.cat([codes, torch.ones(len(codes), 1, dtype=torch.float64)], 1)
        y = is_yes(labels).double()
        weight = torch.full((x.shape[1],), float(penalty * scale) / 4, dtype=torch.float64)
        weight[-1] = 1e-9  # the intercept is free
        beta = torch.zeros(x.shape[1], dtype=torch.float64)
        for _ in range(steps):
            p = (x @ beta).sigmoid()
            slope = x.T @ (p - y) + weight * beta
            curve = (x.T * (p * (1 - p)).clamp(min=1e-9)) @ x + weight.diag()
            step = torch.linalg.solve(curve, slope)
            beta -= step
            if step.abs().max() < 1e-9:
                break
        return beta[:-1]

    return fit


def mean_difference(w: Tensor, labels: Tensor) -> Tensor:
    """Mean of the codes with a label above the middle minus the mean of the others."""
    yes = is_yes(labels)
    return w[yes].double().mean(0) - w[~yes].double().mean(0)


def held_out(fit: Fit, w: Tensor, labels: Tensor, folds: int = 5, seed: int = 0) -> Tensor:
    """Scores [n] of every sample by a boundary that was fitted without it; above 0 means yes.

    The boundary lies midway between the scores of the yes and the no it was fitted to, and the scores are in units of
    their spread. Folds hold both labels alike.
    """
    shuffled = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    fold = torch.empty(len(labels), dtype=torch.long)
    fold[shuffled[torch.argsort(labels[shuffled], stable=True)]] = torch.arange(len(labels)) % folds
    scores = torch.empty(len(labels), dtype=torch.float64)
    for number in range(folds):
        out = fold == number
        normal, yes = fit(w[~out], labels[~out]).double(), is_yes(labels[~out])
        inside = w[~out].double() @ normal
        middle = (inside[yes].mean() + inside[~yes].mean()) / 2
        scores[out] = (w[out].double() @ normal - middle) / inside.std().clamp(min=1e-12)
    return scores


def is_yes(labels: Tensor) -> Tensor:
    """Which labels lie above the middle of their range."""
    return labels > (labels.min() + labels.max()) / 2


def balanced_accuracy(scores: Tensor, labels: Tensor) -> float:
    """Mean of the shares of yes and of no whose score has the right sign; 0.5 is guessing, whatever the mixture."""
    yes = is_yes(labels)
    return float(((scores[yes] > 0).double().mean() + (scores[~yes] <= 0).double().mean()) / 2)


def rank_correlation(scores: Tensor, labels: Tensor) -> float:
    """Spearman's ρ of the scores and the labels, ties in order of appearance."""

    def ranks(values: Tensor) -> Tensor:
        found = values.double().argsort(stable=True).argsort(stable=True).double()
        return found - found.mean()

    a, b = ranks(scores), ranks(labels)
    return float((a @ b) / (a.norm() * b.norm()).clamp(min=1e-12))
