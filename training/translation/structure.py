"""Losses of “SSAL-style, our reading”: structure by self-similarity, colour by statistics, contrast between places."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.translation import Resnet, ResnetConfig

PIECE = 64
"""Side of the piece that structure is looked at in, at the picture's own scale."""
PLACES = 256
"""Places that are compared with one another."""
TEMPERATURE = 0.07


def self_similarity(trunk: FeatureNet, before: Tensor, after: Tensor, random: np.random.Generator) -> Tensor:
    """How differently places of a random piece resemble one another before and after, 0 for the same structure.

    Maps of cosines of features at relu3_1 between 256 places; 1 minus the cosine of the two maps of each place (Zheng,
    Cham and Cai 2021). Finer features would keep the strokes of a hatching too, where a portrait has none. Pictures
    [N, 3, h, w] in -1..1; no gradient goes to ``before``.
    """
    height, width = before.shape[2:]
    top, left = (int(random.integers(0, length - PIECE + 1)) for length in (height, width))
    rows, columns = slice(top, top + PIECE), slice(left, left + PIECE)
    with torch.no_grad():
        old = trunk(before[:, :, rows, columns], 3)[-1]
    new = trunk(after[:, :, rows, columns], 3)[-1]
    chosen = torch.from_numpy(random.permutation(old[0, 0].numel())[:PLACES])
    one, two = (_alike(features.float(), chosen) for features in (old, new))
    return (1 - F.cosine_similarity(one, two, dim=2)).mean()


def _alike(features: Tensor, chosen: Tensor) -> Tensor:
    """Cosines [N, k, k] between chosen places of features [N, C, h, w], about their mean."""
    rows = features.flatten(2)[:, :, chosen]
    rows = F.normalize(rows - rows.mean(2, keepdim=True), dim=1)
    return rows.transpose(1, 2) @ rows


def colour_statistics(made: Tensor, other: Tensor) -> Tensor:
    """Mean difference of means and deviations of colours [N, 3, h, w] of what was made and of another picture.

    Of red, green and blue, and of the two differences in which colour lies (red - green, yellow - blue).
    """
    return torch.stack([(a - b).abs().mean() for a, b in zip(_moments(made), _moments(other), strict=True)]).sum()


def _moments(pictures: Tensor) -> tuple[Tensor, Tensor]:
    red, green, blue = pictures.flatten(2).unbind(1)
    rows = torch.stack([red, green, blue, red - green, (red + green) / 2 - blue], 1)
    return rows.mean(2), rows.std(2)


class Contrast(nn.Module):
    """A place of the result should resemble that place of the picture, and no other (PatchNCE, Park et al. 2020).

    Features are those of the generator's own first half, through a small network for each depth.
    """

    def __init__(self, config: ResnetConfig, places: int = 128, width: int = 64) -> None:
        super().__init__()
        self.places = places
        depths = [config.channels(level) for level in range(config.downs + 1)] + [config.channels(config.downs)]
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(depth, width), nn.ReLU(), nn.Linear(width, width)) for depth in depths
        )

    def features(self, net: Resnet, pictures: Tensor) -> list[Tensor]:
        """Of the first layer, of every halving, and of the second block."""
        x, found = pictures, []
        for layer in (net.first, *net.down):
            x = layer(x)
            found.append(x)
        for block in list(net.blocks)[:2]:
            x = block(x)
        return [*found, x]

    def forward(self, net: Resnet, before: Tensor, after: Tensor, random: np.random.Generator) -> Tensor:
        """Mean cross-entropy over depths; no gradient goes through the features of ``before``."""
        with torch.no_grad():
            old = self.features(net, before)
        losses = []
        for head, one, two in zip(self.heads, old, self.features(net, after), strict=True):
            chosen = torch.from_numpy(random.permutation(one[0, 0].numel())[: self.places])
            keys, queries = (F.normalize(head(x.flatten(2)[:, :, chosen].transpose(1, 2)).float(), dim=2)
                             for x in (one, two))  # fmt: skip
            scores = queries @ keys.detach().transpose(1, 2) / TEMPERATURE
            right = torch.arange(scores.shape[1]).expand(len(scores), -1)
            losses.append(F.cross_entropy(scores.flatten(0, 1), right.flatten()))
        return torch.stack(losses).mean()
