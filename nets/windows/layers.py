"""One styled convolution on windows, and its adjoint: StyleGAN2's layer with everything constant folded away.

    y = valid · clamp(leaky(d · (W ∗ (s · x)) + bias + grain))

A layer whose row of w_plus stands still has constant s and d, which go into W. Any other scales its maps instead, so
that W is the same at every step. √2 and the gain of a residual block ride on d, bias and grain, for the leaky ReLU is
positively homogeneous. Maps are [N, height, width, C], pixels before channels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.layers import SLOPE, SQRT2, at_least_float32
from nets.stylegan2.modconv import demodulation, energy
from nets.stylegan2.styled import StyledConv
from nets.stylegan2.synthesis import Block
from nets.windows.borders import read, validity
from nets.windows.fields import Windows, whole
from nets.windows.fields import reads as field_of
from nets.windows.products import Correlation, Enlargement, along
from nets.windows.resample import Kind, doubling_axis, filter_axis

Axis = Callable[[int, int, int, tuple[float, ...], Kind], Tensor]


class Style(NamedTuple):
    """What one row of w_plus does to a layer: s [I] and d [O]."""

    s: Tensor
    d: Tensor


class Pulled(NamedTuple):
    """Gradients to a layer's input windows and, when its row moves, to its style."""

    x: Tensor
    style: Style | None


class WindowedLayer:
    """`conv` of a block for windows of a map of `size` (height, width); `w` [w_dim] when its row stands still."""

    def __init__(self, conv: StyledConv, size: tuple[int, int], gain: float, w: Tensor | None) -> None:
        self.conv, self.size, self.scale, self.taps = conv, size, SQRT2 * gain, conv.taps
        weight = at_least_float32(conv.weight.detach())
        self.limit = None if conv.clamp is None else conv.clamp * gain
        self.bias = at_least_float32(conv.bias.detach()) * self.scale
        self.grain = (
            None if conv.noise is None else (conv.noise * conv.noise_strength.detach() * self.scale)[None, ..., None]
        )
        self.energy = energy(weight)
        self.moves = w is None
        if w is not None:
            s, d = self.style(w)
            weight = weight * s[None, :, None, None] * d[:, None, None, None]
        self.product = Correlation(weight) if self.taps is None else Enlargement(weight)
        self.work = weight.numel()

    def style(self, w: Tensor) -> Style:
        """The style of w [w_dim], differentiable."""
        s = self.conv.style(w[None])
        return Style(s[0], demodulation(self.energy, s)[0] * self.scale)

    def field(self, gives: Windows) -> Windows:
        """What the layer reads to give these windows; a single one that enlarges reads nothing beyond the border."""
        if self.taps is None:
            return field_of(gives, None)
        wanted = field_of(gives, len(self.taps))
        return wanted.hull(self.size[0] // 2, self.size[1] // 2) if len(gives.places) == 1 else wanted

    def forward(self, x: Tensor, reads: Windows, gives: Windows, style: Style | None) -> Tensor:
        """Input windows → output windows, 0 beyond the border."""
        if style is not None:
            x = x * style.s
        y = self.product(x, *self._filters(reads, gives, x))
        if style is not None:
            y.mul_(style.d)
        y.add_(self.bias)
        if self.grain is not None:
            y.add_(self.noise(gives))
        F.leaky_relu_(y, SLOPE)
        if self.limit is not None:
            y.clamp_(-self.limit, self.limit)
        valid = validity(gives, self.size, y)
        return y if valid is None else y.mul_(valid)

    def adjoint(self, g: Tensor, x: Tensor, y: Tensor, reads: Windows, gives: Windows, style: Style | None) -> Pulled:
        """From the gradient at the output windows; x and y are what `forward` read and gave there.

        The demodulated sums are recovered from y: Σ g · (d · W ∗ (s · x)) = Σ g_y · y - Σ g · (bias + grain).
        """
        valid = validity(gives, self.size, g)
        g_y = g if valid is None else g * valid
        if self.limit is not None:
            g_y = g_y * (y.abs() < self.limit)
        g = g_y * y.sign().clamp_(min=SLOPE)  # quicker than a choice between two
        if style is None:
            return Pulled(self.product.adjoint(g, *self._filters(reads, gives, g)), None)
        g_d = (g_y * y).sum((0, 1, 2)) - g.sum((0, 1, 2)) * self.bias
        if self.grain is not None:
            g_d -= (g * self.noise(gives)).sum((0, 1, 2))
        g_x = self.product.adjoint(g * style.d, *self._filters(reads, gives, g))
        g_s = (g_x * x).sum((0, 1, 2))
        return Pulled(g_x * style.s, Style(g_s, g_d / style.d))

    def noise(self, gives: Windows) -> Tensor:
        """The layer's noise at these windows, [N, h, w, 1]."""
        assert self.grain is not None, "only layers with noise are asked for it"
        return read(self.grain, whole(*self.size), gives)

    def _filters(self, reads: Windows, gives: Windows, like: Tensor) -> list[Tensor]:
        if self.taps is None:
            return []
        return axes(filter_axis, reads, gives, self.taps, like)


def axes(make: Axis, reads: Windows, gives: Windows, taps: tuple[float, ...], like: Tensor) -> list[Tensor]:
    """A filter along both axes for each pair of windows: [N, given, read] down and across."""
    kind = like.device, like.dtype
    corners = zip(gives.places, reads.places, strict=True)
    pairs = [
        (make(y - 2 * v, gives.height, reads.height, taps, kind), make(x - 2 * u, gives.width, reads.width, taps, kind))
        for (y, x), (v, u) in corners
    ]
    return [each[0][None] if len(each) == 1 else torch.stack(each) for each in zip(*pairs, strict=True)]


class Shortcut:
    """The residual block's other way: a 1×1 convolution with `weight` [O, I, 1, 1], enlarged by the filter alone."""

    def __init__(self, block: Block, size: tuple[int, int]) -> None:
        assert block.skip is not None, "only residual blocks have one"
        weight = at_least_float32(block.skip.weight.detach())
        self.matrix = weight.flatten(1).t() * (block.resnet_gain / weight.shape[1] ** 0.5)
        self.taps, self.size = block.taps, size
        self.limit = None if block.clamp is None else block.clamp * block.resnet_gain

    def forward(self, x: Tensor, reads: Windows, gives: Windows) -> Tensor:
        """The block's input windows → what is added to its output windows."""
        y = along(x @ self.matrix, *axes(doubling_axis, reads, gives, self.taps, x))
        if self.limit is not None:
            y.clamp_(-self.limit, self.limit)
        valid = validity(gives, self.size, y)
        return y if valid is None else y * valid

    def adjoint(self, g: Tensor, y: Tensor, reads: Windows, gives: Windows) -> Tensor:
        """From the gradient at the output windows to the input windows."""
        valid = validity(gives, self.size, g)
        g = g if valid is None else g * valid
        if self.limit is not None:
            g = g * (y.abs() < self.limit)
        down, across = axes(doubling_axis, reads, gives, self.taps, g)
        return along(g, down.transpose(1, 2), across.transpose(1, 2)) @ self.matrix.t()
