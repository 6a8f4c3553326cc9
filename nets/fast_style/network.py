"""One network for several styles: Johnson, Alahi and Fei-Fei 2016 with the normalisation of Dumoulin et al. 2017.

Slim, so that it follows a slider; enlarged by repeating values before a convolution, which leaves no checkerboard
(Odena et al. 2016); padded by mirror. What the layers make is added to the picture in each style's colours, a linear
map, so that they have strokes to learn and not the picture itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style import grain
from nets.fast_style.config import FastStyleConfig
from nets.fast_style.normalisation import ConditionalNorm, Statistics

REACH = 64
"""Pixels around a place that its colour depends on, besides the statistics; a multiple of 8."""


class Layer(nn.Module):
    """Convolution, conditional normalisation and, but for the second of a block, a ReLU."""

    def __init__(self, styles: int, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, bias=False)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        self.norm = ConditionalNorm(styles, outputs)

    def forward(self, x: Tensor, blend: Tensor, statistics: Statistics, relu: bool = True) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h / stride, w / stride]."""
        x = self.norm(self.conv(padded(x, self.conv.kernel_size[0] // 2)), blend, statistics)
        return F.relu(x, inplace=True) if relu else x


class Block(nn.Module):
    """Two layers beside a straight way."""

    def __init__(self, styles: int, width: int) -> None:
        super().__init__()
        self.first, self.second = Layer(styles, width, width), Layer(styles, width, width)

    def forward(self, x: Tensor, blend: Tensor, statistics: Statistics) -> Tensor:
        """x and what the layers add."""
        return x + self.second(self.first(x, blend, statistics), blend, statistics, relu=False)


class FastStyle(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 and a blend of styles [N or 1, styles] → pictures in about -1..1."""

    def __init__(self, config: FastStyleConfig) -> None:
        super().__init__()
        self.config, count = config, len(config.styles)
        fine, middle, coarse = config.widths
        self.down = nn.ModuleList(
            [Layer(count, 4, fine, 5), Layer(count, fine, middle, stride=2), Layer(count, middle, coarse, stride=2)]
        )
        self.blocks = nn.ModuleList(Block(count, coarse) for _ in range(config.blocks))
        self.up = nn.ModuleList([Layer(count, coarse, middle), Layer(count, middle, fine)])
        self.matrix = nn.Parameter(torch.eye(3).repeat(count, 1, 1))
        self.offset = nn.Parameter(torch.zeros(count, 3))
        self.last = nn.Conv2d(fine, 3, 5)
        self.register_buffer("grain", grain.field(), persistent=False)
        self.grain: Tensor
        nn.init.normal_(self.last.weight, std=0.02)  # from a dull picture on: a glaring one gives no gradient

    def forward(
        self,
        pictures: Tensor,
        blend: Tensor,
        statistics: Statistics | None = None,
        at: Sequence[tuple[int, int]] = ((0, 0),),
    ) -> Tensor:
        """The pictures in that blend of styles.

        Args:
            pictures: [N, 3, h, w] in -1..1, any size.
            blend: [N or 1, styles], summing to 1.
            statistics: noted in this pass, or used in it once they were (`Statistics.rewind`).
            at: row and column of each picture (one for all) within the one that it is a piece of, for its grain.
        """
        height, width = pictures.shape[2:]
        seen = statistics if statistics is not None else Statistics()
        x = F.pad(pictures, (0, -width % 4, 0, -height % 4), mode="replicate")
        noise = torch.cat([grain.piece(self.grain, *x.shape[2:], *each) for each in at]).to(x)
        x = torch.cat([x, noise.expand(len(x), -1, -1, -1)], 1)
        for layer in (*self.down, *self.blocks):
            x = layer(x, blend, seen)
        for layer in self.up:
            x = layer(F.interpolate(x, scale_factor=2.0, mode="nearest"), blend, seen)
        strokes: Tensor = self.last(padded(x, 2))[:, :, :height, :width].float()
        return strokes + self.ground(pictures, blend)

    def ground(self, pictures: Tensor, blend: Tensor) -> Tensor:
        """The pictures in the colours of a blend of styles."""
        matrix = torch.einsum("ns,sij->nij", blend, self.matrix).expand(len(pictures), -1, -1)
        return (matrix @ pictures.flatten(2)).view_as(pictures) + (blend @ self.offset)[..., None, None]

    def blend(self, shares: dict[str, float]) -> Tensor:
        """[1, styles] of shares by name. Raises KeyError for a style that it has not."""
        row = torch.zeros(1, len(self.config.styles))
        for name, share in shares.items():
            row[0, {n: k for k, n in enumerate(self.config.styles)}[name]] += share
        return row.to(self.last.weight)


def padded(x: Tensor, rim: int) -> Tensor:
    """x with its mirror image around it; a rim that is wider than x repeats its edge."""
    return F.pad(x, (rim, rim, rim, rim), mode="reflect" if min(x.shape[2:]) > rim else "replicate")
