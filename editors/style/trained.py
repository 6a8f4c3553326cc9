"""What neural style minimises on one scale with features that were trained on photographs.

Gatys, Ecker and Bethge 2016, equation 7, with covariances and means, each channel in units of the style's deviation,
in place of Gram matrices; content at relu4_1 and, half as much, at relu3_1, as far as the network goes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from editors.style.objective import _normalised, _relative_error
from nets.features import FeatureNet
from nets.gabor import moments, to_rgb
from nets.seen import among

CONTENT = {2: 0.5, 3: 1.0}
"""Weight of each tap, by its number from 0."""

SCALE = 0.12
"""Of the content's weight beside that of the Gabor features: at the same setting shapes are kept about as firmly."""


class TrainedObjective:
    """L(x) on one scale, for a content and a style in opponent colours [1, 3, h, w].

    `seen` [1, 1, h, w] is 1 where the style is and 0 where it is clear; None: all of it is there.
    `shown`: the same of the content, and of x; it may have another size.
    """

    def __init__(
        self,
        net: FeatureNet,
        content: Tensor,
        style: Tensor,
        weight: float,
        smooth: float,
        seen: Tensor | None = None,
        shown: Tensor | None = None,
    ) -> None:
        self.net, self.weight, self.smooth, self.shown = net, weight, smooth, shown
        with torch.no_grad():
            self.targets = [_normalised(*moments(among(tap, seen))) for tap in self._taps(style)]
            taps = self._taps(content)
            self.structure = [(n, share, taps[n]) for n, share in CONTENT.items()]

    def _taps(self, x: Tensor) -> list[Tensor]:
        taps: list[Tensor] = self.net(to_rgb(x) * 2 - 1)
        return taps

    def __call__(self, x: Tensor) -> Tensor:
        """The loss, a scalar."""
        taps = self._taps(x)
        loss = torch.zeros(()).to(x)
        for tap, (unit, mean, covariance) in zip(taps, self.targets, strict=True):
            m, c = moments(among(tap, self.shown))
            spread = (c * unit[:, None] * unit - covariance).square().sum()
            loss = loss + spread / covariance.square().sum().clamp_min(1)
            loss = loss + (m * unit - mean).square().sum() / mean.square().sum().clamp_min(1)
        for number, share, wanted in self.structure:
            loss = loss + SCALE * self.weight * share * _relative_error(taps[number], wanted)
        rgb = to_rgb(x)
        variation = (x[..., 1:] - x[..., :-1]).abs().mean() + (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
        outside = ((rgb - 1).relu().square() + (-rgb).relu().square()).mean()
        return loss + 0.003 * self.smooth * variation + 10 * outside
