"""A perceptual distance in the form of LPIPS (Zhang et al. 2018). It is not LPIPS: other features, other values."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.features.network import FeatureNet


class PerceptualDistance:
    """Sum over taps of the mean squared distance of features that have unit length at each place (equation 1).

    (made, wanted) → [N], differentiable, 0 for equal pictures [N, 3, h, w] in -1..1 of the same size. The channel
    weights are the network's own; `plain` takes all of them as 1. Features of the wanted picture are kept while it
    stays the same tensor.
    """

    def __init__(self, net: FeatureNet, plain: bool = False) -> None:
        self.net, self.plain = net, plain
        self._kept: tuple[Tensor, int, list[Tensor]] | None = None

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair."""
        if self._kept is None or self._kept[0] is not wanted or self._kept[1] != wanted._version:
            with torch.no_grad():
                self._kept = wanted, wanted._version, self.features(wanted)
        pairs = zip(self.features(made), self._kept[2], strict=True)
        return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).sum(0)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Weighted features of unit length of the five taps."""
        found = [unit(features) for features in self.net(pictures)]
        if self.plain:
            return found
        return [f * w[:, None, None] for f, w in zip(found, self.net.perceptual, strict=True)]


def unit(features: Tensor) -> Tensor:
    """Features [N, C, h, w] scaled to unit length at each place; silent places stay silent."""
    return features / (features.square().sum(1, keepdim=True) + 1e-4).sqrt()
