"""Names of one StyleGAN2 generator's tensors in every layout in use. The numbers are the same; names and shapes differ.

A table is a list of `Entry`: our name, their name, and the `Kind` of reshaping between them. Our name is the name in
`Generator.state_dict()`.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from nets.stylegan2.config import Architecture, GeneratorConfig


class KeyMapError(ValueError):
    """A set of tensors is not a StyleGAN2 generator in a layout that we read; the message says what it is instead."""


class Layout(str, enum.Enum):
    """Who named the tensors."""

    FACET = "facet"  # Generator.state_dict()
    NVLABS = "nvlabs"  # stylegan2-ada-pytorch, and StyleGAN2 inside the stylegan3 repository
    ROSINALITY = "rosinality"  # stylegan2-pytorch
    PSP = "psp"  # the `decoder.` of a pSp or e4e checkpoint: rosinality's names
    TENSORFLOW = "tensorflow"  # stylegan2 and stylegan2-ada, before PyTorch


class Kind(enum.Enum):
    """How their tensor is stored, relative to ours."""

    SAME = "same"
    BATCHED = "one more axis in front"
    RGB_BIAS = "[1, C, 1, 1] for [C]"
    LENGTH_ONE = "[1] for []"
    NOISE = "[1, 1, H, W] for [H, W]"
    ROWS = "[num_ws, w_dim], all rows equal, for [w_dim]"
    TRANSPOSED = "[in, out] for [out, in]"
    HWIO = "[k, k, I, O] for [O, I, k, k]"
    HWIO_TURNED = "[k, k, I, O], turned by half a turn, for [O, I, k, k]"
    LESS_ONE = "without the 1 that a style starts from"


class Entry(NamedTuple):
    """One tensor in two layouts."""

    ours: str
    theirs: str
    kind: Kind = Kind.SAME


def _mean_row(rows: Tensor) -> Tensor:
    rows = rows.reshape(-1, rows.shape[-1])
    return rows[0] if torch.equal(rows, rows[:1].expand_as(rows)) else rows.mean(0)


TO_OURS: dict[Kind, Callable[[Tensor], Tensor]] = {
    Kind.SAME: lambda t: t,
    Kind.BATCHED: lambda t: t[0],
    Kind.RGB_BIAS: lambda t: t.reshape(-1),
    Kind.LENGTH_ONE: lambda t: t.reshape(()),
    Kind.NOISE: lambda t: t[0, 0],
    Kind.ROWS: _mean_row,
    Kind.TRANSPOSED: lambda t: t.t(),
    Kind.HWIO: lambda t: t.permute(3, 2, 0, 1),
    Kind.HWIO_TURNED: lambda t: t.flip(0, 1).permute(3, 2, 0, 1),
    Kind.LESS_ONE: lambda t: t + 1,
}
TO_THEIRS: dict[Kind, Callable[[Tensor], Tensor]] = {
    Kind.SAME: lambda t: t,
    Kind.BATCHED: lambda t: t[None],
    Kind.RGB_BIAS: lambda t: t.reshape(1, -1, 1, 1),
    Kind.LENGTH_ONE: lambda t: t.reshape(1),
    Kind.NOISE: lambda t: t[None, None],
    Kind.TRANSPOSED: lambda t: t.t(),
    Kind.HWIO: lambda t: t.permute(2, 3, 1, 0),
    Kind.HWIO_TURNED: lambda t: t.permute(2, 3, 1, 0).flip(0, 1),
    Kind.LESS_ONE: lambda t: t - 1,
}


@dataclasses.dataclass(frozen=True)
class Outline:
    """What decides which names there are: block heights, mapping depth, and three switches."""

    heights: tuple[int, ...]
    mapping_layers: int
    architecture: Architecture = "skip"
    conditional: bool = False
    noise: bool = True

    @classmethod
    def of(cls, config: GeneratorConfig) -> Outline:
        """The outline of a config."""
        heights = tuple(config.heights)
        return cls(heights, config.mapping_layers, config.architecture, config.c_dim > 0, config.use_noise)

    def convolutions(self) -> Iterator[tuple[int, str]]:
        """(block height, "conv0" or "conv1") in the order of w_plus rows."""
        for height in self.heights:
            yield from [(height, "conv1")] if height == self.heights[0] else [(height, "conv0"), (height, "conv1")]

    def rgb_heights(self) -> tuple[int, ...]:
        """The blocks with an RGB layer."""
        return self.heights if self.architecture == "skip" else self.heights[-1:]

    def skip_heights(self) -> tuple[int, ...]:
        """The blocks with a shortcut convolution."""
        return self.heights[1:] if self.architecture == "resnet" else ()


def nvlabs(outline: Outline) -> Iterator[Entry]:
    """The layout of NVIDIA's PyTorch code: `synthesis.b8.conv0.affine.weight`."""
    yield Entry("mapping.w_avg", "mapping.w_avg")
    for leaf in ("weight", "bias"):
        if outline.conditional:
            yield Entry(f"mapping.embed.{leaf}", f"mapping.embed.{leaf}")
        for i in range(outline.mapping_layers):
            yield Entry(f"mapping.layers.{i}.{leaf}", f"mapping.fc{i}.{leaf}")
    yield Entry("synthesis.const", f"synthesis.b{outline.heights[0]}.const")
    layers = [(height, conv, conv) for height, conv in outline.convolutions()]
    for height, ours, theirs in (*layers, *((height, "rgb", "torgb") for height in outline.rgb_heights())):
        us, them = f"synthesis.blocks.{height}.{ours}", f"synthesis.b{height}.{theirs}"
        for leaf in ("weight", "bias"):
            yield Entry(f"{us}.{leaf}", f"{them}.{leaf}")
            yield Entry(f"{us}.style.{leaf}", f"{them}.affine.{leaf}")
        if outline.noise and ours != "rgb":
            yield Entry(f"{us}.noise", f"{them}.noise_const")
            yield Entry(f"{us}.noise_strength", f"{them}.noise_strength")
    for height in outline.skip_heights():
        yield Entry(f"synthesis.blocks.{height}.skip.weight", f"synthesis.b{height}.skip.weight")


