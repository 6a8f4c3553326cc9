"""The residual discriminator with minibatch standard deviation (StyleGAN2, appendix B)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.stylegan2.config import default_channels
from nets.stylegan2.layers import SLOPE, SQRT2, Dense, memory_format, pixel_norm
from nets.stylegan2.upfirdn import conv_downsample2d


class Conv(nn.Module):
    """Convolution with equalised learning rate, then bias and leaky ReLU unless `linear`; halves the size if `down`."""

    def __init__(self, inputs: int, outputs: int, size: int, *, down: bool = False, linear: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = None if linear else nn.Parameter(torch.zeros(outputs))
        self.weight_gain = 1 / math.sqrt(inputs * size * size)
        self.taps = (1.0, 3.0, 3.0, 1.0) if down else None

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        """x [N, I, h, w] → [N, O, h, w] or half that size, times `gain`."""
        weight = self.weight * (self.weight_gain * gain * (1.0 if self.bias is None else SQRT2))
        if self.taps is not None:
            y = conv_downsample2d(x, weight, self.taps)
        else:
            y = F.conv2d(x, weight.to(x.dtype), padding=weight.shape[-1] // 2)
        if self.bias is None:
            return y
        return F.leaky_relu(y + (self.bias * (SQRT2 * gain)).to(y.dtype)[:, None, None], SLOPE)


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions and a 1×1 shortcut, both halving the size: [N, I, h, w] → [N, O, h/2, w/2]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv0 = Conv(inputs, inputs, 3)
        self.conv1 = Conv(inputs, outputs, 3, down=True)
        self.skip = Conv(inputs, outputs, 1, down=True, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        """Both branches at half variance each, summed."""
        half = math.sqrt(0.5)
        y: Tensor = self.conv1(self.conv0(x), half) + self.skip(x, half)
        return y


def minibatch_deviation(x: Tensor, group: int = 4) -> Tensor:
    """x [N, C, h, w] with one more channel: how much the pictures of its group differ. The group divides N."""
    n = len(x)
    size = next(g for g in range(min(group, n), 0, -1) if n % g == 0)
    y = x.float().unflatten(0, (size, n // size))
    spread = (y - y.mean(0)).square().mean(0).add(1e-8).sqrt().mean((1, 2, 3))
    return torch.cat([x, spread.repeat(size).to(x.dtype).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])], dim=1)


class Discriminator(nn.Module):
    """Image [N, img_channels, H, H] in about -1 … 1 (and a label c [N, c_dim]) → realness [N, 1]."""

    def __init__(
        self, resolution: int, channels: Mapping[int, int] | None = None, img_channels: int = 3, c_dim: int = 0
    ) -> None:
        super().__init__()
        widths = dict(channels or default_channels(resolution))
        heights = sorted(widths, reverse=True)
        if (
            len(heights) < 2
            or heights[0] != resolution
            or any(a != 2 * b for a, b in zip(heights, heights[1:], strict=False))
        ):
            raise ValueError(f"channels: block heights must halve from {resolution}, got {heights}")
        self.from_rgb = Conv(img_channels, widths[resolution], 1)
        pairs = zip(heights, heights[1:], strict=False)
        self.blocks = nn.ModuleDict({str(h): ResidualBlock(widths[h], widths[below]) for h, below in pairs})
        end = heights[-1]
        self.conv = Conv(widths[end] + 1, widths[end], 3)
        self.fc = Dense(widths[end] * end * end, widths[end], leaky=True)
        self.out = Dense(widths[end], c_dim or 1)
        self.label = Dense(c_dim, c_dim) if c_dim else None

    def features(self, image: Tensor) -> list[Tensor]:
        """What leaves every block, from fine to coarse."""
        x = self.from_rgb(image.contiguous(memory_format=memory_format(image)))
        found = []
        for block in self.blocks.values():
            x = block(x)
            found.append(x)
        return found

    def forward(self, image: Tensor, c: Tensor | None = None) -> Tensor:
        """Realness, higher for what looks like the training set. Raises ValueError for a missing label."""
        x = self.features(image)[-1]
        y: Tensor = self.out(self.fc(self.conv(minibatch_deviation(x)).flatten(1)))
        if self.label is None:
            return y
        if c is None:
            raise ValueError("c: this discriminator is conditional and needs labels")
        label = pixel_norm(self.label(c.to(y)))
        return (y * label).sum(1, keepdim=True) / math.sqrt(y.shape[1])
