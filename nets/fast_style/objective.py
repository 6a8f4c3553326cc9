"""What a fast style network learns from: the losses of Johnson, Alahi and Fei-Fei 2016, for several styles at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features import FeatureNet, gram
from nets.seen import among

CONTENT_TAP, TAPS = 3, 4


@dataclass(frozen=True)
class Weights:
    """How much each loss counts: content at relu3_1, Gram matrices, total variation, and colours beyond -1..1."""

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
            taps = [[gram(among(tap, seen)) for tap in trunk(style, TAPS)] for style, seen in styles]
        self.grams = [torch.cat(level) for level in zip(*taps, strict=True)]

    def __call__(self, made: Tensor, content: Tensor, styles: Tensor) -> dict[str, Tensor]:
        """Each loss, weighted; their sum is what is minimised.

        Args:
            made, content: painted pictures and the photographs they are of, [N, 3, h, w] in -1..1.
            styles: the number of each picture's style, [N].
        """
        taps = [tap.float() for tap in self.trunk(made.clamp(-1.2, 1.2), TAPS)]
        with torch.no_grad():
            wanted = self.trunk(content, CONTENT_TAP)[-1].float()
        across, down = made[..., 1:] - made[..., :-1], made[..., 1:, :] - made[..., :-1, :]
        return {
            "content": self.weights.content * F.mse_loss(taps[CONTENT_TAP - 1], wanted) / wanted.var(),
            "style": self.weights.style * self.style(taps, styles).mean(),
            "range": self.weights.range * (made.abs() - 1).clamp(min=0).mean(),
            "smooth": self.weights.smooth * (across.abs().mean() + down.abs().mean()),
        }

    def style(self, taps: Sequence[Tensor], styles: Tensor) -> Tensor:
        """Distance of Gram matrices relative to the style's own, a mean over taps: [N]."""
        apart = []
        for tap, targets in zip(taps, self.grams, strict=True):
            target = targets[styles]
            apart.append((gram(tap) - target).square().sum((1, 2)) / target.square().sum((1, 2)))
        return (torch.stack(apart) + 1e-4).sqrt().mean(0)  # roots, else the worst tap would be all that is heard
