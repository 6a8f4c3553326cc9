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
    """Each column of x [N, width] by its mean and deviation over many pictures.

    They are measured while `measuring` is set, and otherwise the same in training as later. Those of a batch would not
    do: of what is rare, a batch holds none or a lot.
    """

    centre: Tensor
    deviation: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.measuring: list[Tensor] | None = None
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """[N, width] → [N, width], within ±8."""
        if self.measuring is not None:
            self.measuring.append(x.detach().float())
        return ((x - self.centre) / (self.deviation + 1e-3)).clamp(-8, 8)

    def settle(self) -> None:
        """Takes the figures over from what was measured."""
        deviation, centre = torch.std_mean(torch.cat(self.measuring or []), 0)
        self.centre.copy_(centre)
        self.deviation.copy_(deviation)
        self.measuring = None


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
