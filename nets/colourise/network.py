"""The network: VGG's features of the grey picture, and a U-Net's way up from them to likely colours.

A U-Net (pix2pix, Isola et al. 2017) whose way down is a trunk that rests, trained on photographs in number; what comes
out is a distribution over colours as in Zhang, Isola and Efros 2016, because a mean of red and green is grey. Colours
that a user gives are inputs beside the features (Zhang et al. 2017).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nets.colourise.lab import from_lab
from nets.contents import Contents
from nets.own_layout import restored, stored

SCALE = 110.0
"""What a* and b* are divided by where a network sees them."""
CELL = 4
"""Pixels of the picture to a side of one cell of colour."""


@dataclass(frozen=True)
class ColouristConfig:
    """Channels of the trunk's taps 2 to 4, of the way up at 1/16, 1/8 and 1/4, and the grid of colours' spacing in ΔE.

    Raises ValueError for sizes below 1.
    """

    taps: tuple[int, int, int] = (128, 256, 512)
    widths: tuple[int, int, int] = (192, 128, 112)
    spacing: int = 12

    def __post_init__(self) -> None:
        object.__setattr__(self, "taps", tuple(self.taps))
        object.__setattr__(self, "widths", tuple(self.widths))
        if len(self.taps) != 3 or len(self.widths) != 3 or min(*self.taps, *self.widths, self.spacing) < 1:
            raise ValueError("three taps, three widths and the spacing must be at least 1")

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ColouristConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != {entry.name for entry in dataclasses.fields(cls)}:
            raise ValueError(f"not a config of a colouriser: {text[:80]}")
        return cls(**facts)

    def bins(self) -> Tensor:
        """The colours (a*, b*) [k, 2] of a square grid that a screen can show at some lightness."""
        steps = torch.arange(-108 // self.spacing, 108 // self.spacing + 1) * float(self.spacing)
        grid = torch.cartesian_prod(steps, steps)
        light = torch.arange(10.0, 100.0, 5.0)
        colours = torch.cat([light[:, None, None].expand(-1, len(grid), 1), grid.expand(len(light), -1, -1)], 2)
        shown = from_lab(colours.permute(0, 2, 1)[..., None])[..., 0]
        return grid[((shown >= -0.02) & (shown <= 1.02)).all(1).any(0)]


def block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """Convolution, group normalisation, GELU."""
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride, 1), nn.GroupNorm(8, outside), nn.GELU())


class Colourist(nn.Module):
    """Taps 2 to 4 of the grey picture and hints [n, 3, h/4, w/4] → logits of colours [n, k, h/4, w/4].

    Hints are a* and b* over `SCALE`, and 1 where there is one.
    """

    bins: Tensor

    def __init__(self, config: ColouristConfig) -> None:
        super().__init__()
        self.config = config
        two, three, four = config.taps
        deep, middle, fine = config.widths
        self.enter = block(four + 3, middle)
        self.down = block(middle, deep, 2)
        self.deep = nn.ModuleList([block(deep, deep), block(deep, deep)])
        self.whole = nn.Linear(deep, deep)
        self.middle = block(deep + middle, middle)
        self.across = nn.Conv2d(three, 80, 1)
        self.rough = nn.Conv2d(two, 32, 1)
        self.fine = nn.Sequential(block(middle + 80 + 32 + 3, fine), block(fine, fine))
        self.register_buffer("bins", config.bins())
        self.last = nn.Conv2d(fine, len(self.bins), 1)

    def forward(self, taps: Sequence[Tensor], hints: Tensor) -> Tensor:
        """The logits; `taps` are relu2_1, relu3_1 and relu4_1."""
        two, three, four = taps
        size = three.shape[2:]
        x = self.enter(torch.cat([four, _coarser(hints, four.shape[2:])], 1))
        y = self.down(x)
        for layer in self.deep:
            y = y + layer(y)
        y = y + self.whole(y.mean((2, 3)))[..., None, None]
        x = self.middle(torch.cat([functional.interpolate(y, x.shape[2:], mode="nearest"), x], 1))
        x = functional.interpolate(x, size, mode="bilinear", align_corners=False)
        rough = functional.adaptive_avg_pool2d(self.rough(two), size)
        hints = functional.interpolate(hints, size) if hints.shape[2:] != size else hints
        x = self.fine(torch.cat([x, self.across(three), rough, hints.to(x.dtype)], 1))
        found: Tensor = self.last(x)
        return found


def _coarser(hints: Tensor, size: tuple[int, ...]) -> Tensor:
    """Hints in larger cells: the mean of those that there are, and whether there is any."""
    pooled = functional.adaptive_avg_pool2d(hints, size)
    known = pooled[:, 2:]
    return torch.cat([pooled[:, :2] / known.clamp(min=1e-6), (known > 0).to(known.dtype)], 1) * (known > 0)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Colourist:
    """The colouriser in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(lambda text: Colourist(ColouristConfig.from_json(text)), "no colouriser", state, metadata)


def to_state(net: Colourist) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> Colourist:
    """`from_state` for a file that has been read. Raises ValueError when it holds no colouriser."""
    return from_state(contents.tensors.get("", {}), contents.plain)
