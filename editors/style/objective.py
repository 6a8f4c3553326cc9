"""What neural style minimises on one scale."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.gabor import GaborPyramid, moments, to_rgb
from nets.seen import among

CONTENT_LEVELS = (1, 2, 3)  # level 0 is left free for the strokes
LUMA_CELLS = 32  # the first channels of `GaborPyramid.simple_cells`
LUMINANCE = -3  # and the one that is luminance itself


class Objective:
    """L(x) on one scale, for a content and a style in opponent colours [1, 3, h, w].

    `seen` [1, 1, h, w] is 1 where the style is and 0 where it is clear; None: all of it is there.
    `shown`: the same of the content, and of x; it may have another size.
    """

    def __init__(
        self,
        net: GaborPyramid,
        content: Tensor,
        style: Tensor,
        weight: float,
        smooth: float,
        seen: Tensor | None = None,
        shown: Tensor | None = None,
    ) -> None:
        self.net, self.weight, self.smooth, self.shown = net, weight, smooth, shown
        with torch.no_grad():
            self.targets = [_normalised(*moments(among(tap, seen))) for tap in net(style)]
            taps = net(content)
            self.structure = [(level, taps[2 * level][:, :LUMA_CELLS].clone()) for level in CONTENT_LEVELS]
            self.tone = taps[2 * CONTENT_LEVELS[-1]][:, LUMINANCE].clone()

    def __call__(self, x: Tensor) -> Tensor:
        """The loss, a scalar."""
        taps = self.net(x)
        loss = torch.zeros(()).to(x)
        for tap, (unit, mean, covariance_) in zip(taps, self.targets, strict=True):
            m, c = moments(among(tap, self.shown))
            spread = (c * unit[:, None] * unit - covariance_).square().sum()
            loss = loss + spread / covariance_.square().sum().clamp_min(1)
            loss = loss + (m * unit - mean).square().sum() / mean.square().sum().clamp_min(1)
        content = _relative_error(taps[2 * CONTENT_LEVELS[-1]][:, LUMINANCE], self.tone)
        for level, wanted in self.structure:
            content = content + _relative_error(taps[2 * level][:, :LUMA_CELLS], wanted) / len(self.structure)
        loss = loss + self.weight * content
        rgb = to_rgb(x)
        variation = (x[..., 1:] - x[..., :-1]).abs().mean() + (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
        outside = ((rgb - 1).relu().square() + (-rgb).relu().square()).mean()
        return loss + 0.003 * self.smooth * variation + 10 * outside


def _normalised(mean: Tensor, covariance_: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Units of the style's deviation (floored, so that silent channels do not shout), then both moments in them."""
    deviation = covariance_.diagonal().clamp_min(0).sqrt()
    unit = 1 / deviation.clamp_min(max(0.05 * deviation.max().item(), 0.01))
    return unit, mean * unit, covariance_ * unit[:, None] * unit


def _relative_error(x: Tensor, wanted: Tensor) -> Tensor:
    return (x - wanted).square().mean() / wanted.var().clamp_min(1e-4)
