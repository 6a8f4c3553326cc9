"""Decoders: from a tap back to the picture, the trunk's layers in reverse (Huang and Belongie 2017, Li et al. 2017)."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor, nn

from nets.features.coloured import enlarged_colours, rooted
from nets.features.config import DECODED, FeaturesConfig
from nets.features.network import conv, inner, mirror


class Decoder(nn.Module):
    """relu`tap`_1 → pictures; pooling is undone by repeating values, which leaves no checkerboard."""

    def __init__(self, config: FeaturesConfig, tap: int) -> None:
        super().__init__()
        self.tap = tap
        self.coloured = config.coloured
        levels, before = [], config.widths[tap - 1] + 3 * config.coloured
        for level in range(tap - 1, 0, -1):  # level: that whose resolution this step arrives at, from 1
            width = config.decoder_widths[level - 1]
            others = (conv(width, width) for _ in range(config.depths[level - 1] - 1))
            levels.append(nn.ModuleList([conv(before, width), *others]))
            before = width
        self.levels = nn.ModuleList(levels)
        self.last = conv(before, 3)

    def forward(self, features: Tensor, height: int, width: int) -> Tensor:
        """Features [N, C, ⌈height / 2^(tap-1)⌉, ⌈width / 2^(tap-1)⌉] → pictures [N, 3, height, width], about -1..1.

        Where they have colours beside them, what is decoded is added to these.
        """
        x = mirror(rooted(features) if self.coloured else features, 1)
        for number, level in enumerate(self.levels):
            scale = 2 ** (self.tap - 2 - number)
            first, *others = level  # type: ignore[misc]
            rim = len(others) + 1  # what the convolutions at the next resolution take away
            x = mirror(F.relu(first(x), inplace=True), (rim + 1) // 2)
            x = inner(F.interpolate(x, scale_factor=2.0, mode="nearest"), rim % 2)
            x = x[:, :, : math.ceil(height / scale) + 2 * rim, : math.ceil(width / scale) + 2 * rim]
            for layer in others:
                x = F.relu(layer(x), inplace=True)
        picture: Tensor = self.last(x)
        return picture + enlarged_colours(features, self.tap, height, width) if self.coloured else picture


class Decoders(nn.Module):
    """`plain`: one for each of relu1_1 … relu4_1, trained to reconstruct alone, as whitening and colouring wants it.

    `styled`: a second one for relu4_1, trained on features whose statistics were exchanged.
    """

    def __init__(self, config: FeaturesConfig) -> None:
        super().__init__()
        self.config = config
        self.plain = nn.ModuleList(Decoder(config, tap) for tap in range(1, DECODED + 1))
        self.styled = Decoder(config, DECODED)
