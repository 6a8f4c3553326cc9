"""What a fast style network learns from: content and style by features of photographs, for several styles at once.

As in Johnson, Alahi and Fei-Fei 2016, with means and covariances in units of the style's deviations in place of Gram
matrices, which a few strong channels would rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nets.features import FeatureNet
from nets.seen import among

TAPS = 3
"""relu1_1 … relu3_1 for style; the last of them for content as well."""


@dataclass(frozen=True)
class Weights:
    """How much each loss counts: content at relu3_1, style, total variation, and colours beyond -1..1."""

    content: float = 1.0
    style: float = 6.0
    smooth: float = 0.05
    range: float = 2.0


class Objective:
    """The losses of painted pictures.

    Args:
        trunk: features that know photographs.
        styles: a style picture [1, 3, h, w] in -1..1 each, and which of its pixels are there ([1, 1, h, w]; None: all).
        weights: of the losses.
    """

    def __init__(
        self, trunk: FeatureNet, styles: Sequence[tuple[Tensor, Tensor | None]], weights: Weights | None = None
    ) -> None:
        self.trunk, self.weights = trunk, weights or Weights()
        with torch.no_grad():
            seen = [[among(tap, there).float() for tap in trunk(style, TAPS)] for style, there in styles]
            self.targets = [Target([row[n] for row in seen]) for n in range(TAPS)]

    def __call__(self, made: Tensor, content: Tensor, styles: Tensor) -> dict[str, Tensor]:
        """Each loss, weighted; their sum is what is minimised.

        Args:
            made, content: painted pictures, and the photographs they are of in their styles' colours, [N, 3, h, w] in
                -1..1.
            styles: the number of each picture's style, [N].
        """
        taps = [tap.float() for tap in self.trunk(made.clamp(-1.2, 1.2), TAPS)]
        with torch.no_grad():
            wanted = self.trunk(content, TAPS)[-1].float()
        across, down = made[..., 1:] - made[..., :-1], made[..., 1:, :] - made[..., :-1, :]
        return {
            "content": self.weights.content * _relative(taps[-1], wanted),
            "style": self.weights.style * self.style(taps, styles).mean(),
            "range": self.weights.range * (made.abs() - 1).clamp(min=0).mean(),
            "smooth": self.weights.smooth * (across.abs().mean() + down.abs().mean()),
        }

    def style(self, taps: Sequence[Tensor], styles: Tensor) -> Tensor:
        """Distance of the moments relative to the style's own, a mean over taps: [N]."""
        return torch.stack([target.apart(tap, styles) for tap, target in zip(taps, self.targets, strict=True)]).mean(0)


def _relative(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared error in units of each picture's own variance: a pale style's content counts as much as a bold one's."""
    return ((features - wanted).square().mean((1, 2, 3)) / wanted.var((1, 2, 3)).clamp(min=1e-3)).mean()


class Target:
    """Means and covariances of several styles at one tap, each channel in units of its deviation there."""

    def __init__(self, features: Sequence[Tensor]) -> None:
        rows = [_moments(each) for each in features]
        deviation = torch.stack([covariance[0].diagonal().clamp(min=0).sqrt() for _, covariance in rows])
        floor = (0.5 * deviation.mean(1, keepdim=True)).clamp(min=0.01)  # so that silent channels do not shout
        self.unit = 1 / deviation.maximum(floor)
        self.mean = torch.cat([mean for mean, _ in rows]) * self.unit
        self.covariance = torch.cat([covariance for _, covariance in rows]) * self.squares(self.unit)

    @staticmethod
    def squares(unit: Tensor) -> Tensor:
        """[N, C] → [N, C, C]."""
        return unit[:, :, None] * unit[:, None]

    def apart(self, features: Tensor, styles: Tensor) -> Tensor:
        """How far features [N, C, h, w] are from these styles: [N], 0 for the style itself."""
        mean, covariance = _moments(features)
        unit, wanted, spread = self.unit[styles], self.mean[styles], self.covariance[styles]
        means = (mean * unit - wanted).square().sum(1) / wanted.square().sum(1).clamp(min=1)
        spreads = (covariance * self.squares(unit) - spread).square().sum((1, 2))
        spreads = spreads / spread.square().sum((1, 2)).clamp(min=1)
        return (means + spreads).log1p()  # else the worst would be all that is heard


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Means [N, C] and covariances [N, C, C] over the places of features [N, C, h, w]."""
    flat = features.flatten(2)
    mean = flat.mean(2)
    flat = flat - mean[..., None]
    return mean, flat @ flat.transpose(1, 2) / flat.shape[2]
