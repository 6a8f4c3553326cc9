"""What adaptation does to people, measured: how different they stay, who and where they are, how they can be edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from facet.stylegan import Direction, directions_of
from nets.judges import Judges, Reading, read
from nets.randomvgg import RandomVGG
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import pictures

DIRECTIONS = ("yaw", "smile", "age", "hair_length", "glasses")
"""Whose side effects are compared, where the generator offers them."""

MOVED = 0.25
"""Of the whole range of an attribute."""


def kept(judges: Judges, before: Tensor, after: Tensor) -> dict[str, float]:
    """Named figures of people [N, 3, h, w] in 0..1, before and after: identity, landmarks, diversity.

    Where there are not two of them, or the judges see nobody in both, a figure is left out.
    """
    one, other = reading(judges, before), reading(judges, after)
    seen = (one.present > 0.5) & (other.present > 0.5)
    found = {"seen": seen.float().mean().item()}
    if bool(seen.any()):
        found["identity_kept"] = (one.identity * other.identity).sum(1)[seen].mean().item()
        moved = (one.landmarks - other.landmarks).norm(dim=2)[seen].mean().item()
        found["landmarks_px"] = moved * 256 / after.shape[2]
    if len(before) > 1:
        found["diversity_kept"] = diversity(after) / max(diversity(before), 1e-9)
    return found


def reading(judges: Judges, drawn: Tensor) -> Reading:
    """What the judges see in pictures [N, 3, h, w] in 0..1."""
    with torch.no_grad():
        return read(judges, drawn * 2 - 1)


def diversity(drawn: Tensor) -> float:
    """Mean distance of two of N pictures [N, 3, h, w] in an untrained network's features, which no method optimises."""
    small = F.interpolate(drawn, (128, 128), mode="area")
    with torch.no_grad():
        taps = _random()(small)
    total, pairs = 0.0, torch.triu_indices(len(drawn), len(drawn), 1)
    for tap in taps:
        unit = F.normalize(tap, dim=1)
        total += (unit[pairs[0]] - unit[pairs[1]]).square().sum(1).mean().item()
    return total / len(taps)


def side_effects(judges: Judges, net: Generator, w_plus: Tensor) -> dict[str, float]:
    """For each direction, the mean change of what was not aimed at for each unit of what was, as the judges read both.

    Changes are shares of each control's range.
    """
    controls, found = list(judges.config.controls), {}
    span = torch.tensor(judges.config.high) - torch.tensor(judges.config.low)
    before = reading(judges, pictures(net, w_plus)).controls
    for name, step in steps(controls, MOVED).items():
        after = reading(judges, pictures(net, w_plus + step)).controls
        change = ((after - before).abs() / span).mean(0)
        number = controls.index(name)
        rest = (change.sum() - change[number]) / (len(controls) - 1)
        found[name] = (rest / change[number].clamp_min(1e-3)).item()
    return found


def more_side_effects(judges: Judges, source: Generator, made: Generator, w_plus: Tensor) -> float:
    """Mean side effects after, in units of those before."""
    after, before = (side_effects(judges, net, w_plus) for net in (made, source))
    return mean(after.values()) / max(mean(before.values()), 1e-6)


def steps(known: Iterable[str], share: float) -> Mapping[str, Tensor]:
    """What is added to w to move each of `DIRECTIONS` among `known` by a share of its whole range."""
    offered = directions_of("puppets")
    return {name: moved(offered[name], share) for name in DIRECTIONS if name in offered and name in known}


def moved(direction: Direction, share: float) -> Tensor:
    """What is added to w to move an attribute by a share of its whole range."""
    return share * (direction.span or direction.high - direction.low) * torch.from_numpy(np.array(direction.vector))


def mean(values: Iterable[float]) -> float:
    """Of any numbers; NaN of none."""
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


@cache
def _random() -> RandomVGG:
    return RandomVGG()
