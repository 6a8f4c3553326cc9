"""Layers that the translation networks share: padding, normalisation, a convolution with both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics, normalised

PADDINGS = ("reflect", "replicate", "zero")
NORMS = ("instance", "batch", "none")
UPS = ("transposed", "antialias", "nearest")


def padded(x: Tensor, rim: int, how: str = "reflect") -> Tensor:
    """x with a rim around it; where x is too narrow to be mirrored its edge is repeated."""
    if how == "zero":
        return F.pad(x, (rim,) * 4)
    mode = "reflect" if how == "reflect" and min(x.shape[2:]) > rim else "replicate"
    return F.pad(x, (rim,) * 4, mode=mode)


class Norm(nn.Module):
    """Batch or instance normalisation, which keep their numbers under the same names.

    Args:
        kind: ``instance`` (mean and deviation of each picture), ``batch`` (of the batch while training, running ones
            afterwards) or ``none``.
        channels: of the input.
        affine: whether there is a scale and a shift for each channel.

    `per_picture` makes batch normalisation use each picture's own statistics after training too: what pix2pix does.
    """

    def __init__(self, kind: str, channels: int, affine: bool = False) -> None:
        super().__init__()
        if kind not in NORMS:
            raise ValueError(f"norm: expected one of {', '.join(NORMS)}, got {kind!r}")
        self.kind, self.per_picture, self.eps = kind, kind == "instance", 1e-5
        if affine and kind != "none":
            self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)
        if kind == "batch":
            self.register_buffer("running_mean", torch.zeros(channels))
            self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, C, h, w] normalised; `statistics` are noted in one pass and used in others, for tiles."""
        if self.kind == "none":
            return x
        if not self.per_picture:
            mean, var = self.running_mean, self.running_var
            return F.batch_norm(x, mean, var, self.weight, self.bias, self.training, 0.1, self.eps)
        scale = x.new_ones(x.shape[1]) if self.weight is None else self.weight
        shift = x.new_zeros(x.shape[1]) if self.bias is None else self.bias
        seen = statistics if statistics is not None else Statistics()
        return normalised(x, scale[None], shift[None], seen, self.eps)


class Blur(nn.Module):
    """Halving with a binomial filter (CUT, after Zhang 2019): x [N, C, h, w] → [N, C, ceil(h / 2), ceil(w / 2)]."""

    def forward(self, x: Tensor) -> Tensor:
        """Mirror, filter by 1 2 1 in both directions, take every second value."""
        taps = x.new_tensor([1.0, 2.0, 1.0]) / 4
        kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 3, 3)
        return F.conv2d(padded(x, 1), kernel, stride=2, groups=x.shape[1])


class BlurUp(nn.Module):
    """Doubling with a binomial filter: x [N, C, h, w] → [N, C, 2 h, 2 w]."""

    def forward(self, x: Tensor) -> Tensor:
        """Repeat the edge, filter by 1 3 3 1 between zeros, in both directions."""
        taps = x.new_tensor([1.0, 3.0, 3.0, 1.0]) / 4
        kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 4, 4)
        made = F.conv_transpose2d(padded(x, 1, "replicate"), kernel, stride=2, padding=2, groups=x.shape[1])
        return made[:, :, 1:-1, 1:-1]


class Up(nn.Module):
    """Twice the size: a transposed convolution, or an enlargement that leaves no checkerboard and a convolution.

    Args:
        how: ``transposed``, ``antialias`` (as CUT does) or ``nearest`` (repeats values).
    """

    def __init__(self, how: str, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        if how not in UPS:
            raise ValueError(f"up: expected one of {', '.join(UPS)}, got {how!r}")
        self.how, self.grow = how, BlurUp()
        if how == "transposed":
            self.conv: nn.Module = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1, bias=bias)
        else:
            self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, 2 h, 2 w]."""
        if self.how == "antialias":
            x = self.grow(x)
        elif self.how == "nearest":
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return self.conv(x)
