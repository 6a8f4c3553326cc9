"""Modulated convolution, noise, bias, leaky ReLU and clamp as one differentiable step.

Composed of single operations, this layer would write and keep six maps as large as its output; here everything after
the convolution happens in place, and only input and output are kept. The gradients need no more: the leaky ReLU can be
undone from its output, so that Σ g·(demodulated map) follows from Σ g_out·out.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.layers import SLOPE
from nets.stylegan2.modconv import convolve, on_activations, on_weights
from nets.stylegan2.upfirdn import Taps, upsample_conv2d_adjoint

CHUNK = 1 << 17  # elements of a product that still fits the processor's cache


def composed(
    x: Tensor, weight: Tensor, style: Tensor, demod: Tensor, bias: Tensor, grain: Tensor | None, taps: Taps | None,
    limit: float | None,
) -> Tensor:  # fmt: skip
    """The same step from single operations, differentiable any number of times."""
    y = on_activations(x, weight, style, demod, taps) + bias[:, None, None]
    y = F.leaky_relu(y if grain is None else y + grain, SLOPE)
    return y if limit is None else y.clamp(-limit, limit)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Σ over pixels of a · b, both [N, C, H, W] → [N, C], in float32 or better, without a map for the product."""
    step = max(1, CHUNK // max(1, a[:, :, :1].numel())) if a.device.type == "cpu" else a.shape[2]
    wide = torch.promote_types(a.dtype, torch.float32)
    parts = [
        (a[:, :, i : i + step] * b[:, :, i : i + step]).sum((2, 3), dtype=wide) for i in range(0, a.shape[2], step)
    ]
    return torch.stack(parts).sum(0)


def arrangement(x: Tensor) -> torch.memory_format:
    """Whether the channels or the pixels of x are innermost."""
    packed = x.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if packed else torch.contiguous_format


class StyledConvolution(torch.autograd.Function):
    """y = clamp(leaky(d · (W ∗ (s · x)) + bias + grain)) for x [N, I, H, W], s [N, I], d [N, O], bias [O].

    Weight [O, I, 3, 3], or [I, O, 3, 3] with taps. Grain [H', W'] or [N, 1, H', W'] or None. All of one dtype, except s
    and d, which are float32 or better.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, style: Tensor, demod: Tensor, bias: Tensor, grain: Tensor | None,
        taps: Taps | None, limit: float | None,
    ) -> Tensor:  # fmt: skip
        """Weights are scaled when that is less work than scaling the maps: one sample, large maps, few channels."""
        if len(x) == 1 and weight.numel() < x.numel():
            y = on_weights(x, weight, style, demod, taps)
        else:
            y = convolve(x * style.to(x.dtype)[:, :, None, None], weight, taps)
            y.mul_(demod.to(y.dtype)[:, :, None, None])
        y.add_(bias[:, None, None])
        if grain is not None:
            y.add_(grain)
        F.leaky_relu_(y, SLOPE)
        if limit is not None:
            y.clamp_(-limit, limit)
        ctx.save_for_backward(x, weight, style, demod, bias, grain, y)
        ctx.taps, ctx.limit = taps, limit
        return y

    @staticmethod
    def backward(ctx: Any, g_out: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients to every tensor; when they must be differentiable themselves, through `composed`."""
        *inputs, out = ctx.saved_tensors
        if torch.is_grad_enabled():
            return _differentiable_gradients(inputs, ctx.taps, ctx.limit, ctx.needs_input_grad, g_out)
        x, weight, style, demod, bias, grain = inputs
        g_out = g_out.contiguous(memory_format=arrangement(out))
        need_x, need_weight, need_style, _, need_bias, need_grain, *_ = ctx.needs_input_grad
        if ctx.limit is not None:
            g_out = g_out * (out.abs() < ctx.limit)
        g = torch.ops.aten.leaky_relu_backward(g_out, out, SLOPE, True)
        total = g.sum((2, 3), dtype=demod.dtype)
        g_demod = dot(g_out, out) - total * bias
        if grain is not None:
            g_demod -= dot(g, grain.expand_as(g))
        g_grain = g.sum(1, keepdim=True).sum_to_size(grain.shape) if need_grain else None
        g.mul_(demod.to(g.dtype)[:, :, None, None])
        if ctx.taps is not None:
            g = upsample_conv2d_adjoint(g, ctx.taps)
        g_x = g_style = g_weight = None
        if need_weight:
            g_weight = _weight_gradient(g, x * style.to(x.dtype)[:, :, None, None], weight, ctx.taps is not None)
        if need_x or need_style:
            g_x = F.conv_transpose2d(g, weight, padding=1) if ctx.taps is None else F.conv2d(g, weight, stride=2)
            g_style = dot(g_x, x)
            g_x.mul_(style.to(g_x.dtype)[:, :, None, None])
        return g_x, g_weight, g_style, g_demod / demod, total.sum(0) if need_bias else None, g_grain, None, None


def _differentiable_gradients(
    inputs: list[Any], taps: Taps | None, limit: float | None, needed: tuple[bool, ...], g_out: Tensor
) -> tuple[Tensor | None, ...]:
    # fresh views, because d depends on s and W: each gradient must be the partial one
    inputs = [None if t is None else t.view_as(t) for t in inputs]
    wanted = [t for t, need in zip(inputs, needed, strict=False) if need]
    found = iter(torch.autograd.grad(composed(*inputs, taps, limit), wanted, g_out, create_graph=True))
    return tuple(next(found) if need else None for need in needed)


def _weight_gradient(g: Tensor, x: Tensor, weight: Tensor, up: bool) -> Tensor:
    """Gradient to the weight of the (transposed, strided) convolution that took x to where g is."""
    stride, padding = ([2, 2], [0, 0]) if up else ([1, 1], [1, 1])
    mask = [False, True, False]
    found: Tensor = torch.ops.aten.convolution_backward(
        g, x, weight, None, stride, padding, [1, 1], up, [0, 0], 1, mask
    )[1]
    return found
