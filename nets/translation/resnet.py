"""The ResNet generator of CycleGAN, of CUT, and, with four halvings, the global generator of pix2pixHD.

Zhu, Park, Isola and Efros 2017 after Johnson, Alahi and Fei-Fei 2016; Park et al. 2020; Wang et al. 2018. The instance
feature encoder of pix2pixHD is the same network without blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics
from nets.translation.layers import NORMS, PADDINGS, UPS, Blur, Norm, Up, padded


@dataclass(frozen=True)
class ResnetConfig:
    """Sizes and kinds of a ResNet generator.

    Attributes:
        inputs, outputs: channels.
        width: channels at full size; they double at each halving.
        blocks: residual blocks at the smallest size.
        downs: how often the size is halved.
        norm: ``instance``, ``batch`` or ``none``.
        affine: whether the normalisation has a scale and a shift.
        bias: whether convolutions before a normalisation have a bias.
        padding: ``reflect``, ``replicate`` or ``zero``, of the blocks; the first and last layers mirror.
        dropout: a half of the values in each block while training; nothing afterwards.
        down: ``strided`` convolutions, or ``antialias`` ones (CUT).
        up: ``transposed``, ``antialias`` (CUT) or ``nearest``.
        most: the most channels, or 0 for no limit.

    Raises:
        ValueError: an unknown kind, or a size that is no whole number.
    """

    inputs: int = 3
    outputs: int = 3
    width: int = 64
    blocks: int = 9
    downs: int = 2
    norm: str = "instance"
    affine: bool = False
    bias: bool = True
    padding: str = "reflect"
    dropout: bool = False
    down: str = "strided"
    up: str = "transposed"
    most: int = 0

    def __post_init__(self) -> None:
        sizes = (self.inputs, self.outputs, self.width, self.blocks + 1, self.downs + 1, self.most + 1)
        if not all(isinstance(n, int) and n > 0 for n in sizes):
            raise ValueError(f"a size of the ResNet generator is no whole number from 1 on: {self}")
        kinds = ((self.norm, NORMS), (self.padding, PADDINGS), (self.up, UPS), (self.down, ("strided", "antialias")))
        for kind, known in kinds:
            if kind not in known:
                raise ValueError(f"expected one of {', '.join(known)}, got {kind!r}")

    def channels(self, level: int) -> int:
        """Channels after that many halvings."""
        wide = self.width << level
        return min(wide, self.most) if self.most else wide

    @property
    def multiple(self) -> int:
        """Height and width of the input must be multiples of this."""
        return 1 << self.downs

    @property
    def reach(self) -> int:
        """Pixels around a place that its colour depends on, besides the statistics, at most."""
        around = 6 + 2 * self.blocks * self.multiple + 4 * (self.multiple - 1)
        return around + (4 * (self.multiple - 1) if "antialias" in (self.down, self.up) else 0)


class Layer(nn.Module):
    """Convolution, normalisation and a ReLU; 7 × 7 mirrors, 3 × 3 halves the size."""

    def __init__(self, config: ResnetConfig, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        stride = 2 if size == 3 and config.down == "strided" else 1
        self.mirror = 3 if size == 7 else 0
        self.conv = nn.Conv2d(inputs, outputs, size, stride, padding=0 if size == 7 else 1, bias=config.bias)
        self.norm = Norm(config.norm, outputs, config.affine)
        self.blur = Blur() if size == 3 and config.down == "antialias" else None

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h / stride, w / stride]."""
        x = F.relu(self.norm(self.conv(padded(x, self.mirror) if self.mirror else x), statistics))
        return x if self.blur is None else self.blur(x)


class Block(nn.Module):
    """Two convolutions beside a straight way."""

    def __init__(self, config: ResnetConfig, width: int) -> None:
        super().__init__()
        self.padding, self.drop = config.padding, 0.5 if config.dropout else 0.0
        self.first = nn.Conv2d(width, width, 3, bias=config.bias)
        self.first_norm = Norm(config.norm, width, config.affine)
        self.second = nn.Conv2d(width, width, 3, bias=config.bias)
        self.second_norm = Norm(config.norm, width, config.affine)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x and what the layers add."""
        y = F.relu(self.first_norm(self.first(padded(x, 1, self.padding)), statistics))
        y = F.dropout(y, self.drop, self.training)
        return x + self.second_norm(self.second(padded(y, 1, self.padding)), statistics)


class Rise(nn.Module):
    """Twice the size, normalisation and a ReLU."""

    def __init__(self, config: ResnetConfig, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = Up(config.up, inputs, outputs, config.bias)
        self.norm = Norm(config.norm, outputs, config.affine)

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, 2 h, 2 w]."""
        return F.relu(self.norm(self.up(x), statistics))


class Resnet(nn.Module):
    """Pictures [N, inputs, h, w] in -1..1 → pictures [N, outputs, h, w] in -1..1.

    h and w are multiples of `config.multiple`. Without a `last` layer (for pix2pixHD's enhancer) the features at full
    size [N, width, h, w] are returned.
    """

    def __init__(self, config: ResnetConfig, last: bool = True) -> None:
        super().__init__()
        self.config, wide = config, [config.channels(level) for level in range(config.downs + 1)]
        self.first = Layer(config, config.inputs, wide[0], 7)
        self.down = nn.ModuleList(Layer(config, a, b, 3) for a, b in zip(wide, wide[1:], strict=False))
        self.blocks = nn.ModuleList(Block(config, wide[-1]) for _ in range(config.blocks))
        self.up = nn.ModuleList(Rise(config, b, a) for a, b in list(zip(wide, wide[1:], strict=False))[::-1])
        self.last = nn.Conv2d(wide[0], config.outputs, 7) if last else None

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """The translated pictures; `statistics` as for `Norm`."""
        for layer in (self.first, *self.down, *self.blocks, *self.up):
            x = layer(x, statistics)
        return x if self.last is None else torch.tanh(self.last(padded(x, 3)))
