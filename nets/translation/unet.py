"""The U-Net generator of pix2pix (Isola, Zhu, Zhou and Efros 2017): halved down to almost nothing, with ways across."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics
from nets.translation.layers import NORMS, Norm


@dataclass(frozen=True)
class UnetConfig:
    """Sizes and kinds of a U-Net.

    Attributes:
        inputs, outputs: channels.
        width: channels after the first halving; they double at each further one, up to eight times as many.
        levels: halvings; 8 is pix2pix's ``unet_256``, 7 its ``unet_128``.
        norm: ``batch``, ``instance`` or ``none``.
        affine: whether the normalisation has a scale and a shift.
        bias: whether convolutions before a normalisation have a bias.
        dropout: a half of the values of the innermost levels but one, while training or where `Unet.noise` is set.

    Raises:
        ValueError: an unknown normalisation, or a size that is no whole number.
    """

    inputs: int = 3
    outputs: int = 3
    width: int = 64
    levels: int = 8
    norm: str = "batch"
    affine: bool = True
    bias: bool = False
    dropout: bool = False

    def __post_init__(self) -> None:
        sizes = (self.inputs, self.outputs, self.width, self.levels - 1)
        if not all(isinstance(n, int) and n > 0 for n in sizes):
            raise ValueError(f"a size of the U-Net is no whole number from 1 on (levels from 2): {self}")
        if self.norm not in NORMS:
            raise ValueError(f"expected one of {', '.join(NORMS)}, got {self.norm!r}")

    @property
    def widths(self) -> list[int]:
        """Channels after each halving."""
        return [self.width * min(1 << level, 8) for level in range(self.levels)]

    @property
    def multiple(self) -> int:
        """Height and width of the input must be multiples of this."""
        return 1 << self.levels

    @property
    def reach(self) -> None:
        """A U-Net's colours depend on the whole picture."""
        return None


class Unet(nn.Module):
    """Pictures [N, inputs, h, w] in -1..1 → pictures [N, outputs, h, w] in -1..1.

    h and w are multiples of `config.multiple`. `noise` keeps dropout on after training: pix2pix's only randomness.
    """

    def __init__(self, config: UnetConfig) -> None:
        super().__init__()
        self.config, self.noise = config, False
        wide, last = config.widths, config.levels - 1
        sides = list(zip([config.inputs, *wide], wide, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1, bias=config.bias) for a, b in sides)
        self.down_norm = nn.ModuleList(
            Norm(config.norm if 0 < level < last else "none", b, config.affine) for level, (_, b) in enumerate(sides)
        )
        self.up, self.up_norm = nn.ModuleList(), nn.ModuleList()  # by level: the outermost comes first
        for level in range(config.levels):
            outputs = wide[level - 1] if level else config.outputs
            inputs = wide[level] * (1 if level == last else 2)
            self.up.append(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=config.bias or level == 0))
            self.up_norm.append(Norm(config.norm if level else "none", outputs, config.affine))

    def dropped(self, level: int) -> bool:
        """Whether dropout follows that level's way up."""
        return self.config.dropout and 4 <= level < self.config.levels - 1

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """The translated pictures; `statistics` as for `Norm`."""
        across: list[Tensor] = []
        for level, (conv, norm) in enumerate(zip(self.down, self.down_norm, strict=True)):
            x = norm(conv(F.leaky_relu(x, 0.2) if level else x), statistics)
            across.append(x)
        across.pop()
        for level in reversed(range(self.config.levels)):
            x = self.up_norm[level](self.up[level](F.relu(x)), statistics)
            if self.dropped(level):
                x = F.dropout(x, 0.5, self.training or self.noise)
            if level:
                x = torch.cat([across.pop(), x], 1)
        return torch.tanh(x)
