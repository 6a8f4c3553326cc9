"""What the tiles of a picture are encoded to, kept for a second look as long as there is room for it.

A large picture is looked at twice: for its moments, and to be mapped. All but the last convolution up to a tap leads to
fewer and smaller channels than the tap has. They are kept, and only that convolution is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from nets.features.coloured import Coloured
from nets.features.network import FeatureNet

Trunk = Callable[[Tensor, int], list[Tensor]]
"""Pictures [N, 3, h, w] in -1..1, and how many taps → relu1_1 …: a `FeatureNet`, with or without colours beside it."""

ROOM = 240 * 10**6
"""Bytes that may be kept of one picture."""


class Divided(Protocol):
    """A trunk that stops before the last convolution and goes on from there."""

    def __call__(self, pictures: Tensor, taps: int) -> list[Tensor]:
        """The first `taps` taps."""
        ...

    def base(self, pictures: Tensor, taps: int) -> Tensor:
        """What `top` makes the last of the first `taps` taps of: at its size, looking no farther than it."""
        ...

    def top(self, base: Tensor, taps: int) -> Tensor:
        """The last of the first `taps` taps, which looks at most one place beyond each place of its base."""
        ...


class _Undivided:
    """A trunk that has to be taken whole: what is kept is the tap itself."""

    def __init__(self, net: Trunk) -> None:
        self.net = net

    def __call__(self, pictures: Tensor, taps: int) -> list[Tensor]:
        return self.net(pictures, taps)

    def base(self, pictures: Tensor, taps: int) -> Tensor:
        return self.net(pictures, taps)[-1]

    def top(self, base: Tensor, taps: int) -> Tensor:
        return base


def divided(net: Trunk | Divided) -> Divided:
    """Any trunk as one that stops before its last convolution."""
    return net if isinstance(net, FeatureNet | Coloured) else _Undivided(net)


def room_for(base: Tensor, height: int, width: int) -> Tensor | None:
    """Place for the bases [1, C, height, width] of a whole picture, like that of a tile; None where there is no room.

    In half precision where only that fits, which moves a picture by a fraction of a level.
    """
    shape = (1, base.shape[1], height, width)
    for dtype in (base.dtype, torch.float16):
        if shape[1] * height * width * dtype.itemsize <= ROOM:
            return torch.empty(shape, dtype=dtype, device=base.device, memory_format=torch.channels_last)
    return None
