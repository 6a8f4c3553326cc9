"""The default way: every portrait painted by the copy keeps its structure, in the palette and manner of one picture.

    L(y) = low · |ȳ - t̄| + structure · Σ_k c_k |φ_k(y) - φ_k(t)|² / var φ_k(t)
         + style · Σ_l |moments_l(y) - moments_l(s)| / |moments_l(s)|

y: the copy's pictures, t: the source's pictures of the same codes in the reference's palette, s: the reference, φ_l the
taps of a network that knows photographs, a bar a mean over cells. It is the feed-forward style of Johnson et al. 2016
with the generator as its own transformation network. Three things keep people as different as they were: the palette
is one map for everybody (`Palette`), moments are taken over all people of a step together and not of each, and the
coarse layers, which say who somebody is, need not train.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.adapt.palette import Palette
from nets.adapt.pool import portraits
from nets.adapt.sizes import covering, rgb
from nets.features import FeatureNet
from nets.inversion.half import image_at
from nets.seen import among
from nets.stylegan2 import Generator
from nets.stylegan2.synthesis import Synthesis

CONTENT = {2: 0.5, 3: 1.0}
"""Weight of each tap's structure, by its number from 0: relu3_1 and relu4_1."""

STYLE = 0.5
"""Weight of the manner, of each of two moments of each tap."""

CELLS = (2, 4, 8)
"""Sides of the cells over which colours are compared, in pixels of a picture 128 high."""

CROP = 160
"""Most pixels of a side that the network looks at: a larger picture is looked at in windows, one a step."""

POOL = 24
"""Portraits that tell the source's palette."""


@dataclass(frozen=True)
class Manner:
    """What counts.

    structure: weight of who and where. low: of palette and light. stroke: size of the strokes; 1 lays the reference
    over the area of a portrait. face: how much more the middle of the picture, eyes and mouth, counts in both.
    palette: 0 keeps the portraits' own colours, 1 takes the reference's. marks: weight of strokes and grain.
    """

    structure: float = 1.0
    low: float = 4.0
    stroke: float = 1.0
    face: float = 1.0
    palette: float = 1.0
    marks: float = 1.0


