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


def adain(content: Tensor, style: Tensor, strength: float = 1.0, eps: float = 0.1) -> Tensor:
    """Content features [N, C, h, w] with the means and deviations of style features [N, C, h', w'].

    Huang and Belongie 2017, equation 8. strength: from 0, the content's features, to 1 (their equation 14).
    eps: variance that both are given besides their own. Features of mean 1 that hardly vary in the content would
    otherwise be blown up to the style's deviation, and be seen as ringing; 0 is the published equation.
    """
    return torch.lerp(content, exchange(content, *mean_std(style, 0.0), eps), strength)


def exchange(content: Tensor, mean: Tensor, deviation: Tensor, eps: float = 0.1) -> Tensor:
    """`adain` towards a mean and a deviation [N or 1, C, 1, 1]."""
    own_mean, own_deviation = mean_std(content, eps)
    return (content - own_mean) / own_deviation * (deviation.square() + eps).sqrt() + mean


LEAST_EIGENVALUE = 1e-5
"""Directions of a style that vary less than this share of its strongest one count as silent (Li et al. 2017)."""


def speaking(values: Tensor) -> Tensor:
    """Eigenvalues of a style's covariance; those of silent directions are 0."""
    return torch.where(values > LEAST_EIGENVALUE * values.max(), values, torch.zeros_like(values))


def whiten_colour(content: Tensor, style: Tensor, strength: float = 1.0, eps: float = 0.1) -> Tensor:
    """Content features [N, C, h, w] with the mean and covariance of the style features [1, C, h', w'].

    Li et al. 2017, equations 1 and 2, with the symmetric roots of both. eps: variance added to every direction of the
    content before whitening, so that directions in which it does not vary are not blown up. Silent directions of the
    style stay silent, as in `nets.features.moments`.
    """
    flat = style[0].flatten(1).double()
    centre = flat.mean(1, keepdim=True)
    values, vectors = torch.linalg.eigh(torch.cov(flat, correction=0))
    colour = vectors * speaking(values).sqrt() @ vectors.T
    moved = []
    for features in content:
        own = features.flatten(1).double()
        own = own - own.mean(1, keepdim=True)
        values, vectors = torch.linalg.eigh(torch.cov(own, correction=0))
        whiten = vectors * (values.clamp(min=0) + eps).rsqrt() @ vectors.T
        moved.append((colour @ (whiten @ own) + centre).to(content).view_as(features))
    return torch.lerp(content, torch.stack(moved), strength)


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
