"""Band-limited resampling with a separable FIR filter: zero-stuff, filter, keep every second pixel.

Padding follows the `upfirdn2d` convention of the StyleGAN papers' code, in which an even filter sits half a pixel
towards the top left when it enlarges, so that enlarging and reducing are adjoint to each other.
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

Taps = tuple[float, ...]


@lru_cache(maxsize=64)
def _kernel(taps: Taps, gain: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # the cached tensor must serve training too
        line = torch.tensor(taps, dtype=torch.float64)
        line = line / line.sum()
        return (torch.outer(line, line) * gain).to(device, dtype)


def depthwise_kernel(x: Tensor, taps: Taps, gain: float = 1.0) -> Tensor:
    """The 2-D filter of 1-D taps with sum `gain`, one for each channel of x: [C, 1, k, k], not flipped."""
    return _kernel(taps, gain, x.dtype, x.device).expand(x.shape[1], 1, -1, -1)


def filter2d(x: Tensor, taps: Taps, before: int, after: int, gain: float = 1.0, stride: int = 1) -> Tensor:
    """Zero-pad both axes of x [N, C, H, W] by (before, after), convolve every channel, keep one pixel in `stride`."""
    if before != after:
        x, before = F.pad(x, [before, after, before, after]), 0
    weight = depthwise_kernel(x, taps[::-1], gain)  # flipped, for conv2d correlates
    return F.conv2d(x, weight, stride=stride, padding=before, groups=x.shape[1])


def upsample2d(x: Tensor, taps: Taps) -> Tensor:
    """Twice as large: zeros between the pixels, then the filter (gain 4 makes up for the zeros)."""
    k = len(taps)
    before = k - 1 - (k + 1) // 2  # pixel i lands on 2i … 2i + k - 1; so much is cut off in front,
    crop = min(before, k - 2 - before)  # and k - 2 - before behind
    weight = depthwise_kernel(x, taps, 4.0)
    y = F.conv_transpose2d(x, weight, stride=2, padding=max(crop, 0), groups=x.shape[1])
    first = before - max(crop, 0)
    return y[..., first : first + 2 * x.shape[2], first : first + 2 * x.shape[3]]


def upsample_conv2d(x: Tensor, weight: Tensor, taps: Taps, groups: int = 1) -> Tensor:
    """`upsample2d`, then a true 3×3 convolution (border 1), with weight [I, O / groups, 3, 3].

    A strided transposed convolution never multiplies the zeros between the pixels. Convolutions commute, so the filter
    follows on its result [N, O, 2H + 1, 2W + 1], which is the smaller of the two places to put it.
    """
    y = F.conv_transpose2d(x, weight, stride=2, groups=groups)
    return filter2d(y, taps, (len(taps) + 1) // 2 - 1, (len(taps) - 2) // 2, gain=4.0)


def upsample_conv2d_adjoint(g: Tensor, taps: Taps) -> Tensor:
    """The gradient at the transposed convolution inside `upsample_conv2d`, from the gradient g at its end."""
    k = len(taps)
    return filter2d(g, taps[::-1], k - 1 - ((k + 1) // 2 - 1), k - 1 - (k - 2) // 2, gain=4.0)


def conv_downsample2d(x: Tensor, weight: Tensor, taps: Taps) -> Tensor:
    """Filter, then a strided correlation with weight [O, I, n, n] (border n // 2) that keeps every second pixel."""
    reach = weight.shape[-1] // 2
    before, after = (len(taps) - 1) // 2 + reach, (len(taps) - 2) // 2 + reach
    y = filter2d(x, taps, before, after, stride=1 if reach else 2)
    return F.conv2d(y, weight.to(x.dtype), stride=2 if reach else 1)
