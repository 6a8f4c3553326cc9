"""The encoder: the trunk's three finest maps, a feature pyramid, and one small network for each row of w_plus."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.psp.trunk import UNITS, trunk

SIZE = 256
"""Side of the pictures that pSp and e4e see, whatever the generator's."""

COARSE, MIDDLE = 3, 7
"""Rows below the first come from the coarsest map, rows below the second from the middle one (pSp, section 3)."""

TAPS = tuple(sum(UNITS[: stage + 1]) - 1 for stage in (1, 2, 3))
"""The blocks whose outputs feed the pyramid: 6, 20 and 23."""


@dataclass(frozen=True)
class PspConfig:
    """Sizes of an encoder.

    Attributes:
        rows: of w_plus, 2 log2(side of the generator) - 2.
        widths: of the stem and the trunk's four stages.
        width: of w, and of the pyramid.
        offsets: rows after the first are offsets from it, as in e4e (Tov et al. 2021, section 4.1).
        from_mean: what the encoder gives is an offset from the mean of w.

    Raises:
        ValueError: a size is impossible.
    """

    rows: int = 18
    widths: tuple[int, ...] = (64, 64, 128, 256, 512)
    width: int = 512
    offsets: bool = False
    from_mean: bool = True

    def __post_init__(self) -> None:
        if not 2 <= self.rows <= 32 or len(self.widths) != 5 or min(*self.widths, self.width) < 1:
            raise ValueError(f"an encoder of {self.rows} rows and widths {self.widths} is impossible")


class Row(nn.Module):
    """From a map to one row of w_plus: halved by convolutions until one pixel is left, then a dense layer."""

    def __init__(self, before: int, width: int, size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for step in range(int(math.log2(size))):
            layers += [nn.Conv2d(before if step == 0 else width, width, 3, 2, 1), nn.LeakyReLU()]
        self.convs = nn.Sequential(*layers)
        self.linear = nn.Module()
        self.linear.weight = nn.Parameter(torch.randn(width, width))
        self.linear.bias = nn.Parameter(torch.zeros(width))
        self.scale = 1 / math.sqrt(width)  # equalised learning rate

    def forward(self, x: Tensor) -> Tensor:
        """x [N, C, s, s] → [N, width]."""
        return F.linear(self.convs(x).flatten(1), self.linear.weight * self.scale, self.linear.bias)


class PspEncoder(nn.Module):
    """Pictures [N, 3, H, W] in -1..1 (aligned as FFHQ) → w_plus [N, rows, width]."""

    latent_avg: Tensor

    def __init__(self, config: PspConfig) -> None:
        super().__init__()
        self.config = config
        stem, top = config.widths[0], config.widths[4]
        self.input_layer = nn.Sequential(nn.Conv2d(3, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.PReLU(stem))
        self.body = trunk(config.widths)
        sizes = [16 if row < COARSE else 32 if row < MIDDLE else 64 for row in range(config.rows)]
        self.styles = nn.ModuleList(Row(top, config.width, size) for size in sizes)
        self.latlayer1 = nn.Conv2d(config.widths[3], top, 1)
        self.latlayer2 = nn.Conv2d(config.widths[2], top, 1)
        self.register_buffer("latent_avg", torch.zeros(config.rows, config.width), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures of any size, made SIZE x SIZE."""
        if pictures.shape[2:] != (SIZE, SIZE):
            pictures = F.interpolate(pictures, (SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False)
        fine, middle, coarse = self._maps(pictures)
        middle = _on_top(coarse, self.latlayer1(middle))
        fine = _on_top(middle, self.latlayer2(fine))
        rows = [
            style(coarse if row < COARSE else middle if row < MIDDLE else fine) for row, style in enumerate(self.styles)
        ]
        if self.config.offsets:
            rows = [rows[0], *(rows[0] + offset for offset in rows[1:])]
        w_plus = torch.stack(rows, 1)
        return w_plus + self.latent_avg if self.config.from_mean else w_plus

    def _maps(self, pictures: Tensor) -> list[Tensor]:
        x, found = self.input_layer(pictures), []
        for number, block in enumerate(self.body):
            x = block(x)
            if number in TAPS:
                found.append(x)
        return found


def _on_top(coarse: Tensor, fine: Tensor) -> Tensor:
    """A coarse map, enlarged, and a finer one, added."""
    return F.interpolate(coarse, fine.shape[2:], mode="bilinear", align_corners=True) + fine
