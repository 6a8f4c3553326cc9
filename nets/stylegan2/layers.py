"""The layers of the mapping network and of the discriminator, and the style that feeds a modulated convolution."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE, SQRT2 = 0.2, math.sqrt(2.0)  # leaky ReLU, and the gain that keeps its output at unit variance


def at_least_float32(x: Tensor) -> Tensor:
    """Half precision rounded up: styles and demodulation lose too much below float32."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def without_autocast(device: torch.device) -> Any:
    """A context in which autocast leaves the sums in the precision of their inputs."""
    return torch.autocast(device.type, enabled=False)


def computing_dtype(x: Tensor) -> torch.dtype:
    """The precision in which autocast wants x to be convolved, or else that of x."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def memory_format(x: Tensor) -> torch.memory_format:
    """The layout of maps that suits x's device and precision."""
    packed = x.device.type == "cpu" or computing_dtype(x).itemsize < 4
    return torch.channels_last if packed else torch.contiguous_format


def clamp(x: Tensor, limit: float | None) -> Tensor:
    """Into ±limit; unchanged when limit is None."""
    return x if limit is None else x.clamp(-limit, limit)


def pixel_norm(x: Tensor) -> Tensor:
    """Each row of x [N, C] scaled to unit mean square."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class Dense(nn.Module):
    """Fully connected layer with equalised learning rate: stored weights have variance 1 / lr²; the gain comes here.

    x [N, inputs] → [N, outputs], in float32 or better, also under autocast.
    """

    def __init__(
        self, inputs: int, outputs: int, *, lr: float = 1.0, bias_init: float = 0.0, leaky: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.full((outputs,), bias_init))
        self.weight_gain, self.bias_gain, self.leaky = lr / math.sqrt(inputs), lr, leaky

    def forward(self, x: Tensor) -> Tensor:
        """lr · (W x / √inputs + b), then the leaky ReLU if there is one."""
        with without_autocast(x.device):
            weight = at_least_float32(self.weight)
            bias = at_least_float32(self.bias) * self.bias_gain
            y = torch.addmm(bias, x.to(weight.dtype), weight.t(), alpha=self.weight_gain)
            return F.leaky_relu(y, SLOPE) * SQRT2 if self.leaky else y
