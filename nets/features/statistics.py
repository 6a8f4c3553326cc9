"""Statistics of features: those that describe a style, their exchange, and the distance of two sets."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_std(features: Tensor, eps: float = 1e-5) -> tuple[Tensor, Tensor]:
    """Mean and deviation over the places of features [N, C, h, w], each [N, C, 1, 1]."""
    variance, mean = torch.var_mean(features, (2, 3), correction=0, keepdim=True)
    return mean, (variance + eps).sqrt()


def gram(features: Tensor) -> Tensor:
    """Gram matrices [N, C, C] of features [N, C, h, w], divided by the number of places (Gatys et al. 2016, eq. 3)."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def adain(content: Tensor, style: Tensor, strength: float = 1.0) -> Tensor:
    """Content features [N, C, h, w] with the means and deviations of style features [N, C, h', w'].

    Huang and Belongie 2017, equation 8. strength: from 0, the content's features, to 1 (their equation 14).
    """
    mean, deviation = mean_std(content)
    other_mean, other_deviation = mean_std(style)
    moved = (content - mean) / deviation * other_deviation + other_mean
    return torch.lerp(content, moved, strength)


def frechet(a: Tensor, b: Tensor) -> float:
    """Fréchet distance of the normal distributions with the means and covariances of two sets of rows [n, C], [m, C].

    |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁^½ Σ₂ Σ₁^½)^½), Dowson and Landau 1982. With fewer rows than columns it is
    biased upwards: compare only sets of equal size, and put that of two samples of one distribution beside it.

    Raises:
        ValueError: fewer than two rows, or columns that do not match.
    """
    if min(len(a), len(b)) < 2 or a.shape[1:] != b.shape[1:] or a.ndim != 2:
        raise ValueError(
            f"a and b: expected two or more rows of equal length each, got {list(a.shape)}, {list(b.shape)}"
        )
    one, two = a.double(), b.double()
    first, second = torch.cov(one.T), torch.cov(two.T)
    values, vectors = torch.linalg.eigh(first)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    shared = torch.linalg.eigvalsh(root @ second @ root).clamp(min=0).sqrt().sum()
    apart = (one.mean(0) - two.mean(0)).square().sum()
    return max(0.0, (apart + first.trace() + second.trace() - 2 * shared).item())
