"""Band-limited resampling with a separable FIR filter: zero-stuff, filter, keep every second pixel.

Padding follows the `upfirdn2d` convention of the StyleGAN papers' code, in which an even filter sits half a pixel
towards the top left when it enlarges, so that enlarging and reducing are adjoint to each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Padding = tuple[int, int]  # before, after; the same on both axes. Negative crops.


def fir_kernel(taps: Sequence[float]) -> Tensor:
    """The 2-D filter [k, k] of 1-D taps, with unit sum, float32. Flipped, because the layers below correlate."""
    line = torch.tensor(taps, dtype=torch.float64)
    line = (line / line.sum()).flip(0)
    return torch.outer(line, line).float()


def filter2d(x: Tensor, kernel: Tensor, padding: Padding, gain: float = 1.0, stride: int = 1) -> Tensor:
    """Filter every channel of x [N, C, H, W] after zero padding; keep one pixel in `stride`."""
    before, after = padding
    weight = (kernel * gain).to(x.dtype).expand(x.shape[1], 1, -1, -1)
    if before == after >= 0:
        return F.conv2d(x, weight, stride=stride, padding=before, groups=x.shape[1])
    return F.conv2d(F.pad(x, [before, after, before, after]), weight, stride=stride, groups=x.shape[1])


def upsample2d(x: Tensor, kernel: Tensor) -> Tensor:
    """Twice as large: zeros between the pixels, then the filter (gain 4 makes up for the zeros)."""
    k, channels = kernel.shape[0], x.shape[1]
    weight = (kernel.flip(0, 1) * 4).to(x.dtype).expand(channels, 1, -1, -1)
    y = F.conv_transpose2d(x, weight, stride=2, groups=channels)  # pixel i lands on 2i … 2i + k - 1
    first = k - 1 - (k + 1) // 2
    return y[..., first : first + 2 * x.shape[2], first : first + 2 * x.shape[3]]


def downsample2d(x: Tensor, kernel: Tensor) -> Tensor:
    """Half as large: the filter, then every second pixel."""
    k = kernel.shape[0]
    return filter2d(x, kernel, ((k - 1) // 2, (k - 2) // 2), stride=2)


def upsample_conv2d(x: Tensor, weight: Tensor, kernel: Tensor, groups: int = 1) -> Tensor:
    """upsample2d, then a true 3×3 convolution with weight [O, I, 3, 3] (border 1), in one transposed convolution.

    A strided transposed convolution never multiplies the zeros between the pixels; the filter follows on its result.
    """
    per_group = weight.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)
    t = F.conv_transpose2d(x, per_group, stride=2, groups=groups)  # [N, O, 2H + 1, 2W + 1]
    k, size = kernel.shape[0], weight.shape[-1]
    reach = size // 2
    return filter2d(t, kernel, ((k + 1) // 2 + reach - (size - 1), (k - 2) // 2 + reach - (size - 2)), gain=4.0)


def conv_downsample2d(x: Tensor, weight: Tensor, kernel: Tensor) -> Tensor:
    """Filter, then a strided correlation with weight [O, I, n, n] (border n // 2) that keeps every second pixel."""
    k, reach = kernel.shape[0], weight.shape[-1] // 2
    y = filter2d(x, kernel, ((k - 1) // 2 + reach, (k - 2) // 2 + reach), stride=1 if reach else 2)
    return F.conv2d(y, weight.to(x.dtype), stride=2 if reach else 1)
