"""A second, independent space of texture features, for judging only: a small VGG-shaped network with random weights.

Nothing here is optimised by any editor. Untrained networks of this shape describe textures usefully (Ustyuzhaninov et
al. 2016; He, Wang and Hopcroft 2016) and share nothing with the oriented filters of `nets.gabor`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RandomVGG(nn.Module):
    """Blocks of two 3x3 convolutions with average pooling between them; weights are normal, from a seed.

    Every convolution is scaled so that responses keep their size (He et al. 2015); no data are needed to balance the
    layers.
    """

    def __init__(self, widths: tuple[int, ...] = (24, 48, 64, 64), seed: int = 20_16) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        weights, before = [], 3
        for width in widths:
            for inputs in (before, width):
                weight = torch.randn(width, inputs, 3, 3, generator=generator)
                weight = weight - weight.mean((1, 2, 3), keepdim=True)  # blind to plain brightness
                weights.append(nn.Parameter(weight * math.sqrt(2 / (9 * inputs)), requires_grad=False))
            before = width
        self.weights = nn.ParameterList(weights)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Responses to RGB [N, 3, H, W] in 0..1 after the first convolution of every block, finest first."""
        x, taps = 4 * (rgb - 0.5), []
        for index, weight in enumerate(self.weights):
            x = F.conv2d(F.pad(x, [1] * 4, mode="replicate"), weight).relu()
            if index % 2 == 0:
                taps.append(x)
            elif index + 1 < len(self.weights) and min(x.shape[2:]) > 1:
                x = F.avg_pool2d(x, 2)
        return taps
