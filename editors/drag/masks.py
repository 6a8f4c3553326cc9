"""The mask term without an image-sized map of features: exactly, at the map's own pixels, or by a coarser stand-in.

The term is the mean of |U(F - F0)| over the fixed pixels, where U enlarges to the image. "exact" computes it for a few
channels at a time. "native" weighs |F - F0| at each pixel of the map with the fixed area that it carries, Uᵀ m: an
upper bound, and equal where neighbours change alike. "proxy" does the same on a coarser layer, whose whole map is
cheap, times a factor that makes it as large as "native" for a small random change of w.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from editors.drag.method import magnitude
from nets.windows import resize_axis

CHUNK = 1 << 22  # values of the enlarged map that are held at a time
NUDGE = 0.05  # standard deviation of the changes of w that calibrate a stand-in


def carried(fixed: Tensor, native: tuple[int, int]) -> Tensor:
    """The share of the fixed area [height, width] that each pixel of a map [h, w] stands for: Uᵀ m, [h, w, 1]."""
    kind = fixed.device, fixed.dtype
    down, across = (
        resize_axis((0, size), (0, small), size, small, kind) for size, small in zip(fixed.shape, native, strict=True)
    )
    return (down.t() @ fixed @ across)[..., None]


def weighed(features: Tensor, before: Tensor, share: Tensor) -> Tensor:
    """Σ share · |F - F0| for maps [h, w, C] and share [h, w, 1]."""
    return (magnitude(features - before) * share).sum()


class Exact(torch.autograd.Function):
    """Σ |U(F - F0) · m| for maps [h, w, C] and fixed m [height, width], a few channels at a time."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, before: Tensor, fixed: Tensor) -> Tensor:
        """The gradient is computed along with the value, for it needs the same enlarged map."""
        change = (features - before).permute(2, 0, 1)
        total, slopes = features.new_zeros(()), []
        for part in change.split(max(1, CHUNK // fixed.numel())):
            with torch.enable_grad():
                leaf = part.detach().contiguous().requires_grad_()
                large = F.interpolate(leaf[None], fixed.shape, mode="bilinear")[0]
                value = magnitude(large * fixed).sum()
            slopes += torch.autograd.grad(value, leaf)
            total += value.detach()
        ctx.save_for_backward(torch.cat(slopes).permute(1, 2, 0))
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None]:
        """The kept gradient."""
        return ctx.saved_tensors[0] * g, None, None


def nudged(moving: Tensor) -> Tensor:
    """The rows that move after a small random change, the same every time."""
    random = torch.Generator().manual_seed(0)
    return moving + NUDGE * torch.randn(moving.shape, generator=random).to(moving)
