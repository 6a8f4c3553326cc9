"""Layers of the judges: convolutions without normalisation, so that a picture is judged alike alone or in a batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size (or halves it) and, before a ReLU, the variance (He et al. 2015)."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class Residual(nn.Module):
    """x + f(x) with two 3×3 convolutions; f starts small, which serves instead of normalisation (De & Smith 2020)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width)
        nn.init.normal_(self.second.weight, std=0.1 * (2 / (9 * width)) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[N, width, h, w] of values from 0 → the same shape, from 0."""
        y: Tensor = relu(x + self.second(relu(self.first(x))))
        return y


class Standardise(nn.Module):
    """Each column of x [N, width] by its mean and deviation over what was seen in training.

    Training uses the same running figures as judging, so both see the same numbers.
    """

    centre: Tensor
    deviation: Tensor

    def __init__(self, width: int, momentum: float = 0.02) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """[N, width] → [N, width], within ±8."""
        if self.training and len(x) > 1:
            with torch.no_grad():
                self.centre.lerp_(x.mean(0).to(self.centre.dtype), self.momentum)
                self.deviation.lerp_((x - self.centre).square().mean(0).sqrt().to(self.centre.dtype), self.momentum)
        return ((x - self.centre) / (self.deviation + 1e-3)).clamp(-8, 8)


class Trunk(nn.Module):
    """Pictures [N, 3, s, s] → features at s/2, s/4, s/8 and s/16."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        a, b, c, d = widths
        self.stem = conv(3, a, stride=2)
        self.quarter = nn.ModuleList([conv(a, b, stride=2), Residual(b), Residual(b)])
        self.eighth = nn.ModuleList([conv(b, c, stride=2), Residual(c), Residual(c)])
        self.sixteenth = nn.ModuleList([conv(c, d, stride=2), Residual(d), Residual(d)])

    def forward(self, x: Tensor) -> list[Tensor]:
        """The four maps, after their ReLU."""
        found = [relu(self.stem(x))]
        for level in (self.quarter, self.eighth, self.sixteenth):
            down, *blocks = level
            y = relu(down(found[-1]))
            for block in blocks:
                y = block(y)
            found.append(y)
        return found
