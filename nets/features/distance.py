"""A perceptual distance in the form of LPIPS (Zhang et al. 2018). It is not LPIPS: other features, other values."""

from __future__ import annotations

from torch import Tensor

from nets.distance import UnitFeatureDistance, unit
from nets.features.network import FeatureNet


class PerceptualDistance(UnitFeatureDistance):
    """Sum over taps of the mean squared distance of features that have unit length at each place (equation 1).

    (made, wanted) → [N], differentiable, 0 for equal pictures [N, 3, h, w] in -1..1 of the same size. The channel
    weights are the network's own; `plain` takes all of them as 1. Features of the wanted picture are kept while it
    stays the same tensor.
    """

    def __init__(self, net: FeatureNet, plain: bool = False) -> None:
        super().__init__()
        self.net, self.plain = net, plain

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair."""
        return self.levels(made, wanted).sum(0)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Weighted features of unit length of the five taps."""
        found = [unit(features) for features in self.net(pictures)]
        if self.plain:
            return found
        return [f * w[:, None, None] for f, w in zip(found, self.net.perceptual, strict=True)]
