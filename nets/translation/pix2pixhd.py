"""pix2pixHD (Wang et al. 2018): a global generator, enhancers around it, and features of each instance.

The global generator is a `Resnet` of four halvings; the encoder of instances is one without blocks, whose features are
averaged over each instance.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics
from nets.translation.layers import padded
from nets.translation.resnet import Block, Layer, Resnet, ResnetConfig, Rise


@dataclass(frozen=True)
class EnhancedConfig:
    """Sizes of a global generator with enhancers.

    Attributes:
        base: of the global generator; `base.width` is a multiple of 2 ** enhancers.
        enhancers: each doubles the size that the network works at.
        blocks: residual blocks of each enhancer.

    Raises:
        ValueError: a size is no whole number from 1 on, or the width does not halve that often.
    """

    base: ResnetConfig
    enhancers: int = 1
    blocks: int = 3

    def __post_init__(self) -> None:
        if self.enhancers < 1 or self.blocks < 1 or self.base.width % (1 << self.enhancers):
            raise ValueError(f"{self.enhancers} enhancers of {self.blocks} blocks around {self.base.width} channels")

    @property
    def inputs(self) -> int:
        """Channels of the input."""
        return self.base.inputs

    @property
    def outputs(self) -> int:
        """Channels of the output."""
        return self.base.outputs

    @property
    def multiple(self) -> int:
        """Height and width of the input must be multiples of this."""
        return self.base.multiple << self.enhancers

    @property
    def reach(self) -> int:
        """Pixels around a place that its colour depends on, besides the statistics, at most."""
        return sum((self.blocks * 4 + 14) << n for n in range(self.enhancers)) + (self.base.reach << self.enhancers)


class Enhanced(nn.Module):
    """Inputs [N, inputs, h, w] → pictures [N, outputs, h, w] in -1..1; h and w multiples of `config.multiple`."""

    def __init__(self, config: EnhancedConfig) -> None:
        super().__init__()
        self.config, base = config, config.base
        self.base = Resnet(base, last=False)
        self.down, self.blocks, self.up = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        width = base.width
        for _ in range(config.enhancers):
            width //= 2
            self.down.append(nn.ModuleList([Layer(base, base.inputs, width, 7), Layer(base, width, 2 * width, 3)]))
            self.blocks.append(nn.ModuleList(Block(base, 2 * width) for _ in range(config.blocks)))
            self.up.append(Rise(base, 2 * width, width))
        self.last = nn.Conv2d(width, base.outputs, 7)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """The pictures; `statistics` as for `Norm`."""
        sizes = [x]
        for _ in range(self.config.enhancers):
            sizes.append(F.avg_pool2d(sizes[-1], 3, 2, 1, count_include_pad=False))
        y = self.base(sizes.pop(), statistics)
        for (first, halving), blocks, up in zip(self.down, self.blocks, self.up, strict=True):
            y = y + halving(first(sizes.pop(), statistics), statistics)
            for block in blocks:
                y = block(y, statistics)
            y = up(y, statistics)
        return torch.tanh(self.last(padded(y, 3)))


def instance_means(features: Tensor, instances: Tensor) -> Tensor:
    """Features [N, C, h, w] averaged over each instance of each picture, and put everywhere it is.

    Args:
        features: what the encoder of instances made of a picture.
        instances: whole numbers [N, h, w], one for each instance.
    """
    made = torch.empty_like(features)
    for row, (values, numbers) in enumerate(zip(features.flatten(2), instances.flatten(1), strict=True)):
        _, which = numbers.unique(return_inverse=True)
        count = int(which.max()) + 1
        sums = values.new_zeros(len(values), count).index_add_(1, which, values)
        made[row] = (sums / torch.bincount(which, minlength=count))[:, which].view_as(features[row])
    return made
