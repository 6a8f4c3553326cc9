"""The two kinds of layer that a w steers: a styled 3×3 convolution, and the step to image channels."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.fused import StyledConvolution
from nets.stylegan2.layers import SQRT2, Dense, at_least_float32, clamp, computing_dtype, without_autocast
from nets.stylegan2.modconv import demodulation, within_half
from nets.stylegan2.prepared import Prepared

NoiseMode = Literal["const", "random", "none"]


class Noise(NamedTuple):
    """Where the noise of every layer comes from; `generator` seeds the mode "random"."""

    mode: NoiseMode = "const"
    generator: torch.Generator | None = None


class StyledConv(nn.Module):
    """Modulated 3×3 convolution, noise, bias, leaky ReLU. Doubles the size when `up`."""

    noise: Tensor | None

    def __init__(self, config: GeneratorConfig, inputs: int, height: int, *, up: bool) -> None:
        super().__init__()
        outputs = config.channels[height]
        self.taps = config.resample_filter if up else None
        self.clamp = config.conv_clamp
        self.style = Dense(config.w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        if config.use_noise:
            self.register_buffer("noise", torch.randn(config.size_at(height)))
            self.noise_strength = nn.Parameter(torch.zeros(()))
        else:
            self.noise = None
        self.prepared = Prepared()

    def forward(self, x: Tensor, w: Tensor, noise: Noise, gain: float = 1.0, shift: Tensor | None = None) -> Tensor:
        """x [N, I, h, w], w [N, w_dim] → [N, O, h', w']; `gain` scales the result, `shift` [N, I] moves the style."""
        dtype = computing_dtype(x)
        with without_autocast(x.device):
            style, weight = self.style(w), self.weight
            if shift is not None:
                style = style + shift
            if dtype == torch.float16:
                weight, style = within_half(weight, style)
            kernel, power = self.prepared(weight, self.taps is not None)
            # the leaky ReLU is positively homogeneous: its gain rides on the demodulation, the bias and the noise
            scale = SQRT2 * gain
            demod, grain = demodulation(power, style) * scale, self._grain(len(x), noise, scale)
            low = [t if t is None else t.to(dtype) for t in (x, kernel, self.bias * scale, grain)]
            limit = None if self.clamp is None else self.clamp * gain
            y: Tensor = StyledConvolution.apply(*low[:2], style, demod, *low[2:], self.taps, limit)
        return y

    def _grain(self, n: int, noise: Noise, scale: float) -> Tensor | None:
        if self.noise is None or noise.mode == "none":
            return None
        if noise.mode == "const":
            return self.noise * (self.noise_strength * scale)
        shape = (n, 1, *self.noise.shape)
        fresh = torch.randn(shape, device=self.noise.device, dtype=self.noise.dtype, generator=noise.generator)
        return fresh * (self.noise_strength * scale)


class ToRGB(nn.Module):
    """Modulated 1×1 convolution to image channels, without demodulation."""

    def __init__(self, config: GeneratorConfig, inputs: int) -> None:
        super().__init__()
        self.clamp, self.gain = config.conv_clamp, 1 / math.sqrt(inputs)
        self.style = Dense(config.w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x [N, C, h, w] and w [N, w_dim] → [N, img_channels, h, w], in float32 or better, stored channels last."""
        weight = self.weight.flatten(1) * (self.style(w) * self.gain)[:, None]  # [N, img_channels, C]
        y = x.flatten(2).transpose(1, 2) @ weight.to(x.dtype).transpose(1, 2)  # a view and one matrix product
        y = y.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)
        return at_least_float32(clamp(y + self.bias.to(y.dtype)[:, None, None], self.clamp))
