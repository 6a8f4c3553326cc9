"""The synthesis network g: W+ → image, block by block."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.fused import StyledConvolution
from nets.stylegan2.layers import (
    SQRT2,
    Dense,
    at_least_float32,
    clamp,
    computing_dtype,
    memory_format,
    without_autocast,
)
from nets.stylegan2.modconv import demodulation, within_half
from nets.stylegan2.prepared import Prepared
from nets.stylegan2.upfirdn import upsample2d

NoiseMode = Literal["const", "random", "none"]


class Noise(NamedTuple):
    """Where the noise of every layer comes from; `generator` seeds the mode "random"."""

    mode: NoiseMode = "const"
    generator: torch.Generator | None = None


class Stage(NamedTuple):
    """What leaves a block: its height, features [N, C, h, w], and the image so far (None before any RGB layer)."""

    height: int
    features: Tensor
    image: Tensor | None


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

    def forward(self, x: Tensor, w: Tensor, noise: Noise, gain: float = 1.0) -> Tensor:
        """x [N, I, h, w] and w [N, w_dim] → [N, O, h', w']; `gain` multiplies the result."""
        dtype = computing_dtype(x)
        with without_autocast(x.device):
            style, weight = self.style(w), self.weight
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


class Block(nn.Module):
    """Two convolutions (the first block: one, on the learned constant) and, by architecture, RGB or a shortcut."""

    def __init__(self, config: GeneratorConfig, height: int) -> None:
        super().__init__()
        outputs, first = config.channels[height], height == config.heights[0]
        inputs = outputs if first else config.channels[height // 2]
        resnet = config.architecture == "resnet" and not first
        self.taps = config.resample_filter
        self.resnet_gain = math.sqrt(0.5) if resnet else 1.0
        self.clamp = config.conv_clamp
        self.conv0 = None if first else StyledConv(config, inputs, height, up=True)
        self.conv1 = StyledConv(config, outputs, height, up=False)
        last = height == config.heights[-1]
        self.rgb = ToRGB(config, outputs) if last or config.architecture == "skip" else None
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False) if resnet else None
        if self.skip is not None:
            nn.init.normal_(self.skip.weight)

    def forward(self, x: Tensor, rows: Tensor, noise: Noise) -> Tensor:
        """Features [N, I, h/2, w/2] and rows [N, ≥ convolutions, w_dim] → features [N, O, h, w]."""
        if self.conv0 is None:
            y: Tensor = self.conv1(x, rows[:, 0], noise)
            return y
        y = self.conv1(self.conv0(x, rows[:, 0], noise), rows[:, 1], noise, self.resnet_gain)
        if self.skip is None:
            return y
        weight = self.skip.weight.to(x.dtype) * (self.resnet_gain / math.sqrt(x.shape[1]))
        limit = None if self.clamp is None else self.clamp * self.resnet_gain
        return y + clamp(upsample2d(F.conv2d(x, weight), self.taps), limit)

    def paint(self, x: Tensor, rows: Tensor, image: Tensor | None) -> Tensor | None:
        """The image so far, doubled, plus what this block adds to it."""
        enlarged = None if image is None else upsample2d(image, self.taps)
        if self.rgb is None:
            return enlarged
        added: Tensor = self.rgb(x, rows[:, 1 if self.conv0 is None else 2])
        return added if enlarged is None else enlarged + added


class Synthesis(nn.Module):
    """w_plus [N, num_ws, w_dim] → image. A block's RGB layer reads the row after its convolutions' rows."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config, self.num_ws = config, config.num_ws
        start = config.heights[0]
        self.const = nn.Parameter(torch.randn(config.channels[start], *config.size_at(start)))
        self.blocks = nn.ModuleDict({str(height): Block(config, height) for height in config.heights})

    def forward(
        self, w_plus: Tensor, noise_mode: NoiseMode = "const", *, generator: torch.Generator | None = None
    ) -> Tensor:
        """The finished image, in float32 or better. Raises ValueError for codes of another shape."""
        image = [stage.image for stage in self.walk(w_plus, noise_mode, generator=generator)][-1]
        assert image is not None, "the last block always has an RGB layer"
        return image.contiguous()

    def features(self, w_plus: Tensor, at: int, noise_mode: NoiseMode = "const") -> Tensor:
        """Features [N, C, h, w] that leave the block of height `at`; nothing after it, and no RGB, is computed."""
        self._known([at])
        return next(s.features for s in self.walk(w_plus, noise_mode, paint=False) if s.height == at)

    def image_and_features(
        self, w_plus: Tensor, at: Iterable[int], noise_mode: NoiseMode = "const"
    ) -> tuple[Tensor, dict[int, Tensor]]:
        """The image, and the features after each of the blocks `at`, from one pass."""
        wanted = self._known(at)
        stages = list(self.walk(w_plus, noise_mode))
        image = stages[-1].image
        assert image is not None, "the last block always has an RGB layer"
        return image.contiguous(), {s.height: s.features for s in stages if s.height in wanted}

    def walk(
        self,
        w_plus: Tensor,
        noise_mode: NoiseMode = "const",
        *,
        paint: bool = True,
        generator: torch.Generator | None = None,
    ) -> Iterator[Stage]:
        """One stage after another; a caller that stops early pays for no later block."""
        if w_plus.ndim != 3 or w_plus.shape[1:] != (self.num_ws, self.config.w_dim):
            raise ValueError(f"w_plus: expected [N, {self.num_ws}, {self.config.w_dim}], got {list(w_plus.shape)}")
        noise, row, image = Noise(noise_mode, generator), 0, None
        # with the channels innermost, strided and depthwise convolutions are several times faster on processors
        x = self.const.expand(len(w_plus), -1, -1, -1).contiguous(memory_format=memory_format(self.const))
        for height, block in zip(self.config.heights, self.blocks.values(), strict=True):
            rows = w_plus[:, row:]
            x = block(x, rows, noise)
            if paint:
                image = block.paint(x, rows, image)
            yield Stage(height, x, image)
            row += 1 if block.conv0 is None else 2

    def _known(self, at: Iterable[int]) -> set[int]:
        wanted = set(at)
        if not wanted <= set(self.config.heights):
            raise ValueError(f"features at {sorted(wanted)}: this generator has blocks {self.config.heights}")
        return wanted
