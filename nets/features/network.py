"""The trunk: convolutions, ReLU and pooling, nothing else.

No residual paths: their features have few, strong channels and transfer style badly (Wang, Li and Vasconcelos 2021). No
normalisation either, so that a picture has the same features alone and in a batch. Average pooling and padding by
reflection, after Gatys et al. 2016 and Huang and Belongie 2017.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features.config import FeaturesConfig


def mirror(x: Tensor, rim: int) -> Tensor:
    """x [N, C, h, w] with its mirror image `rim` pixels wide around it; a rim that is wider than x repeats its edge."""
    mode = "reflect" if min(x.shape[2:]) > rim else "replicate"
    return F.pad(x, (rim, rim, rim, rim), mode=mode)


def inner(x: Tensor, rim: int) -> Tensor:
    """x without a rim that many pixels wide."""
    return x[:, :, rim : x.shape[2] - rim, rim : x.shape[3] - rim]


def conv(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3x3 convolution without padding that keeps the variance before a ReLU (He et al. 2015)."""
    layer = nn.Conv2d(inputs, outputs, 3)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


class FeatureNet(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 → relu1_1 … relu4_1 or relu5_1, at 1/1 to 1/8 or 1/16 of their size, rounded up.

    Over the pictures of training every channel has a mean of about 1, so that no channel drowns the others in a Gram
    matrix or a distance.
    """

    def __init__(self, config: FeaturesConfig) -> None:
        super().__init__()
        self.config = config
        before, levels = 3, []
        for width, depth in zip(config.widths, config.depths, strict=True):
            levels.append(nn.ModuleList(conv(width if n else before, width) for n in range(depth)))
            before = width
        self.levels = nn.ModuleList(levels)
        # what `PerceptualDistance` multiplies the channels by; fitted once, with the trunk
        self.perceptual = nn.ParameterList(nn.Parameter(torch.ones(w), requires_grad=False) for w in config.widths)

    def forward(self, pictures: Tensor, taps: int = 5) -> list[Tensor]:
        """The first `taps` taps, finest first. Deeper layers are not computed.

        Raises:
            ValueError: something else than colour pictures.
        """
        if pictures.ndim != 4 or pictures.shape[1] != 3 or not pictures.numel():
            raise ValueError(f"pictures: expected [N, 3, h, w], got {list(pictures.shape)}")
        x, found = pictures, []
        for number in range(min(taps, len(self.levels)) - 1):
            tap, x = self._through(x, number)
            found.append(tap)
        return [*found, self.top(x, len(found) + 1)]

    def base(self, pictures: Tensor, taps: int) -> Tensor:
        """What the convolution of the last of the first `taps` taps reads: a small part of all that leads there."""
        x = pictures
        for number in range(taps - 1):
            x = self._through(x, number)[1]
        return x

    def top(self, base: Tensor, taps: int) -> Tensor:
        """relu`taps`_1 of a base."""
        first: nn.Module = self.levels[taps - 1][0]  # type: ignore[index, assignment]
        return F.relu(first(mirror(base, 1)), inplace=True)

    def _through(self, x: Tensor, number: int) -> tuple[Tensor, Tensor]:
        """The tap of a level, and what the next level reads."""
        level: nn.ModuleList = self.levels[number]  # type: ignore[assignment]
        rim = len(level)
        tap = x = mirror(x, rim)  # once a level and not once a layer: the picture goes on beyond its rim, mirrored
        for place, layer in enumerate(level):
            x = F.relu(layer(x), inplace=True)
            rim -= 1
            if not place:
                tap = inner(x, rim)
        return tap, F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)

    def sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """Height and width of each tap of a picture."""
        return [(math.ceil(height / 2**n), math.ceil(width / 2**n)) for n in range(len(self.levels))]
