"""Distances of pictures by features of unit length: the form of LPIPS (Zhang et al. 2018, equation 1), for any network.

None of them is LPIPS: other features, other weights, other values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class UnitFeatureDistance(ABC):
    """The squared distance of features, averaged over places, of every level.

    Features of the wanted picture are kept while it stays the same tensor.
    """

    def __init__(self) -> None:
        self._kept: tuple[Tensor, int, list[Tensor]] | None = None

    @abstractmethod
    def features(self, pictures: Tensor) -> list[Tensor]:
        """Features [N, C, h, w] of pictures [N, 3, h, w] in -1..1, level by level, of `unit` length at each place."""

    def levels(self, made: Tensor, wanted: Tensor) -> Tensor:
        """[levels, N], differentiable, 0 for equal pictures."""
        if self._kept is None or self._kept[0] is not wanted or self._kept[1] != wanted._version:
            with torch.no_grad():
                self._kept = wanted, wanted._version, self.features(wanted)
        pairs = zip(self.features(made), self._kept[2], strict=True)
        return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs])


def unit(features: Tensor) -> Tensor:
    """Features [N, C, h, w] scaled to unit length at each place; silent places stay silent."""
    return features / (features.square().sum(1, keepdim=True) + 1e-4).sqrt()