def rosinality(outline: Outline) -> Iterator[Entry]:
    """The layout of rosinality's code, in which convolutions are counted, not named by size: `convs.3.conv.weight`.

    Raises KeyMapError for what it has no names for: labels, other architectures, a generator without noise.
    """
    if outline.architecture != "skip" or outline.conditional or not outline.noise:
        raise KeyMapError("this layout has names for unconditional generators with skip architecture and noise only")
    yield Entry("mapping.w_avg", "latent_avg", Kind.ROWS)
    for i in range(outline.mapping_layers):
        yield Entry(f"mapping.layers.{i}.weight", f"style.{i + 1}.weight")  # style.0 normalises z
        yield Entry(f"mapping.layers.{i}.bias", f"style.{i + 1}.bias")
    yield Entry("synthesis.const", "input.input", Kind.BATCHED)
    for n, (height, conv) in enumerate(outline.convolutions()):
        us, them = f"synthesis.blocks.{height}.{conv}", f"convs.{n - 1}" if n else "conv1"
        yield from _rosinality_convolution(us, them)
        yield Entry(f"{us}.bias", f"{them}.activate.bias")
        yield Entry(f"{us}.noise_strength", f"{them}.noise.weight", Kind.LENGTH_ONE)
        yield Entry(f"{us}.noise", f"noises.noise_{n}", Kind.NOISE)
    for n, height in enumerate(outline.heights):
        us, them = f"synthesis.blocks.{height}.rgb", f"to_rgbs.{n - 1}" if n else "to_rgb1"
        yield from _rosinality_convolution(us, them)
        yield Entry(f"{us}.bias", f"{them}.bias", Kind.RGB_BIAS)


def _rosinality_convolution(us: str, them: str) -> Iterator[Entry]:
    yield Entry(f"{us}.weight", f"{them}.conv.weight", Kind.BATCHED)
    yield Entry(f"{us}.style.weight", f"{them}.conv.modulation.weight")
    yield Entry(f"{us}.style.bias", f"{them}.conv.modulation.bias")


def psp(outline: Outline) -> Iterator[Entry]:
    """rosinality's names behind `decoder.`; the mean of w stays outside, one row for every layer."""
    for entry in rosinality(outline):
        outside = entry.kind is Kind.ROWS
        yield entry if outside else entry._replace(theirs=f"decoder.{entry.theirs}")


def tensorflow(outline: Outline) -> Iterator[Entry]:
    """The layout of the TensorFlow code: `synthesis/8x8/Conv0_up/mod_weight`, arrays with the channels last."""
    yield Entry("mapping.w_avg", "dlatent_avg")
    dense = [(f"mapping.layers.{i}", f"mapping/Dense{i}") for i in range(outline.mapping_layers)]
    for us, them in [*dense, *([("mapping.embed", "mapping/LabelEmbed")] if outline.conditional else [])]:
        yield Entry(f"{us}.weight", f"{them}/weight", Kind.TRANSPOSED)
        yield Entry(f"{us}.bias", f"{them}/bias")
    yield Entry("synthesis.const", "synthesis/4x4/Const/const", Kind.BATCHED)
    names = {"conv0": "Conv0_up", "conv1": "Conv1", "rgb": "ToRGB"}
    rgbs = [(height, "rgb") for height in outline.rgb_heights()]
    for n, (height, part) in enumerate([*outline.convolutions(), *rgbs]):
        us = f"synthesis.blocks.{height}.{part}"
        first = part == "conv1" and height == outline.heights[0]
        them = f"synthesis/{height}x{height}/{'Conv' if first else names[part]}"
        yield Entry(f"{us}.weight", f"{them}/weight", Kind.HWIO_TURNED if part == "conv0" else Kind.HWIO)
        yield Entry(f"{us}.bias", f"{them}/bias")
        yield Entry(f"{us}.style.weight", f"{them}/mod_weight", Kind.TRANSPOSED)
        yield Entry(f"{us}.style.bias", f"{them}/mod_bias", Kind.LESS_ONE)
        if outline.noise and part != "rgb":
            yield Entry(f"{us}.noise_strength", f"{them}/noise_strength")
            yield Entry(f"{us}.noise", f"synthesis/noise{n}", Kind.NOISE)
    for height in outline.skip_heights():
        them = f"synthesis/{height}x{height}/Skip/weight"
        yield Entry(f"synthesis.blocks.{height}.skip.weight", them, Kind.HWIO_TURNED)


def facet(outline: Outline) -> Iterator[Entry]:
    """Our own names."""
    for entry in nvlabs(outline):
        yield Entry(entry.ours, entry.ours)


TABLES: dict[Layout, Callable[[Outline], Iterator[Entry]]] = {
    Layout.FACET: facet,
    Layout.NVLABS: nvlabs,
    Layout.ROSINALITY: rosinality,
    Layout.PSP: psp,
    Layout.TENSORFLOW: tensorflow,
}
