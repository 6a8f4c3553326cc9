"""Weight modulation and demodulation (StyleGAN2, equations 1–3), in two equal formulations.

    w'_ijk = s_i · w_ijk,    w''_ijk = w'_ijk / sqrt(Σ_ik w'_ijk² + ε),    y = w'' ∗ x

`on_activations` scales the inputs by s and the outputs by the demodulation: one convolution with constant weights for
the whole batch, and no weight gradient on the way back to w. `on_weights` builds w'' for every sample.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.layers import at_least_float32, without_autocast
from nets.stylegan2.upfirdn import upsample_conv2d

EPSILON = 1e-8


def demodulation(weight: Tensor, style: Tensor) -> Tensor:
    """1 / sqrt(Σ (s w)² + ε) for weight [O, I, k, k] and style [N, I] → [N, O], in float32 or better."""
    with without_autocast(weight.device):
        energy = at_least_float32(weight).square().sum((2, 3))
        return (style.square() @ energy.t() + EPSILON).rsqrt()


def convolve(x: Tensor, weight: Tensor, kernel: Tensor | None, groups: int = 1) -> Tensor:
    """Correlation with border n // 2, or with the upsampling of `upsample_conv2d` when a filter is given."""
    if kernel is not None:
        return upsample_conv2d(x, weight, kernel, groups)
    return F.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=groups)


def on_activations(
    x: Tensor, weight: Tensor, style: Tensor, demod: Tensor | None, kernel: Tensor | None = None
) -> Tensor:
    """Modulated convolution, scaling activations: x [N, I, H, W], style [N, I], demod [N, O] → [N, O, H', W']."""
    y = convolve(x * style.to(x.dtype)[:, :, None, None], weight.to(x.dtype), kernel)
    return y if demod is None else y * demod.to(y.dtype)[:, :, None, None]


def on_weights(x: Tensor, weight: Tensor, style: Tensor, demod: Tensor | None, kernel: Tensor | None = None) -> Tensor:
    """Modulated convolution, scaling weights: one group of filters for every sample of the batch."""
    n, (outputs, inputs) = x.shape[0], weight.shape[:2]
    w = at_least_float32(weight)[None] * style[:, None, :, None, None]
    if demod is not None:
        w = w * demod[:, :, None, None, None]
    w = w.to(x.dtype).reshape(n * outputs, inputs, *weight.shape[2:])
    y = convolve(x.reshape(1, n * inputs, *x.shape[2:]), w, kernel, groups=n)
    return y.reshape(n, outputs, *y.shape[2:])


def normalised(weight: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
    """The same convolution up to a factor that demodulation removes, with both inside the range of float16."""
    fan_in = weight[0].numel()
    weight = weight / (weight.abs().amax((1, 2, 3), keepdim=True) * fan_in**0.5)
    return weight, style / style.abs().amax(1, keepdim=True)
