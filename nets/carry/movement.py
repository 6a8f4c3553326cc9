"""What happened between two pictures of a generator: how it moved, what colours changed, and what is new."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.flow import ROUNDS, flow, length, warped
from nets.carry.landmarks import EYES, MOUTH, STIFF, STIFFNESS, Marks, inside, opened, plate, soft_head

SIDE = 256
"""Pixels of the side at which movement is read: more adds time, and no movement."""
FAR = 0.03  # share of the side that flow may add to what landmarks say
HELPS, SLIGHT = 0.4, 0.01
"""Share of the difference that flow must explain to count in full, and a difference that is not worth explaining."""
FAINT = (0.0012, 0.0035)
"""Shares of the side below which a movement is noise, and from which on it counts in full."""
NEW = (0.13, 0.20)
"""Difference (of 1) that neither movement nor light explains: from where on it may be new, and from where it is."""
CLOSED = 0.45
"""How far both eyes must close (or open, the other way round) to be new, instead of squeezed: their share of before."""
OPEN, SHUT = 0.9, 0.12
"""What is left of an eye's opening where its lid begins to slide, and where it is closed."""
PARTED = 1.5
"""How much wider a mouth must open to show something new between its lips."""
RIM = 0.06  # share of the side over which everything fades at the square's rim


class Movement(NamedTuple):
    """See the module; all at the same number of pixels, of the picture after.

    field [s, s, 2]: where each place was before, less itself, in shares of the side.
    change [3, s, s]: of colours and light that movement does not explain, smooth or not.
    fresh [s, s]: 0..1, where the generator's own pixels are needed.
    before, after [3, s, s]: the generator's pictures, in 0..1; before is moved already.
    lids [s, s]: 0..1, where eyes close. closed: how far each of them does, 0..1.
    glasses [s, s]: 0..1, where some are put on, and behind [s, s]: where they lie, with all that is seen through them.
    """

    field: Tensor
    change: Tensor
    fresh: Tensor
    before: Tensor
    after: Tensor
    lids: Tensor
    closed: tuple[float, float]
    glasses: Tensor
    behind: Tensor


@torch.no_grad()
def movement(
    before: Tensor,
    after: Tensor,
    marks: Marks | None,
    *,
    finer: bool = True,
    side: int = SIDE,
    rounds: int = ROUNDS,
    slide: bool = False,
) -> Movement:
    """What happened between two pictures [3, s, s] in 0..1 of one generator.

    Args:
        before: the picture at first.
        after: the edited one.
        marks: landmarks in both (`marks_of`), for large movements; flow alone where None.
        finer: whether dense flow adds what landmarks miss.
        side: pixels at which it is read, at least 64; fewer take less time and find less.
        rounds: of dense flow, at every level of its pyramid.
        slide: whether lids will be slid by `closed`; else an eye that closes a little is squeezed.
    """
    old, new = (F.interpolate(x[None].float(), (side, side), mode="area")[0] for x in (before, after))
    at = (torch.arange(side) + 0.5) / side
    places = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1)
    where = soft_head(marks, side) if marks is not None else torch.ones(side, side)
    where = where * _rim(places)
    eyes = _eyes(marks, side, slide)
    loose, lids = eyes.loose, torch.maximum(eyes.closing, eyes.opening)
    glasses, behind = (spot * where for spot in _glasses(marks, side))
    parted = _parted(marks, side)
    field = torch.zeros(2, side, side)
    if marks is not None:
        field = _coarse(old, new, marks, places, loose, where, behind)
    if finer:
        field = _finer(old, new, field, torch.maximum(lids, behind), 3 if marks is not None else 4, rounds)
    field = _without_noise(field, marks is None) * where
    seen = warped(old, field)
    change = (new - seen) * where
    fresh = _fresh(change, where, torch.maximum(eyes.opening, parted))
    lids = eyes.closing * where
    return Movement(field.permute(1, 2, 0) / side, change, fresh, seen, new, lids, eyes.closed, glasses, behind)


class _Eyes(NamedTuple):
    """Where eyes close and open, [s, s] in 0..1; which landmarks then move nothing; how far each one closes."""

    closing: Tensor
    opening: Tensor
    loose: Tensor
    closed: tuple[float, float]


def _coarse(
    old: Tensor, new: Tensor, marks: Marks, places: Tensor, loose: Tensor, where: Tensor, behind: Tensor
) -> Tensor:
    """What landmarks say, in pixels [2, s, s]: the head as a whole, and of the rest what the pictures bear out.

    `behind` glasses that are put on, nothing moves but the head.
    """
    knots = places[1::4, 1::4]  # and smoothly between them
    stack = torch.cat([plate(marks, knots, loose, stiffness) for stiffness in (STIFF, STIFFNESS)], -1)
    fine = F.interpolate(stack.permute(2, 0, 1)[None], places.shape[:2], mode="bicubic", align_corners=False)[0]
    whole, each = (part * old.shape[-1] * where for part in (fine[:2], fine[2:]))
    return whole + (each - whole) * _believed(warped(old, whole), new, warped(old, each)) * (1 - behind)


