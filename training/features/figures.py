"""How good the feature network is: reconstruction, ranking, and how well statistics tell styles apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nets.features import Decoders, FeatureNet, gram, mean_std
from training.generator.losses import psnr

Describe = Callable[[Tensor], Tensor]
"""Pictures [n, 3, s, s] in -1..1 → one row each."""


@torch.no_grad()
def decoded(net: FeatureNet, decoders: Decoders, pictures: Tensor, chunk: int = 8) -> list[Tensor]:
    """What each of the plain decoders makes of its tap, in -1..1, relu1_1 first."""
    columns = []
    for piece in pictures.split(chunk):
        taps = net(piece, 4)
        columns.append([d(taps[d.tap - 1], *piece.shape[2:]).clamp(-1, 1) for d in decoders.plain])
    return [torch.cat(column) for column in zip(*columns, strict=True)]


def reconstruction(net: FeatureNet, decoders: Decoders, pictures: Tensor) -> list[float]:
    """PSNR in dB from each tap, relu1_1 first."""
    return [round(psnr(made, pictures), 2) for made in decoded(net, decoders, pictures)]


def by_moments(taps: Callable[[Tensor], Sequence[Tensor]]) -> Describe:
    """Means and deviations of the channels of some taps."""

    def describe(pictures: Tensor) -> Tensor:
        return torch.cat([x.flatten(1) for tap in taps(pictures) for x in mean_std(tap)], 1)

    return describe


def by_gram(taps: Callable[[Tensor], Sequence[Tensor]]) -> Describe:
    """Gram matrices of some taps, each divided by its trace."""

    def describe(pictures: Tensor) -> Tensor:
        found = [gram(tap) for tap in taps(pictures)]
        scaled = [g / g.diagonal(dim1=1, dim2=2).sum(1).clamp(min=1e-9)[:, None, None] for g in found]
        return torch.cat([g.flatten(1) for g in scaled], 1)

    return describe


@torch.no_grad()
def nearest_centroid(describe: Describe, known: Tensor, known_rows: Tensor, asked: Tensor, rows: Tensor) -> float:
    """Share of the pictures `asked` whose family `rows` is that of the nearest mean of the `known`, 0..1.

    Every number of a description is measured in its own deviation over the known pictures.
    """
    told, wanted = (torch.cat([describe(piece) for piece in x.split(8)]) for x in (known, asked))
    deviation, mean = torch.std_mean(told, 0)
    told, wanted = ((x - mean) / deviation.clamp(min=1e-6) for x in (told, wanted))
    names = known_rows.unique()
    centres = torch.stack([told[known_rows == name].mean(0) for name in names])
    return (names[torch.cdist(wanted, centres).argmin(1)] == rows).float().mean().item()


def ranks(values: Tensor) -> Tensor:
    """Ranks of values [n], from 0."""
    return values.argsort().argsort().float()


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's correlation of two rows of numbers."""
    return torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1].item()
