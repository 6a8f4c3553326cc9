"""The synthesis network g: W+ → image, block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.layers import clamp, memory_format
from nets.stylegan2.styled import Noise, NoiseMode, StyledConv, ToRGB
from nets.stylegan2.upfirdn import upsample2d

ROUGH = 128
"""Pixels of a rough picture's height at least: landmarks and movement are read in no more."""
Shifts = tuple[Tensor | None, Tensor | None]
"""What is added to the styles [N, channels] of a block's convolutions, by their rows."""


class BlockOutput(NamedTuple):
    """What leaves a block: its height, features [N, C, h, w], and the image so far (None before any RGB layer)."""

    height: int
    features: Tensor
    image: Tensor | None


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

    def forward(self, x: Tensor, rows: Tensor, noise: Noise, shifts: Shifts = (None, None)) -> Tensor:
        """Features [N, I, h/2, w/2] and rows [N, ≥ convolutions, w_dim] → features [N, O, h, w]."""
        if self.conv0 is None:
            y: Tensor = self.conv1(x, rows[:, 0], noise, shift=shifts[0])
            return y
        y = self.conv0(x, rows[:, 0], noise, shift=shifts[0])
        y = self.conv1(y, rows[:, 1], noise, self.resnet_gain, shifts[1])
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

    def rough(self, w_plus: Tensor, noise_mode: NoiseMode = "const") -> Tensor:
        """The image so far at the first block of at least `ROUGH` pixels; the finished one where none is painted there.

        The same picture with less detail, for half of the time or less. Raises ValueError as `forward`.
        """
        for stage in self.walk(w_plus, noise_mode):
            if stage.image is not None and (stage.height >= ROUGH or stage.height == self.config.heights[-1]):
                return stage.image.contiguous()
        raise AssertionError("the last block always has an RGB layer")

    def features(self, w_plus: Tensor, at: int, noise_mode: NoiseMode = "const") -> Tensor:
        """Features [N, C, h, w] that leave the block of height `at`; nothing after it, and no RGB, is computed."""
        self._known([at])
        return next(s.features for s in self.walk(w_plus, noise_mode, paint=False) if s.height == at)

    def image_and_features(
        self, w_plus: Tensor, at: Iterable[int], noise_mode: NoiseMode = "const"
    ) -> tuple[Tensor, dict[int, Tensor]]:
        """The image, and the features after each of the blocks `at`, from one pass."""
        wanted, found, image = self._known(at), {}, None
        for stage in self.walk(w_plus, noise_mode):
            image = stage.image
            if stage.height in wanted:
                found[stage.height] = stage.features
        assert image is not None, "the last block always has an RGB layer"
        return image.contiguous(), found

    def walk(
        self,
        w_plus: Tensor,
        noise_mode: NoiseMode = "const",
        *,
        paint: bool = True,
        generator: torch.Generator | None = None,
        change: Mapping[int, Callable[[Tensor], Tensor]] | None = None,
        shift: Mapping[int, Tensor] | None = None,
    ) -> Iterator[BlockOutput]:
        """One stage after another; a caller that stops early pays for no later block.

        `generator` seeds the mode "random". `change` has, by block height, what is done to the features that leave a
        block before they are painted and passed on: to switch units off, or to move them. `shift` has, by row of
        w_plus, what is added to the style [N, channels] of the convolution that reads it: an edit in style space.

        Raises ValueError for codes of another shape and for an unknown noise mode.
        """
        if w_plus.ndim != 3 or w_plus.shape[1:] != (self.num_ws, self.config.w_dim):
            raise ValueError(f"w_plus: expected [N, {self.num_ws}, {self.config.w_dim}], got {list(w_plus.shape)}")
        if noise_mode not in get_args(NoiseMode):
            raise ValueError(f"noise_mode: {noise_mode!r} is not one of {get_args(NoiseMode)}")
        noise, row, image = Noise(noise_mode, generator), 0, None
        # with the channels innermost, strided and depthwise convolutions are several times faster on processors
        x = self.const.expand(len(w_plus), -1, -1, -1).contiguous(memory_format=memory_format(self.const))
        for height, block in zip(self.config.heights, self.blocks.values(), strict=True):
            rows = w_plus[:, row:]
            x = block(x, rows, noise, (shift.get(row), shift.get(row + 1)) if shift else (None, None))
            if change and height in change:
                x = change[height](x)
            if paint:
                image = block.paint(x, rows, image)
            yield BlockOutput(height, x, image)
            row += 1 if block.conv0 is None else 2

    def _known(self, at: Iterable[int]) -> set[int]:
        wanted = set(at)
        if not wanted <= set(self.config.heights):
            raise ValueError(f"features at {sorted(wanted)}: this generator has blocks {self.config.heights}")
        return wanted