def _believed(old: Tensor, new: Tensor, closer: Tensor) -> Tensor:
    """Whether a picture comes closer to the new one, [s, s] in 0..1: a misread landmark makes the match worse."""
    unit = old.shape[-1] / SIDE
    still, moved = (blurred((new - picture).abs().mean(0, keepdim=True), 3 * unit) for picture in (old, closer))
    worse = ((moved - still) / (still + 0.02)).clamp(0, 1)
    return 1 - blurred((2 * worse).clamp(0, 1), 5 * unit)[0]


def _rim(places: Tensor) -> Tensor:
    """1 inside, falling to 0 at the square's rim."""
    depth = torch.minimum(places, 1 - places).amin(-1)
    share = ((depth - 0.5 / len(depth)) / RIM).clamp(0, 1)
    return share * share * (3 - 2 * share)


def _eyes(marks: Marks | None, side: int, slide: bool) -> _Eyes:
    """What eyes do that no movement explains."""
    spot, none = torch.zeros(side, side), torch.zeros(side, side)
    if marks is None:
        return _Eyes(none, none, torch.zeros(0, dtype=torch.bool), (0.0, 0.0))
    loose = torch.zeros(len(marks.counts), dtype=torch.bool)
    shares = [opened(marks, eye) for eye in EYES]
    share = math.sqrt(math.prod(shares))
    if marks.glasses is not None or (OPEN if slide else CLOSED) < share < 1 / CLOSED:  # rims look like lids
        return _Eyes(none, none, loose, (0.0, 0.0))
    for eye in EYES:
        loose[list(eye)] = True
        for points in (marks.before, marks.after):
            spot = torch.maximum(spot, inside(points[list(eye)], side, 0.55))
    if share > 1:
        return _Eyes(none, spot, loose, (0.0, 0.0))
    left, right = (min(1.0, max(0.0, (OPEN - share) / (OPEN - SHUT))) for share in shares)
    return _Eyes(spot, none, loose, (left, right))


def _glasses(marks: Marks | None, side: int) -> tuple[Tensor, Tensor]:
    """Where glasses are put on, and where they lie with what is between their rims, [s, s] in 0..1."""
    if marks is None or marks.glasses is None:
        return torch.zeros(side, side), torch.zeros(side, side)
    found = F.interpolate(marks.glasses[None], (side, side), mode="bilinear", align_corners=False)[0].clamp(0, 1)
    reach, far = (max(1, round(each * side / SIDE)) for each in (1, 8))
    rims = ((F.max_pool2d(found[1:], 2 * reach + 1, 1, reach) - 0.15) / 0.35).clamp(0, 1)
    wide = F.max_pool2d(found.amax(0, keepdim=True), 2 * far + 1, 1, far)
    between = torch.minimum(wide.cummax(2).values, wide.flip(2).cummax(2).values.flip(2))
    return blurred(rims, 1.5 * side / SIDE)[0], blurred(between, 3 * side / SIDE)[0]


def _parted(marks: Marks | None, side: int) -> Tensor:
    """What a mouth that opens shows between its lips, [s, s] in 0..1."""
    if marks is None or opened(marks, MOUTH) < PARTED:
        return torch.zeros(side, side)
    return inside(marks.after[list(MOUTH)], side, 0.1)


def _finer(old: Tensor, new: Tensor, field: Tensor, lids: Tensor, levels: int, rounds: int) -> Tensor:
    """The field, with what flow sees beside it, where that agrees there and back."""
    alone, side = levels > 3, old.shape[-1]
    unit = side / SIDE
    seen = warped(old, field)
    found = flow(seen, new, levels if unit > 0.75 else levels - 1, rounds=rounds)
    step = found.field.permute(2, 0, 1)
    off, left = (
        blurred((new - picture).abs().mean(0, keepdim=True), 2 * unit)[0] for picture in (seen, warped(seen, step))
    )
    helps = ((off - left) / (off + SLIGHT) / HELPS).clamp(0, 1)
    trust = found.trust * helps * (1 - lids) * (length(step) < side * (1 if alone else FAR)).float()
    spread = blurred(torch.cat([step * trust, trust[None]]), (2.5 if alone else 4.0) * unit)
    rest = spread[:2] / spread[2:].clamp(min=0.25)
    return rest + warped(field, rest)


def _without_noise(field: Tensor, alone: bool) -> Tensor:
    """Movements that nobody could tell from none are none, so that what did not move keeps its very pixels."""
    side = field.shape[-1]
    field = blurred(field, (1.5 if alone else 1.0) * side / SIDE)
    share = ((length(field) / side - FAINT[0]) / (FAINT[1] - FAINT[0])).clamp(0, 1)
    return field * share * share * (3 - 2 * share)


def _fresh(change: Tensor, where: Tensor, shown: Tensor) -> Tensor:
    """Where something is new: a strong difference that is no light, eyes that close, what a mouth shows."""
    side = change.shape[-1]
    unit, reach = side / SIDE, round(3 * side / SIDE)
    light = blurred(change, side / 16)
    far = blurred((change - light).abs().amax(0, keepdim=True), 1.5 * unit)[0]
    share = ((far - NEW[0]) / (NEW[1] - NEW[0])).clamp(0, 1)
    grown = F.max_pool2d(share[None, None], 2 * reach + 1, 1, reach)[0]
    return torch.maximum(blurred(grown, 2 * unit)[0], shown).clamp(0, 1) * where
