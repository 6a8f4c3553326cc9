"""The generator of AnimeGANv2 (Chen, Liu and Chen 2020) as it was ported to PyTorch: inverted residual blocks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics
from nets.translation.layers import padded

PLAN = ((3, 32, 7, 1), (32, 64, 3, 2), (64, 64, 3, 1), (64, 128, 3, 2), (128, 128, 3, 1), (128, 128, 3, 1))
AFTER = ((256, 128, 3), (128, 128, 3), (128, 128, 3), (128, 64, 3), (64, 64, 3), (64, 32, 7))
WIDE = ((128, 256), (256, 256), (256, 256), (256, 256))


class Whole(nn.Module):
    """Normalisation over all channels and places of a picture together, scaled and shifted by channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, C, h, w], normalised; `statistics` are noted in one pass and used in others, for tiles."""
        seen = statistics if statistics is not None else Statistics()
        mean, inverse = seen.of(x.flatten(1, 2)[:, None], 1e-5)
        factor = self.weight[:, None, None] * inverse
        return torch.addcmul(self.bias[:, None, None] - mean * factor, x, factor)


class Layer(nn.Module):
    """Convolution over a mirrored picture, normalisation, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, groups=groups, bias=groups > 1)
        self.norm = Whole(outputs)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h / stride, w / stride]."""
        if self.conv.stride[0] == 2:
            x = F.pad(x, (0, 1, 0, 1), mode="reflect" if min(x.shape[2:]) > 1 else "replicate")
        elif self.conv.kernel_size[0] > 1:
            x = padded(x, self.conv.kernel_size[0] // 2)
        return F.leaky_relu(self.norm(self.conv(x), statistics), 0.2)


class Inverted(nn.Module):
    """Widened, filtered channel by channel, and narrowed; beside a straight way where the widths agree."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.widen = Layer(inputs, 2 * inputs, 1)
        self.filter = Layer(2 * inputs, 2 * inputs, 3, groups=2 * inputs)
        self.narrow, self.norm = nn.Conv2d(2 * inputs, outputs, 1, bias=False), Whole(outputs)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h, w]."""
        y = self.norm(self.narrow(self.filter(self.widen(x, statistics), statistics)), statistics)
        return x + y if x.shape == y.shape else y


class AnimeGan(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 → pictures [N, 3, h, w] in -1..1; h and w multiples of 4.

    Args:
        corners: enlarge so that the corners' centres stay (``align_corners``), as the published weights were ported;
            files say otherwise where they were exported otherwise.
    """

    multiple, reach, inputs = 4, 64, 3

    def __init__(self, corners: bool = True) -> None:
        super().__init__()
        self.corners = corners
        self.before = nn.ModuleList(Layer(*sizes) for sizes in PLAN)
        self.middle = nn.ModuleList(Inverted(*sizes) for sizes in WIDE)
        self.after = nn.ModuleList(Layer(*sizes) for sizes in AFTER)
        self.last = nn.Conv2d(32, 3, 1, bias=False)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """The pictures in the network's one style."""
        for layer in (*self.before, *self.middle):
            x = layer(x, statistics)
        for number, layer in enumerate(self.after):
            if number in (1, 3):
                x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=self.corners)
            x = layer(x, statistics)
        return torch.tanh(self.last(x))
