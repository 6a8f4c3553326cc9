"""Weight modulation and demodulation (StyleGAN2, equations 1–3), in two equal formulations.

    w'_ijk = s_i · w_ijk,    w''_ijk = w'_ijk / sqrt(Σ_ik w'_ijk² + ε),    y = w'' ∗ x

`on_activations` scales the inputs by s and the outputs by the demodulation: one convolution with constant weights for
the whole batch, and no weight gradient on the way back to w. `on_weights` builds w'' for every sample.
Weights are [O, I, 3, 3], or [I, O, 3, 3] for an enlarging convolution (`taps` given), as its transposed form wants it.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.layers import at_least_float32
from nets.stylegan2.upfirdn import Taps, upsample_conv2d

EPSILON = 1e-8


def energy(weight: Tensor) -> Tensor:
    """Σ_k w² over the taps of weight [O, I, k, k] → [O, I], in float32 or better."""
    squares = at_least_float32(weight).flatten(2).square()
    return squares @ squares.new_ones(squares.shape[2])  # a product with ones: several times faster than a sum over 9


def demodulation(energy: Tensor, style: Tensor) -> Tensor:
    """1 / sqrt(Σ (s w)² + ε) for energy [O, I] and style [N, I] → [N, O], in float32 or better."""
    return (style.square() @ energy.t() + EPSILON).rsqrt()


def convolve(x: Tensor, weight: Tensor, taps: Taps | None, groups: int = 1) -> Tensor:
    """Correlation with border 1 and weight [O, I, 3, 3]; with taps, enlarging, weight [I, O, 3, 3]."""
    if taps is not None:
        return upsample_conv2d(x, weight, taps, groups)
    return F.conv2d(x, weight, padding=1, groups=groups)


def on_activations(x: Tensor, weight: Tensor, style: Tensor, demod: Tensor, taps: Taps | None = None) -> Tensor:
    """Modulated convolution, scaling activations: x [N, I, H, W], style [N, I], demod [N, O] → [N, O, H', W']."""
    y = convolve(x * style.to(x.dtype)[:, :, None, None], weight, taps)
    return y * demod.to(y.dtype)[:, :, None, None]


def on_weights(x: Tensor, weight: Tensor, style: Tensor, demod: Tensor, taps: Taps | None = None) -> Tensor:
    """Modulated convolution, scaling weights: one group of filters for every sample of the batch."""
    before, after = (demod, style) if taps is None else (style, demod)
    w = at_least_float32(weight) * before[:, :, None, None, None] * after[:, None, :, None, None]
    w = w.flatten(0, 1).to(x.dtype)
    if len(x) == 1:
        return convolve(x, w, taps)  # a reshape would hide from the convolution that the channels are innermost
    y = convolve(x.reshape(1, -1, *x.shape[2:]), w, taps, groups=len(x))
    return y.reshape(len(x), -1, *y.shape[2:])


def within_half(weight: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
    """Weight [O, I, k, k] and style, scaled into float16 by factors that demodulation takes out again."""
    weight = at_least_float32(weight)
    weight = weight / (weight.abs().amax((1, 2, 3), keepdim=True) * weight[0].numel() ** 0.5)
    return weight, style / style.abs().amax(1, keepdim=True)
