"""Taps with the picture's own colours beside them.

A trunk that was continued on edges sees contrasts and forgets what colour plain ground has: no decoder can tell it from
relu2_1 on. So each tap gets the colours of the picture at its own size, as three further channels. Whatever exchanges
statistics moves them with the others, and a decoder adds what it reads out of the features to them.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features.network import FeatureNet

SCALE = 2.0
"""Of the colours, which are in -1..1, so that they vary about as much as features do."""


class Coloured:
    """A trunk whose taps have three channels more."""

    def __init__(self, net: FeatureNet) -> None:
        self.net = net

    def __call__(self, pictures: Tensor, taps: int = 4) -> list[Tensor]:
        """The first `taps` taps of pictures [N, 3, h, w] in -1..1, the colours last."""
        found, colours = [], pictures
        for number, tap in enumerate(self.net(pictures, taps)):
            if number:
                colours = F.avg_pool2d(colours, 2, ceil_mode=True, count_include_pad=False)
            found.append(torch.cat([tap, SCALE * colours.to(tap.dtype)], 1))
        return found

    def base(self, pictures: Tensor, taps: int) -> Tensor:
        """What `top` makes the last of the first `taps` taps of: that of the trunk, the colours last."""
        features, colours = self.net.base(pictures, taps), pictures
        for _ in range(taps - 1):
            colours = F.avg_pool2d(colours, 2, ceil_mode=True, count_include_pad=False)
        return torch.cat([features, colours.to(features.dtype)], 1)

    def top(self, base: Tensor, taps: int) -> Tensor:
        """The last of the first `taps` taps, of its base."""
        return torch.cat([self.net.top(base[:, :-3], taps), SCALE * base[:, -3:]], 1)


def enlarged_colours(features: Tensor, tap: int, height: int, width: int) -> Tensor:
    """The colours of relu`tap`_1 with colours, at the picture's size [N, 3, height, width]."""
    colours = features[:, -3:].float() / SCALE
    if tap > 1:
        colours = F.interpolate(colours, scale_factor=2 ** (tap - 1), mode="bilinear", align_corners=False)
    return colours[:, :, :height, :width]


def rooted(features: Tensor) -> Tensor:
    """Features with colours, the former as roots with their signs: few places speak, some of them very loudly."""
    loud, colours = features[:, :-3], features[:, -3:]
    return torch.cat([((loud.abs() + 0.25).sqrt() - 0.5).copysign(loud), colours], 1)
