"""Means and covariances of features that arrive in pieces, and the affine maps that carry one style into another.

Exchange of statistics and whitening with colouring are both ``f → M f + b`` at every place, with M and b out of moments
of the whole picture. So a picture of any size is restyled piece by piece: first its moments are gathered, then each
piece is mapped on its own (`nets.features.pieces`), and no seam can arise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features.statistics import speaking


class Moments:
    """Weighted mean and covariance of features, gathered piece by piece in double precision."""

    def __init__(self) -> None:
        self.weight = 0.0
        self._centre: Tensor | None = None
        self._sum: Tensor | None = None
        self._products: Tensor | None = None

    def add(self, features: Tensor, weights: Tensor | None = None) -> None:
        """Features [1, C, h, w], and how much each place counts [1, 1, h, w], by default 1."""
        places = features[0].permute(1, 2, 0).float()  # channels last, as the networks leave them
        if self._centre is None or self._sum is None or self._products is None:
            self._centre = places.mean((0, 1))  # products around some mean lose no digits
            self._sum = torch.zeros_like(self._centre, dtype=torch.double)
            self._products = torch.diag(self._sum)
        rows = (places - self._centre).reshape(-1, len(self._centre))
        weighted, weight = rows, float(len(rows))
        if weights is not None:
            share = weights.reshape(-1, 1).to(rows)
            weighted, weight = rows * share, share.sum().item()
        self.weight += weight
        self._sum += weighted.sum(0).double()
        self._products += (weighted.T @ rows).double()

    @property
    def mean(self) -> Tensor:
        """[C], double. Raises ValueError where nothing was added."""
        if self._centre is None or self._sum is None or not self.weight:
            raise ValueError("moments of no place at all")
        return self._centre.double() + self._sum / self.weight

    @property
    def covariance(self) -> Tensor:
        """[C, C], double."""
        if self._sum is None or self._products is None or not self.weight:
            raise ValueError("moments of no place at all")
        centre = self._sum / self.weight
        return self._products / self.weight - torch.outer(centre, centre)


@dataclass(frozen=True)
class Affine:
    """f → matrix f + offset for features [1, C, h, w]; a matrix [C] is a diagonal one."""

    matrix: Tensor
    offset: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """The mapped features."""
        matrix, offset = self.matrix.to(features), self.offset.to(features)
        if matrix.ndim == 1:
            return torch.addcmul(offset[:, None, None], features, matrix[:, None, None])
        return F.conv2d(features, matrix[:, :, None, None], offset)  # keeps the channels last

    def at(self, strength: float) -> Affine:
        """From 0, where nothing changes, to 1 (Huang and Belongie 2017, equation 14)."""
        ones = torch.ones_like(self.offset)
        same = ones if self.matrix.ndim == 1 else torch.diag(ones)
        return Affine(torch.lerp(same, self.matrix, strength), self.offset * strength)


def mixed(maps: list[tuple[float, Affine]]) -> Affine:
    """A mixture of maps with weights that sum to 1: that of the features they lead to."""
    matrix = sum(share * each.matrix for share, each in maps)
    offset = sum(share * each.offset for share, each in maps)
    return Affine(matrix, offset)  # type: ignore[arg-type]


def exchange_map(content: Moments, style: Moments, eps: float = 0.1) -> Affine:
    """`nets.features.adain` as a map: equation 8 of Huang and Belongie 2017."""
    own, theirs = (m.covariance.diagonal().clamp(min=0) + eps for m in (content, style))
    scale = (theirs / own).sqrt()
    return Affine(scale, style.mean - scale * content.mean)


def whiten_colour_map(content: Moments, style: Moments, eps: float = 0.1) -> Affine:
    """`nets.features.whiten_colour` as a map: equations 1 and 2 of Li et al. 2017, with symmetric roots."""
    values, vectors = torch.linalg.eigh(content.covariance)
    whiten = vectors * (values.clamp(min=0) + eps).rsqrt() @ vectors.T
    values, vectors = torch.linalg.eigh(style.covariance)
    matrix = (vectors * speaking(values).sqrt() @ vectors.T) @ whiten
    return Affine(matrix, style.mean - matrix @ content.mean)


def palette_map(content: Moments, style: Moments, eps: float = 1e-4) -> Affine:
    """Colours with the style's mean and covariance, moved as little as can be (Pitié and Kokaram 2007, eq. 9)."""
    root, inverse = (_power(content.covariance, p, eps) for p in (0.5, -0.5))
    matrix = inverse @ _power(root @ style.covariance @ root, 0.5, eps * eps) @ inverse
    return Affine(matrix, style.mean - matrix @ content.mean)


def _power(matrix: Tensor, exponent: float, eps: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return vectors * (values.clamp(min=0) + eps) ** exponent @ vectors.T