class Painted:
    """The loss above, as an `nets.adapt.trainer.Objective`.

    Args:
        generator: the source.
        trunk: pictures in -1..1 to features.
        reference: [1, 3, h, w] in 0..1, of any size.
        seen: [1, 1, h, w], 1 where the reference is and 0 where it is clear; None: all of it is there.
    """

    def __init__(
        self,
        generator: Generator,
        trunk: FeatureNet,
        reference: Tensor,
        manner: Manner,
        seen: Tensor | None = None,
        psi: float = 0.8,
        label: int | None = None,
    ) -> None:
        self.generator, self.trunk, self.manner = generator, trunk, manner
        self.reference, self.seen = reference, seen
        self.targets: dict[int, list[tuple[Tensor, Tensor, Tensor]]] = {}
        with torch.no_grad():
            people = portraits(generator, POOL, psi, label)
            colours = among(covering(reference, 128), None if seen is None else covering(seen, 128).round())
            self.palette = Palette(people, colours, manner.palette)
            matrix, offset = self.palette.affine()
            self.lift = matrix.sum(1) + 2 * offset - 1  # in -1..1: 2 (M (x + 1) / 2 + b) - 1

    def begin(self, synthesis: Synthesis) -> None:
        """The affine map nearest to the palette, at once and exactly: a picture is a sum of what steps to colours give.

        So the first picture after a second has the palette, and training is spent on strokes.
        """
        if synthesis.config.img_channels != 3:
            return
        steps = [block.rgb for block in synthesis.blocks.values() if block.rgb is not None]
        matrix = self.palette.affine()[0]
        for step in steps:
            step.weight.copy_((matrix.to(step.weight) @ step.weight.flatten(1)).view_as(step.weight))
            step.bias.copy_(matrix.to(step.bias) @ step.bias)
        steps[-1].bias.add_(self.lift.to(steps[-1].bias))

    def people(self, w_plus: Tensor) -> Tensor:
        """Whoever is drawn."""
        return w_plus

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar."""
        with torch.no_grad():
            height = None if made.shape[2] == self.generator.config.resolution[0] else made.shape[2]
            wanted = self.palette(rgb(image_at(self.generator.synthesis, w_plus, height)))
        y = made.expand(-1, 3, -1, -1) / 2 + 0.5
        if height is not None and made.shape[1] == 3:  # the last block, which is not in a smaller picture, has it
            y = y + self.lift.to(y)[:, None, None] / 2
        weight = _face(made.shape[2:], self.manner.face).to(y)
        loss = self.manner.low * _low(y, wanted, weight)
        outside = ((y - 1).relu().square() + (-y).relu().square()).mean()
        rows, columns = _window(made.shape[2:], step)
        y, wanted, weight = (part[:, :, rows, columns] for part in (y, wanted, weight))
        return loss + 10 * outside + self._looks(y, wanted, weight, made.shape[2])

    def _looks(self, y: Tensor, wanted: Tensor, weight: Tensor, height: int) -> Tensor:
        """Structure and manner, in the network's features."""
        with torch.no_grad():
            kept = self.trunk(wanted * 2 - 1, len(self.trunk.levels))
        taps = self.trunk(y * 2 - 1, len(self.trunk.levels))
        loss = y.new_zeros(())
        for number, share in CONTENT.items():
            if number < len(taps):
                there = F.interpolate(weight, taps[number].shape[2:], mode="area")
                apart = ((taps[number] - kept[number]).square() * there).mean()
                loss = loss + self.manner.structure * share * apart / kept[number].var().clamp_min(1e-4)
        marks = STYLE * self.manner.marks
        for tap, (unit, mean, spread) in zip(taps, self._wanted(height), strict=True):
            m, c = joint_moments(tap)
            loss = loss + marks * (c * unit[:, None] * unit - spread).norm() / spread.norm().clamp_min(1)
            loss = loss + marks * (m * unit - mean).norm() / mean.norm().clamp_min(1)
        return loss

    def _wanted(self, height: int) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Of each tap of the reference, laid over a picture of that height: units of deviation, and both moments."""
        if height not in self.targets:
            with torch.no_grad():
                laid = covering(self.reference, height, self.manner.stroke)
                there = None if self.seen is None else covering(self.seen, height, self.manner.stroke).round()
                taps = self.trunk(laid * 2 - 1, len(self.trunk.levels))
                self.targets[height] = [_in_units(*joint_moments(among(tap, there))) for tap in taps]
        return self.targets[height]

    def state(self) -> Mapping[str, Any]:
        """Nothing is gathered."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Nothing was gathered."""


def joint_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [C] and covariance [C, C] over all places of all pictures of features [N, C, h, w] together."""
    flat = features.transpose(0, 1).flatten(1)
    mean = flat.mean(1)
    return mean, flat @ flat.T / flat.shape[1] - torch.outer(mean, mean)


def _in_units(mean: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Units of deviation (floored, so that silent channels do not shout), then both moments in them."""
    deviation = covariance.diagonal().clamp_min(0).sqrt()
    unit = 1 / deviation.clamp_min(max(0.05 * deviation.max().item(), 0.01))
    return unit, mean * unit, covariance * unit[:, None] * unit


def _low(y: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Difference of colours over cells, the middle of the picture weighing more."""
    total = y.new_zeros(())
    for side in CELLS:
        cell = max(1, side * y.shape[2] // 128)
        apart = (F.avg_pool2d(y, cell) - F.avg_pool2d(wanted, cell)).abs()
        total = total + (apart * F.avg_pool2d(weight, cell)).mean()
    return total


def _face(size: tuple[int, ...] | torch.Size, more: float) -> Tensor:
    """1 everywhere and `more` more where an aligned portrait has eyes and mouth: [1, 1, h, w]."""
    height, width = size
    y, x = ((torch.arange(n) + 0.5) / n for n in (height, width))
    off = ((x[None] - 0.5) / 0.2).square() + ((y[:, None] - 0.55) / 0.22).square()
    return (1 + more * torch.exp(-off.square()))[None, None]


def _window(size: tuple[int, ...] | torch.Size, step: int) -> tuple[slice, slice]:
    """Rows and columns that the network looks at in a step: the whole of a small picture."""
    random = torch.Generator().manual_seed(step)
    free = [max(0, n - CROP) for n in size]
    first = [int(torch.randint(n + 1, (), generator=random)) for n in free]
    return slice(first[0], first[0] + CROP), slice(first[1], first[1] + CROP)
