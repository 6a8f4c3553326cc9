"""What the feature network is asked about while it learns, so that its features mean something. Not exported.

Reconstruction alone would be content with pixels in another order, and classification alone with a few strong
channels; together with dense questions about faces, and about the manner of paintings, they make features of use.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features import Decoders, FeatureNet, FeaturesConfig, mean_std
from nets.features.network import mirror
from training.features.data import FAMILIES
from training.puppets import CONTROLS
from training.puppets.landmarks import COUNT
from training.puppets.paint import PARTS

FINE = 96


class Answers(NamedTuple):
    """heat [n, COUNT, (s/4)²] and parts [n, PARTS, s/2, s/2] are logits; controls [n, CONTROLS] in -1..1."""

    heat: Tensor
    parts: Tensor
    controls: Tensor


class Heads(nn.Module):
    """Landmarks, parts and controls of faces from relu3_1 to relu5_1; families of paintings from statistics alone."""

    def __init__(self, config: FeaturesConfig) -> None:
        super().__init__()
        _, second, third, fourth, fifth = config.widths
        self.top = nn.Conv2d(fifth, FINE, 3, padding=1)
        self.lateral = nn.ModuleList([nn.Conv2d(fourth, FINE, 1), nn.Conv2d(third, FINE, 1)])
        self.mix = nn.ModuleList([nn.Conv2d(FINE, FINE, 3, padding=1) for _ in range(2)])
        self.heat = nn.Conv2d(FINE, COUNT, 1)
        self.parts = nn.Conv2d(FINE, 4 * len(PARTS), 1)
        self.controls = nn.Linear(fifth + FINE, len(CONTROLS))
        self.family = nn.Linear(2 * (second + third + fourth), len(FAMILIES))

    def faces(self, taps: list[Tensor]) -> Answers:
        """What is asked of renders."""
        x = F.relu(self.top(taps[4]))
        for lateral, mix, tap in zip(self.lateral, self.mix, (taps[3], taps[2]), strict=True):
            x = F.relu(mix(F.relu(F.interpolate(x, tap.shape[2:], mode="nearest") + lateral(tap))))
        pooled = torch.cat([taps[4].float().mean((2, 3)), x.float().mean((2, 3))], 1)
        parts = F.pixel_shuffle(self.parts(x), 2)
        return Answers(self.heat(x).float().flatten(2), parts.float(), self.controls(pooled).float())

    def families(self, taps: list[Tensor]) -> Tensor:
        """What is asked of paintings, [n, FAMILIES]: from means and deviations, which is where style must show."""
        told = torch.cat([x.flatten(1) for tap in taps[1:4] for x in mean_std(tap.float())], 1)
        found: Tensor = self.family(F.layer_norm(told, told.shape[1:]))
        return found.float()


class Learner(nn.Module):
    """All that is trained."""

    def __init__(self, config: FeaturesConfig) -> None:
        super().__init__()
        self.trunk, self.decoders, self.heads = FeatureNet(config), Decoders(config), Heads(config)


@torch.no_grad()
def normalise(trunk: FeatureNet, decoders: Decoders, pictures: Tensor) -> None:
    """Scales channels to a mean of 1 over the pictures, and what reads them by the inverse (Gatys et al. 2016).

    Nothing that the decoders give changes, as ReLU and pooling commute with positive factors.
    """
    before = torch.ones(3)
    for number, level in enumerate(trunk.levels):
        for depth, layer in enumerate(level):  # type: ignore[arg-type]
            layer.weight.mul_(before[:, None, None])
            scale = _scale(trunk, pictures, number, depth)
            if depth == 0:
                for decoder in (*decoders.plain, decoders.styled):
                    if decoder.tap == number + 1:
                        first = decoder.levels[0][0] if len(decoder.levels) else decoder.last
                        first.weight.mul_(scale[:, None, None])
            layer.weight.div_(scale[:, None, None, None])
            layer.bias.div_(scale)
            before = scale


def _scale(trunk: FeatureNet, pictures: Tensor, number: int, depth: int) -> Tensor:
    """Means of the channels after one layer, while those after it wait for their scale.

    A channel that rarely speaks keeps its peaks below 4 deviations of the others, although its mean stays below 1.
    """
    x = mirror(trunk(pictures, number + 1)[-1], depth)
    for layer in trunk.levels[number][1 : depth + 1]:  # type: ignore[index]
        x = F.relu(layer(x))
    return torch.maximum(x.mean((0, 2, 3)), x.square().mean((0, 2, 3)).sqrt() / 4).clamp(min=1e-3)
