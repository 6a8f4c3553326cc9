"""Features of texture that come from a formula, not from training.

An image is taken apart into a binomial pyramid. On every level an oriented Gabor bank looks at luminance (both phases,
both signs, as simple cells do) and a coarser one at the two opponent colours; one fixed random 3x3 layer on top sees
how the responses stand together. Means and covariances of these describe brush strokes well enough to paint with them
(Gatys, Ecker, Bethge 2016 use VGG-19 here; Ustyuzhaninov et al. 2016 found that untrained filters can do).
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

OPPONENT = torch.tensor([[3**-0.5] * 3, [2**-0.5, -(2**-0.5), 0.0], [6**-0.5, 6**-0.5, -2 * 6**-0.5]])
"""Orthonormal rows: luminance, red minus green, yellow minus blue."""

BINOMIAL = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def to_opponent(rgb: Tensor) -> Tensor:
    """RGB [N, 3, H, W] in 0..1 to luminance and two opponent colours, centred on grey and doubled."""
    return torch.einsum("ij,njhw->nihw", OPPONENT.to(rgb), 2 * rgb - 1)


def to_rgb(opponent: Tensor) -> Tensor:
    """The inverse of `to_opponent`."""
    return (torch.einsum("ji,njhw->nihw", OPPONENT.to(opponent), opponent) + 1) / 2


def halve(x: Tensor) -> Tensor:
    """Blur [N, C, H, W] with the 5-tap binomial and keep every second pixel (Burt and Adelson 1983)."""
    channels = x.shape[1]
    kernel = torch.outer(BINOMIAL, BINOMIAL).to(x).expand(channels, 1, 5, 5)
    return F.conv2d(F.pad(x, [2] * 4, mode="replicate"), kernel, stride=2, groups=channels)


def gabor_bank(
    orientations: int, size: int = 7, wavelength: float = 4.0, along: float = 2.2, across: float = 1.5
) -> Tensor:
    """Zero-mean, unit-norm Gabor filters, even and odd for every orientation: [2 * orientations, 1, size, size]."""
    ramp = torch.arange(size) - (size - 1) / 2
    y, x = torch.meshgrid(ramp, ramp, indexing="ij")
    filters = []
    for k in range(orientations):
        angle = k * math.pi / orientations
        u, v = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        envelope = torch.exp(-(u**2) / (2 * across**2) - v**2 / (2 * along**2))
        for phase in (0.0, math.pi / 2):
            g = envelope * torch.cos(2 * math.pi * u / wavelength + phase)
            g = g - g.mean()
            filters.append(g / g.norm())
    return torch.stack(filters)[:, None]


class _Moments(torch.autograd.Function):
    """Mean and covariance; the backward pass is one matrix product where autograd would keep three copies of it all."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        flat = features.flatten(2)[0]
        mean = flat.mean(1)
        covariance = flat @ flat.T / flat.shape[1] - torch.outer(mean, mean)
        ctx.save_for_backward(features, mean)
        return mean, covariance

    @staticmethod
    def backward(ctx: Any, grad_mean: Tensor, grad_covariance: Tensor) -> Tensor:
        features, mean = ctx.saved_tensors
        flat = features.flatten(2)[0]
        matrix = (grad_covariance + grad_covariance.T) / flat.shape[1]
        offset = grad_mean / flat.shape[1] - matrix @ mean
        return torch.addmm(offset[:, None], matrix, flat).view_as(features)


class _Rectified(torch.autograd.Function):
    """Both signs of the luminance responses, the size of the colour ones, and the picture, in one block of memory."""

    @staticmethod
    def forward(ctx: Any, luma: Tensor, chroma: Tensor, x: Tensor) -> Tensor:
        n, c = luma.shape[1], chroma.shape[1]
        out = x.new_empty(x.shape[0], 2 * n + c + x.shape[1], *x.shape[2:])
        torch.clamp(luma, min=0, out=out[:, :n])
        torch.sub(out[:, :n], luma, out=out[:, n : 2 * n])
        torch.abs(chroma, out=out[:, 2 * n : 2 * n + c])
        out[:, 2 * n + c :] = x
        ctx.save_for_backward(luma > 0, chroma.sign())
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        positive, sign = ctx.saved_tensors
        n, c = positive.shape[1], sign.shape[1]
        luma = torch.where(positive, grad[:, :n], -grad[:, n : 2 * n])
        return luma, sign * grad[:, 2 * n : 2 * n + c], grad[:, 2 * n + c :]


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [C] and covariance [C, C] over the pixels of features [1, C, H, W]."""
    return _Moments.apply(features)


class GaborPyramid(nn.Module):
    """Oriented Gabor responses over a binomial pyramid, with one random mixing layer per level. Nothing is trained.

    Args:
        levels: pyramid levels; each sees strokes twice as wide as the one before.
        mix: channels of the random layer; 0 leaves it out.
        seed: of the random layer.
    """

    def __init__(self, levels: int = 4, mix: int = 64, seed: int = 0) -> None:
        super().__init__()
        self.levels = levels
        self.register_buffer("luma", gabor_bank(8), persistent=False)
        self.register_buffer("chroma", gabor_bank(4).repeat(2, 1, 1, 1), persistent=False)
        self.channels = 2 * len(self.luma) + len(self.chroma) + 3
        generator = torch.Generator().manual_seed(seed)
        weight = torch.randn(mix, self.channels, 3, 3, generator=generator) / math.sqrt(9 * self.channels)
        self.register_buffer("mix", weight, persistent=False)

    def simple_cells(self, x: Tensor) -> Tensor:
        """Rectified responses to one opponent-colour level: [N, channels, H, W]; the level itself comes last."""
        padded = F.pad(x, [3] * 4, mode="replicate")
        luma = F.conv2d(padded[:, :1], self.luma)
        chroma = F.conv2d(padded[:, 1:], self.chroma, groups=2)
        return _Rectified.apply(luma, chroma, x)

    def _pool(self, cells: Tensor) -> Tensor:
        """`halve`, but responses beyond the border count as none: that saves a copy of the largest tensor there is."""
        kernel = torch.outer(BINOMIAL, BINOMIAL).to(cells).expand(self.channels, 1, 5, 5)
        return F.conv2d(cells, kernel, stride=2, padding=2, groups=self.channels)

    def forward(self, opponent: Tensor) -> list[Tensor]:
        """Responses to [N, 3, H, W] from `to_opponent`, finest level first: simple cells, their mix, and so on."""
        taps, x = [], opponent
        for level in range(self.levels):
            cells = self.simple_cells(x)
            taps.append(cells)
            if len(self.mix):
                taps.append(F.conv2d(self._pool(cells), self.mix, padding=1).relu())
            if level < self.levels - 1:
                x = halve(x)
        return taps
