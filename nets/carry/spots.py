"""Where in a generator's picture an edit may move things, and where eyes, mouth and glasses do what no movement is."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.glasses import outline_of
from nets.carry.landmarks import EYES, MOUTH, Marks, inside, opened, soft_head, travel

SIDE = 256
"""Pixels of the side at which movement is read: more adds time, and no movement."""
CLOSED = 0.45
"""How far both eyes must close to be new, instead of squeezed: their share of before."""
WIDER = (1.1, 1.3)
"""How much wider eyes must be to begin to open, and to be open in full."""
OPEN, SHUT = 0.9, 0.12
"""What is left of an eye's opening where its lid begins to slide, and where it is closed."""
SLID = 0.15
"""What is left of the opening is that much less where the lid alone closes the eye."""
TURNED = (0.6, 1.0)
"""How far eyes must close, while the head moves more than `AWAY`, to begin to close in the photograph, and where they
are closed: a generator narrows eyes when it turns a head, and often one alone."""
AWAY = 0.12
"""In eye distances; see `travel`."""
PARTED = (1.35, 1.65)
"""How much wider a mouth must open to begin to show something new between its lips, and to show it in full."""
LIPS = range(48, 60)  # of iBUG's 68, around both
RIM = 0.06  # share of the side over which everything fades at the square's rim


class Eyes(NamedTuple):
    """Where eyes are, and where they close, [s, s] in 0..1; which landmarks then move nothing; how far each one closes.

    widened: how far they open, 0..1.
    """

    around: Tensor
    closing: Tensor
    loose: Tensor
    closed: tuple[float, float]
    widened: float = 0.0


class Spots(NamedTuple):
    """Places [s, s, 2], where movement may be [s, s], and what eyes, glasses and mouth do; see `Movement`."""

    places: Tensor
    where: Tensor
    eyes: Eyes
    glasses: Tensor
    behind: Tensor
    mouth: Tensor
    apart: float


def spots_of(marks: Marks | None, side: int, slide: bool, part: bool = False) -> Spots:
    """What there is in two pictures at `side` pixels, see `movement`. Everywhere, where there are no marks."""
    at = (torch.arange(side) + 0.5) / side
    places = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1)
    where = (soft_head(marks, side) if marks is not None else torch.ones(side, side)) * _rim(places)
    glasses, behind = (spot * where for spot in _glasses(marks, side))
    eyes, (mouth, apart) = _eyes(marks, side, slide), _mouth(marks, side) if part else (torch.zeros(side, side), 0.0)
    if apart > 0:  # between the outlines of the lips all is stretched alike, so that it can be told apart
        eyes.loose[list(MOUTH)] = True
    return Spots(places, where, eyes, glasses, behind, mouth * where, apart)


def _rim(places: Tensor) -> Tensor:
    """1 inside, falling to 0 at the square's rim."""
    depth = torch.minimum(places, 1 - places).amin(-1)
    share = ((depth - 0.5 / len(depth)) / RIM).clamp(0, 1)
    return share * share * (3 - 2 * share)


def _eyes(marks: Marks | None, side: int, slide: bool) -> Eyes:
    """What eyes do that no movement explains."""
    spot, none = torch.zeros(side, side), torch.zeros(side, side)
    if marks is None:
        return Eyes(none, none, torch.zeros(0, dtype=torch.bool), (0.0, 0.0))
    loose = torch.zeros(len(marks.counts), dtype=torch.bool)
    for eye in EYES:
        for points in (marks.before, marks.after):
            spot = torch.maximum(spot, inside(points[list(eye)], side, 0.55))
    shares = [opened(marks, eye) for eye in EYES]
    share = math.sqrt(math.prod(shares))
    if marks.glasses is not None:  # rims look like lids
        return Eyes(none, none, loose, (0.0, 0.0))
    if share > (OPEN if slide else CLOSED):  # their own lids go apart, as landmarks do
        return Eyes(spot, none, loose, (0.0, 0.0), min(1.0, max(0.0, (share - WIDER[0]) / (WIDER[1] - WIDER[0]))))
    left, right = (min(1.0, max(0.0, (OPEN - share) / (OPEN - SHUT))) for share in shares)
    if slide and travel(marks) > AWAY:
        left = right = max(0.0, (min(left, right) - TURNED[0]) / (TURNED[1] - TURNED[0]))
        if left == 0:
            return Eyes(spot, none, loose, (0.0, 0.0))
    for eye in EYES:
        loose[list(eye)] = True
    ramp = 1.0 if not slide else min(1.0, (OPEN - share) / SLID)  # at first what flow sees still counts
    return Eyes(spot, spot * ramp, loose, (left, right))


def _glasses(marks: Marks | None, side: int) -> tuple[Tensor, Tensor]:
    """The outline of glasses that are put on, and where they lie with what is between their rims, [s, s] in 0..1."""
    if marks is None or marks.glasses is None:
        return torch.zeros(side, side), torch.zeros(side, side)
    found = F.interpolate(marks.glasses[None], (side, side), mode="bilinear", align_corners=False)[0].clamp(0, 1)
    far = max(1, round(8 * side / SIDE))
    wide = F.max_pool2d(found.amax(0, keepdim=True), 2 * far + 1, 1, far)
    between = torch.minimum(wide.cummax(2).values, wide.flip(2).cummax(2).values.flip(2))
    eyes = torch.stack([marks.after[list(eye)].mean(0) for eye in EYES])
    return outline_of(marks.glasses[1], eyes, side), blurred(between, 3 * side / SIDE)[0]


def parted(marks: Marks | None, side: int) -> Tensor:
    """What a mouth that opens shows between its lips, [s, s] in 0..1."""
    share = _opens(marks)
    if marks is None or share <= 0:
        return torch.zeros(side, side)
    return inside(marks.after[list(MOUTH)], side, 0.1) * share


def _mouth(marks: Marks | None, side: int) -> tuple[Tensor, float]:
    """Around the lips of a mouth that opens, [s, s] in 0..1; and how much further apart, in shares of the side."""
    share = _opens(marks)
    if marks is None or share <= 0:
        return torch.zeros(side, side), 0.0
    upper, lower = [61, 62, 63], [67, 66, 65]
    was, now = ((points[lower] - points[upper]).norm(dim=1).mean() for points in (marks.before, marks.after))
    return inside(marks.after[list(LIPS)], side, 0.5) * min(1.0, 3 * share), share * max(0.0, float(now - was))


def _opens(marks: Marks | None) -> float:
    """How much a mouth opens, from not at all to so far that all between its lips is new, 0..1."""
    share = 0.0 if marks is None else (opened(marks, MOUTH) - PARTED[0]) / (PARTED[1] - PARTED[0])
    return min(1.0, max(0.0, share))
