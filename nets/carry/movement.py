"""What happened between two pictures of a generator: how it moved, what colours changed, and what is new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.flow import ROUNDS, flow, length, smaller, warped
from nets.carry.landmarks import Marks, plates
from nets.carry.spots import SIDE, Spots, parted, spots_of

FAR = 0.03  # share of the side that flow may add to what landmarks say
HELPS, SLIGHT = 0.4, 0.01
"""Share of the difference that flow must explain to count in full, and a difference that is not worth explaining."""
FAINT = (0.0012, 0.0035)
"""Shares of the side below which a movement is noise, and from which on it counts in full."""
NEW = (0.13, 0.20)
"""Difference (of 1) that neither movement nor light explains: from where on it may be new, and from where it is."""


class Movement(NamedTuple):
    """See the module; all at the same number of pixels, of the picture after.

    field [s, s, 2]: where each place was before, less itself, in shares of the side.
    change [3, s, s]: of colours and light that movement does not explain, smooth or not.
    fresh [s, s]: 0..1, where the generator's own pixels are needed.
    before, after [3, s, s]: the generator's pictures, in 0..1; before is moved already.
    lids [s, s]: 0..1, where eyes close. closed: how far each of them does, 0..1. eyes [s, s]: 0..1, where they are.
    widened: how far they open, 0..1.
    glasses [s, s]: the outline of some that are put on, see `outline_of`. behind [s, s]: 0..1, where they lie, with all
    that is seen through them.
    mouth [s, s]: 0..1, around the lips of a mouth that opens, where they are to part. apart: how far, in shares of the
    side.
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
    mouth: Tensor
    apart: float
    eyes: Tensor
    widened: float


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
    part: bool = False,
    start: Tensor | None = None,
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
        part: whether lips will be parted by `apart`; else what a mouth shows is fresh.
        start: a field [2, side, side] in pixels that is known already (`walked`), instead of what landmarks say.
    """
    old, new = (smaller(x.float(), (side, side)) for x in (before, after))
    spots = spots_of(marks, side, slide, part)
    where, eyes = spots.where, spots.eyes
    field = _moved(old, new, marks, spots, start, rounds if finer else 0)
    field = _without_noise(field, marks is None) * where
    seen = warped(old, field)
    change = (new - seen) * where
    shown = torch.zeros_like(where) if part else parted(marks, side)
    fresh = _fresh(change, where, shown) * (1 - spots.mouth)
    lids = eyes.closing * where
    if slide and max(eyes.closed) > 0:  # what else comes with that is no edit, but the generator's hair that flickers
        change = change * (1 - blurred((fresh * (1 - lids))[None], 3 * side / SIDE))
        fresh = fresh * lids
    change = change * (1 - spots.mouth)
    found = field.permute(1, 2, 0) / side, change, fresh, seen, new, lids, eyes.closed, spots.glasses, spots.behind
    return Movement(*found, spots.mouth, spots.apart, eyes.around * where, eyes.widened)


@torch.no_grad()
def walked(
    pictures: Sequence[Tensor],
    steps: Sequence[Marks],
    marks: Marks,
    side: int,
    rounds: int,
    slide: bool,
    part: bool = False,
) -> Tensor:
    """What happened from the first of some pictures to the last, walked from each to the next.

    Between neighbours, landmarks and flow have little to find. Their movements are put together, and nothing is drawn
    on the way, so that nothing is blurred by it.

    Args:
        pictures: [3, s, s] in 0..1, at least two.
        steps: landmarks of each and the next one.
        marks: of the first and the last, which say what eyes do.
        side, rounds, slide, part: see `movement`.

    Returns:
        [2, side, side] in pixels: where each place of the last one was in the first, less itself.
    """
    small = [smaller(picture.float(), (side, side)) for picture in pictures]
    whole, all_of_it = torch.zeros(2, side, side), spots_of(marks, side, slide, part)
    for old, new, both in zip(small, small[1:], steps, strict=False):
        spots = spots_of(both, side, slide)._replace(eyes=all_of_it.eyes, mouth=all_of_it.mouth)
        step = _moved(old, new, both, spots, None, rounds) * spots.where
        whole = step + warped(whole, step)
    return whole


def _moved(old: Tensor, new: Tensor, marks: Marks | None, spots: Spots, start: Tensor | None, rounds: int) -> Tensor:
    """The field [2, s, s] in pixels from what is known or landmarks say, and from flow where there are rounds of it."""
    field = torch.zeros_like(old[:2]) if start is None else start * spots.where
    if marks is not None and start is None:
        field = _coarse(old, new, marks, spots)
    if not rounds:
        return field
    lids = torch.maximum(spots.eyes.closing, spots.eyes.around * spots.eyes.widened)
    still = torch.maximum(torch.maximum(lids, spots.behind), spots.mouth)
    return _finer(old, new, field, still, 3 if marks is not None else 4, rounds)


def _coarse(old: Tensor, new: Tensor, marks: Marks, spots: Spots) -> Tensor:
    """What landmarks say, in pixels [2, s, s]: the head as a whole, and of the rest what the pictures bear out.

    Behind glasses that are put on, nothing moves but the head.
    """
    knots = spots.places[1::4, 1::4]  # and smoothly between them
    stack = torch.cat(plates(marks, knots, spots.eyes.loose), -1)
    fine = F.interpolate(stack.permute(2, 0, 1)[None], old.shape[1:], mode="bicubic", align_corners=False)[0]
    whole, each = (part * old.shape[-1] * spots.where for part in (fine[:2], fine[2:]))
    believed = torch.maximum(_believed(warped(old, whole), new, warped(old, each)), spots.mouth)
    return whole + (each - whole) * believed * (1 - spots.behind)


def _believed(old: Tensor, new: Tensor, closer: Tensor) -> Tensor:
    """Whether a picture comes closer to the new one, [s, s] in 0..1: a misread landmark makes the match worse."""
    unit = old.shape[-1] / SIDE
    still, moved = (blurred((new - picture).abs().mean(0, keepdim=True), 3 * unit) for picture in (old, closer))
    worse = ((moved - still) / (still + 0.02)).clamp(0, 1)
    return 1 - blurred((2 * worse).clamp(0, 1), 5 * unit)[0]


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
