"""The mask term without an image-sized map of features: exactly, or by a stand-in whose gradient is set right.

The term is the mean of |U(F - F0)| over the fixed pixels, where U enlarges to the image. `Exact` computes it from the
map itself, cell by cell. Its price is the whole map, forward and back. A coarser layer is twenty times cheaper, but its
gradient points elsewhere, and handles end pixels away. So it stands in only between two exact looks, and what the last
one found to be missing is added to it (a control variate, as in SVRG: Johnson and Zhang 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from nets.windows import resize_axis

CHUNK = 1 << 18  # values of the enlarged map that are held at a time: they stay in a core's cache
FIRST = 4  # steps at the start that look exactly, for there the gradient turns fastest
EVERY = 4  # of the later steps, each fourth one does


class Cells:
    """The fixed pixels, cell by cell: between four neighbours on the map lie scale × scale pixels of the image.

    All of these are one small matrix times the four. Cells without a fixed pixel are left out.

    Attributes:
        matrix: from the corners to the pixels, [scale², corners].
        corners: the map's pixels around each cell, as numbers in the flat map, [corners, cells].
        fixed: 1 where a cell's pixel is fixed, [scale², cells].
    """

    def __init__(self, fixed: Tensor, native: tuple[int, int]) -> None:
        """`fixed` [height, width] is 1 or 0; its sides are the same power of two times those of the map."""
        (height, width), scale = native, fixed.shape[0] // native[0]
        if scale == 1:  # the pixels themselves
            self.matrix, number = fixed.new_ones(1, 1), fixed.flatten().nonzero()[:, 0]
            self.corners, self.fixed = number[None], fixed.new_ones(1, len(number))
            return
        padded = F.pad(fixed, [scale // 2] * 4)  # the outermost cells hang over the border by half
        cells = padded.view(height + 1, scale, width + 1, scale).permute(1, 3, 0, 2).reshape(scale**2, -1)
        number = cells.any(0).nonzero()[:, 0]
        rows, columns = number // (width + 1), number % (width + 1)
        above, below = (rows - 1).clamp(min=0) * width, rows.clamp(max=height - 1) * width
        left, right = (columns - 1).clamp(min=0), columns.clamp(max=width - 1)
        self.corners = torch.stack([above + left, above + right, below + left, below + right])
        self.fixed = cells[:, number].contiguous()
        share = (torch.arange(scale).to(fixed) + 0.5) / scale
        axis = torch.stack([1 - share, share], 1)
        self.matrix = (axis[:, None, :, None] * axis[None, :, None, :]).reshape(scale**2, 4)


class Exact(torch.autograd.Function):
    """Σ |U(F - F0) · m| for maps [h, w, C] and the cells of the fixed m, some cells at a time."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, before: Tensor, cells: Cells) -> Tensor:
        """The gradient is computed along with the value, for it needs the same enlarged map."""
        change = (features - before).flatten(0, 1)
        total, slopes, channels = features.new_zeros(()), torch.zeros_like(change), change.shape[1]
        at_once = max(1, CHUNK // (len(cells.matrix) * channels))
        for corners, fixed in zip(cells.corners.split(at_once, 1), cells.fixed.split(at_once, 1), strict=True):
            large = (cells.matrix @ change[corners].flatten(1)).view(*fixed.shape, channels)
            slope = large.sign().mul_(fixed[..., None])
            total += torch.dot(slope.flatten(), large.flatten())
            slopes.index_add_(0, corners.flatten(), (cells.matrix.t() @ slope.flatten(1)).view(-1, channels))
        ctx.save_for_backward(slopes.view_as(features))
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None]:
        """The kept gradient."""
        return ctx.saved_tensors[0] * g, None, None


def carried(fixed: Tensor, native: tuple[int, int]) -> Tensor:
    """The share of the fixed area [height, width] that each pixel of a map [h, w] stands for: Uᵀ m, [h, w, 1]."""
    kind = fixed.device, fixed.dtype
    down, across = (
        resize_axis((0, size), (0, small), size, small, kind) for size, small in zip(fixed.shape, native, strict=True)
    )
    return (down.t() @ fixed @ across)[..., None]


def weighed(features: Tensor, before: Tensor, share: Tensor) -> Tensor:
    """Σ share · |F - F0| for maps [h, w, C] and share [h, w, 1]."""
    return ((features - before).abs() * share).sum()


class Correction:
    """How a stand-in is to be used at this step: gradient of the term ≈ strength · (that of the stand-in) + rest.

    age: steps since the drag began or was taken back.
    """

    def __init__(self) -> None:
        self.age, self.strength, self.rest = 0, 0.0, torch.zeros(())

    @property
    def due(self) -> bool:
        """Whether this step looks exactly."""
        return self.age < FIRST or self.age % EVERY == 0

    def exact(self, term: Tensor, stand_in: Tensor, at: Tensor) -> Tensor:
        """The exact term, with its gradient to the code `at`; what the stand-in lacks there is kept.

        The strength is the one that leaves the least rest.
        """
        slope, other = (torch.autograd.grad(each, at, retain_graph=True)[0] for each in (term, stand_in))
        self.strength = float((slope * other).sum() / other.square().sum().clamp(min=1e-30))
        self.rest = slope - self.strength * other
        return term.detach() + _along(at, slope)

    def corrected(self, stand_in: Tensor, at: Tensor) -> Tensor:
        """The stand-in's value, and its gradient set right by the rest."""
        return self.strength * stand_in + _along(at, self.rest)

    def snapshot(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"age": self.age, "strength": self.strength, "rest": self.rest.cpu().numpy()}

    def resume(self, snapshot: Mapping[str, Any], like: Tensor) -> None:
        """Go on from a `snapshot`."""
        self.age, self.strength = snapshot["age"], snapshot["strength"]
        self.rest = torch.from_numpy(snapshot["rest"]).to(like)


def _along(at: Tensor, slope: Tensor) -> Tensor:
    """0, with this gradient."""
    linear = (at * slope).sum()
    return linear - linear.detach()
