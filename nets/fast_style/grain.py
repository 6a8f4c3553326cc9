"""Grain: noise at the size of strokes, which a network that paints may begin its strokes from.

On plain ground a convolution sees the same everywhere, so that it can only leave it plain or repeat one pattern over
it; with noise beside the picture the strokes fall as by chance (Ulyanov, Lebedev, Vedaldi and Lempitsky 2016). The
field is fixed and repeats itself, so a piece of a picture has the grain that it has within the whole.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 512
"""Pixels after which the field repeats itself."""

CELLS, SEED = (4, 12), 19


def field() -> Tensor:
    """[SIDE, SIDE] of mean 0 and deviation 1: smooth blobs of two sizes, without a seam where it repeats itself."""
    random, made = torch.Generator().manual_seed(SEED), torch.zeros(SIDE, SIDE)
    for cell in CELLS:
        noise = torch.randn(1, 1, SIDE, SIDE, generator=random)
        rim = 2 * cell
        for _ in range(2):  # two boxes make a tent
            noise = F.avg_pool2d(F.pad(noise, (rim, rim, rim, rim), mode="circular"), 2 * cell + 1, stride=1)
            noise = noise[:, :, rim - cell : rim - cell + SIDE, rim - cell : rim - cell + SIDE]
        made += noise[0, 0] / noise.std()
    return (made - made.mean()) / made.std()


def piece(grain: Tensor, height: int, width: int, top: int, left: int) -> Tensor:
    """[1, 1, height, width] of the field, from that place on."""
    rows = (torch.arange(height, device=grain.device) + top) % SIDE
    columns = (torch.arange(width, device=grain.device) + left) % SIDE
    return grain[rows][:, columns][None, None]
