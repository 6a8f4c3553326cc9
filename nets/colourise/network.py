"""The network: VGG's features of the grey picture at three depths, and likely colours read from them cell by cell.

What comes out is a score for each colour of a grid, as in Zhang, Isola and Efros 2016, because a mean of red and green
is grey. The features are a hypercolumn (Hariharan et al. 2015; Larsson, Maire and Shakhnarovich 2016 colour with one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nets.colourise.lab import from_lab
from nets.own_layout import JsonConfig, OwnLayout

CELL = 4
"""Pixels of the picture to a side of one cell of colour."""
LONGER = 192
"""The longer side that pictures are looked at."""


@dataclass(frozen=True)
class ColouristConfig(JsonConfig):
    """Channels of the trunk's taps 2 to 4, of the narrow and the wide layer, and the grid of colours' spacing in ΔE.

    Raises ValueError for sizes below 1.
    """

    about = "a colouriser"

    taps: tuple[int, int, int] = (128, 256, 512)
    narrow: int = 256
    wide: int = 1400
    spacing: int = 12

    def __post_init__(self) -> None:
        object.__setattr__(self, "taps", tuple(self.taps))
        if len(self.taps) != 3 or min(*self.taps, self.narrow, self.wide, self.spacing) < 1:
            raise ValueError("three taps, two widths and the spacing must be at least 1")

    @property
    def column(self) -> int:
        """Numbers in one cell's column: the taps, the means of the last one, lightness and height in the picture."""
        return sum(self.taps) + self.taps[-1] + 2

    def bins(self) -> Tensor:
        """The colours (a*, b*) [k, 2] of a square grid that a screen can show at some lightness."""
        steps = torch.arange(-108 // self.spacing, 108 // self.spacing + 1) * float(self.spacing)
        grid = torch.cartesian_prod(steps, steps)
        light = torch.arange(10.0, 100.0, 5.0)
        colours = torch.cat([light[:, None, None].expand(-1, len(grid), 1), grid.expand(len(light), -1, -1)], 2)
        shown = from_lab(colours.permute(0, 2, 1)[..., None])[..., 0]
        return grid[((shown >= -0.02) & (shown <= 1.02)).all(1).any(0)]


def columns(taps: Sequence[Tensor], light: Tensor) -> Tensor:
    """Columns of cells [n, column, h/4, w/4] of relu2_1, relu3_1, relu4_1 and of L* [n, 1, h, w] in 0..100."""
    two, three, four = taps
    size = three.shape[2:]
    y = (torch.arange(size[0], device=three.device) + 0.5) * 2 / size[0] - 1
    return torch.cat([
        functional.adaptive_avg_pool2d(two, size),
        three,
        functional.interpolate(four, size, mode="bilinear", align_corners=False),
        four.mean((2, 3), keepdim=True).expand(-1, -1, *size),
        functional.adaptive_avg_pool2d(light, size) / 50 - 1,
        y[None, None, :, None].expand(len(three), 1, *size),
    ], 1)  # fmt: skip


class Colourist(nn.Module):
    """Columns [n, column] or [n, column, h, w] → scores of the colours `bins`, [n, k] or [n, k, h, w]; about shares."""

    bins: Tensor

    def __init__(self, config: ColouristConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("bins", config.bins())
        self.narrow = nn.Linear(config.column, config.narrow)
        self.wide = nn.Linear(config.narrow, config.wide)
        self.to_scores = nn.Linear(config.narrow + config.wide, len(self.bins))

    def known(self, seen: Tensor) -> Tensor:
        """What the last layer reads of columns [n, column]."""
        x = self.narrow(seen)
        return torch.cat([x, functional.relu(self.wide(x))], 1)

    def forward(self, seen: Tensor) -> Tensor:
        """The scores."""
        if seen.ndim == 4:
            n, _, height, width = seen.shape
            flat = self(seen.permute(0, 2, 3, 1).reshape(-1, seen.shape[1]))
            return flat.view(n, height, width, -1).permute(0, 3, 1, 2)
        found: Tensor = self.to_scores(self.known(seen))
        return found


_LAYOUT = OwnLayout(lambda text: Colourist(ColouristConfig.from_json(text)), "no colouriser")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
