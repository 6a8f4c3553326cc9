"""Layers of the judges: convolutions without normalisation, so that a picture is judged alike alone or in a batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, grid_sample, relu


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


REACH = 2
"""Cells to either side that a closer look sees, and the longest step that it may take."""


class CloserLook(nn.Module):
    """A last step for each landmark, from the features on a raster around it and what is known of the whole picture.

    A heat map of a quarter of the picture's size tells a place to some tenths of a cell; edges tell it better, and they
    are seen best from near by (cascaded regression after Dollár et al. 2010, Sun et al. 2013). No step leads out of
    what was seen: in pictures unlike all renders, a photograph's, nothing else would hold it.
    """

    raster: Tensor

    def __init__(self, landmarks: int, inputs: int, known: int, width: int) -> None:
        super().__init__()
        line = torch.arange(-REACH, REACH + 1.0)
        self.register_buffer("raster", torch.cartesian_prod(line, line).flip(1), persistent=False)
        self.around, self.whole = nn.Linear(inputs * len(self.raster), width), nn.Linear(known, width)
        self.own = nn.Parameter(torch.randn(landmarks, width) / math.sqrt(width))
        self.step = nn.Parameter(torch.zeros(landmarks, width, 2))

    def forward(self, features: Tensor, points: Tensor, known: Tensor) -> Tensor:
        """features [N, inputs, s, s], points [N, L, 2] in -1..1 of them, known [N, known] → steps [N, L, 2]."""
        grid = points[:, :, None] + self.raster * (2 / features.shape[-1])
        seen = grid_sample(features, grid, padding_mode="border", align_corners=False)  # [N, inputs, L, places]
        hidden = self.around(seen.permute(0, 2, 3, 1).flatten(2)) + self.whole(known)[:, None] + self.own
        longest = REACH * 2 / features.shape[-1]
        return longest * torch.tanh(torch.einsum("nlw,lwk->nlk", gelu(hidden), self.step) * (0.1 / longest))
