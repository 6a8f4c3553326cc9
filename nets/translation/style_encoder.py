"""The encoder of style pictures that belongs to a SPADE generator with a style code."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.translation.layers import Norm

SIDE = 256
"""Pixels at which it looks at a picture."""


class StyleEncoder(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 → mean and logarithm of the variance of the style code, each [N, latent].

    Args:
        width: channels of the first layer; they double, up to eight times as many.
        latent: numbers of the code.
    """

    def __init__(self, width: int = 64, latent: int = 256) -> None:
        super().__init__()
        wide = [3, *(width * min(1 << level, 8) for level in range(6))]
        wide[5] = wide[6] = 8 * width
        sides = list(zip(wide, wide[1:], strict=False))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1, bias=False) for a, b in sides)
        self.norms = nn.ModuleList(Norm("instance", b) for _, b in sides)
        self.mean = nn.Linear(wide[-1] * (SIDE >> 6) ** 2, latent)
        self.spread = nn.Linear(wide[-1] * (SIDE >> 6) ** 2, latent)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance."""
        if x.shape[2:] != (SIDE, SIDE):
            x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.leaky_relu(norm(conv(x)), 0.2)
        return self.mean(x.flatten(1)), self.spread(x.flatten(1))


def drawn(mean: Tensor, spread: Tensor, generator: torch.Generator) -> Tensor:
    """A code from that distribution."""
    noise = torch.randn(mean.shape, generator=generator)
    return mean + noise.to(mean) * (0.5 * spread).exp()
