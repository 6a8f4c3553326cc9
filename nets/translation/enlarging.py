"""Real-ESRGAN's networks (Wang et al. 2021): RRDB (ESRGAN) for two or four times the size, and the compact one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Dense(nn.Module):
    """Five convolutions, each of which sees all before it; a fifth of the result is added."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(width + n * growth, width if n == 4 else growth, 3, padding=1) for n in range(5)
        )

    def forward(self, x: Tensor) -> Tensor:
        """x [N, width, h, w] → the same shape."""
        seen = x
        for conv in list(self.convs)[:4]:
            seen = torch.cat([seen, F.leaky_relu(conv(seen), 0.2)], 1)
        return x + 0.2 * self.convs[4](seen)


class Rrdb(nn.Module):
    """Pictures [N, 3, h, w] in 0..1 → [N, 3, scale h, scale w].

    Args:
        scale: 4, 2 or 1; below 4, blocks of pixels come in as channels, and h and w are multiples of 4 / scale.
        width, growth: channels, and by how many each convolution of a dense part grows them.
        blocks: of three dense parts each.
    """

    reach = 32  # what matters in practice; on paper hundreds of pixels

    def __init__(self, scale: int = 4, width: int = 64, growth: int = 32, blocks: int = 23) -> None:
        super().__init__()
        if scale not in (1, 2, 4):
            raise ValueError(f"scale: expected 1, 2 or 4, got {scale}")
        self.scale, self.fold = scale, 4 // scale
        self.multiple = self.fold
        self.first = nn.Conv2d(3 * self.fold**2, width, 3, padding=1)
        self.body = nn.ModuleList(nn.ModuleList(Dense(width, growth) for _ in range(3)) for _ in range(blocks))
        self.after_body = nn.Conv2d(width, width, 3, padding=1)
        self.up = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.fine, self.last = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """The enlarged pictures, in about 0..1."""
        start = x = self.first(F.pixel_unshuffle(x, self.fold) if self.fold > 1 else x)
        for block in self.body:
            inner = x
            for dense in block:
                inner = dense(inner)
            x = x + 0.2 * inner
        x = start + self.after_body(x)
        for conv in self.up:
            x = F.leaky_relu(conv(F.interpolate(x, scale_factor=2.0, mode="nearest")), 0.2)
        return self.last(F.leaky_relu(self.fine(x), 0.2))


class Compact(nn.Module):
    """Pictures [N, 3, h, w] in 0..1 → [N, 3, scale h, scale w], all work done at the small size.

    Args:
        scale: how many times larger.
        width: channels.
        layers: convolutions between the first and the last.
    """

    multiple = 1

    def __init__(self, scale: int = 4, width: int = 64, layers: int = 16) -> None:
        super().__init__()
        self.scale, self.reach = scale, layers + 2
        sides = [3, *[width] * (layers + 1)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(sides, sides[1:], strict=False))
        self.slopes = nn.ModuleList(nn.PReLU(width) for _ in self.convs)
        self.last = nn.Conv2d(width, 3 * scale**2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """The enlarged pictures, in about 0..1."""
        y = x
        for conv, slope in zip(self.convs, self.slopes, strict=True):
            y = slope(conv(y))
        return F.pixel_shuffle(self.last(y), self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")
