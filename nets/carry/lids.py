"""Eyes that close in the photograph itself: its own upper lids slide over its own eyes, lashes and all.

A generator's lids are soft, and know nothing of this face. So only how far each eye closes is read from its pictures;
where the lids lie is found in the photograph: two parabolas near the landmarks, between which most is no skin.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred

ROWS, COLUMNS, REACH, MIDDLE = 72, 48, 4, 40
ABOVE, BELOW, ASIDE = 0.55, 0.45, 0.1
"""What is looked at around an eye's middle, in widths of the eye as the landmarks have it."""
UPPER = [(a, c) for a in torch.linspace(-0.28, 0.04, 25).tolist() for c in torch.linspace(0.04, 0.36, 9).tolist()]
LOWER = [(b, c) for b in torch.linspace(0.0, 0.26, 21).tolist() for c in torch.linspace(0.0, 0.32, 9).tolist()]
"""Heights of a lid's middle, and how far its ends lie nearer to the corners; both in widths."""
TILTS = (-0.08, 0.0, 0.08)
LEAST_OPEN, MOST_OPEN = 0.09, 0.42
"""Between lids, in widths: closer ones are not both seen, and nobody's are further apart."""
FAINT = 0.12
"""How unlike skin an eye is at least, of 1; below it nothing is seen."""
SHARE = 0.55
"""Of the eye's, from which on a place is rather eye than skin."""
WIDE, INNER = 0.08, 0.62
"""What a row of eye between the lids counts beside their edges, and the part of the axis along which both do."""
FOLD = 0.75
"""How far above the lashes the lid begins to move, in openings."""
LASHES = 0.035  # how thick they are, in widths: they go down with the lid
REST = 0.9
"""Where the lashes of a closed eye rest, from its upper lid to its lower one."""


class Lids(NamedTuple):
    """One eye: its middle and the vector from end to end of its axis, in shares of the side; and both lids.

    upper, lower: heights (middle, ends, tilt) in widths, down is positive: middle ± ends t² + tilt t, where t goes from
    -1 to 1 along the axis.
    """

    middle: Tensor
    axis: Tensor
    upper: tuple[float, float, float]
    lower: tuple[float, float, float]


def lids_of(picture: Tensor, eyes: list[Tensor]) -> list[Lids] | None:
    """The lids in a picture [3, s, s] in 0..1 around landmarks of both eyes, each [6, 2] in shares of the side.

    None where they cannot be seen in both eyes.
    """
    middles = [points.mean(0) for points in eyes]
    across = middles[1] - middles[0]
    wide = sum(float((points[3] - points[0]).norm()) for points in eyes) / 2
    axis = across / across.norm().clamp(min=1e-6) * wide
    patches = [_straight(picture, middle, axis) for middle in middles]
    light = torch.stack([patches[0], patches[1].flip(2)])  # both eyes of a face are alike: one is seen in the mirror
    unlike = _unlike_skin(light)
    strong = float(unlike[:, MIDDLE - 12 : MIDDLE + 10, COLUMNS // 4 : -COLUMNS // 4].flatten().quantile(0.8))
    if strong < FAINT:
        return None
    sums = F.pad((unlike / strong - SHARE).clamp(-0.6, 0.6).cumsum(1), [0, 0, 1, 0]) * WIDE
    steep = _steps(light)
    t = torch.linspace(-1, 1, COLUMNS) * (1 - 2 * ASIDE)
    upper = _best((-steep - sums[:, :-1]).mean(0), UPPER, t, 1.0)
    fits = [each for each in LOWER if LEAST_OPEN <= each[0] - upper[0] <= MOST_OPEN]
    lower = _best((steep + sums[:, 1:]).mean(0), fits, t, -1.0)
    mirrored = [(middle, ends, -tilt) for middle, ends, tilt in (upper, lower)]
    return [Lids(middles[0], axis, upper, lower), Lids(middles[1], axis, *mirrored)]


def _straight(picture: Tensor, middle: Tensor, axis: Tensor) -> Tensor:
    """Around an eye, its axis level: [3, ROWS, COLUMNS]."""
    down = torch.stack([-axis[1], axis[0]])
    across = torch.linspace(-0.5, 0.5, COLUMNS) * (1 - 2 * ASIDE)
    height = torch.linspace(-ABOVE, BELOW, ROWS)
    places = middle + across[None, :, None] * axis + height[:, None, None] * down
    found = F.grid_sample(picture[None], (2 * places - 1)[None], "bilinear", "border", align_corners=False)[0]
    return blurred(found, 1.0)


def _unlike_skin(patches: Tensor) -> Tensor:
    """How unlike the skin below it each place around an eye is: [n, ROWS, COLUMNS] of [n, 3, ROWS, COLUMNS]."""
    skin = patches[:, :, -round(0.25 * ROWS) :].flatten(2).median(2).values
    return (patches - skin[..., None, None]).norm(dim=1)


def _steps(patches: Tensor) -> Tensor:
    """How much lighter it is below each row than above: over a few rows, so that no crease counts; in their largest."""
    grey = (patches * torch.tensor([0.3, 0.59, 0.11])[:, None, None]).sum(1, keepdim=True)
    sums = F.avg_pool2d(F.pad(grey, [0, 0, REACH, REACH], mode="replicate"), (REACH, 1), 1)[:, 0]
    steps = sums[:, REACH + 1 :] - sums[:, : -REACH - 1]
    return steps / steps.abs().flatten(1).quantile(0.95, 1).clamp(min=1e-3)[:, None, None]


def _best(score: Tensor, curves: list[tuple[float, float]], t: Tensor, bend: float) -> tuple[float, float, float]:
    """The curve along which a score [ROWS, COLUMNS] is the highest."""
    table = torch.tensor([(middle, ends, tilt) for middle, ends in curves for tilt in TILTS])
    heights = table[:, :1] + bend * table[:, 1:2] * t.square() + table[:, 2:] * t
    rows = ((heights + ABOVE) / (ABOVE + BELOW) * (ROWS - 1)).clamp(0, ROWS - 1.001)
    low = rows.floor().long()
    at = torch.arange(COLUMNS).expand_as(low)
    along = torch.lerp(score[low, at], score[low + 1, at], rows - low)
    middle, ends, tilt = table[int(along[:, t.abs() < INNER].mean(1).argmax())].tolist()
    return middle, ends, tilt


def closing(lids: list[Lids], amounts: tuple[float, float], places: Tensor) -> Tensor:
    """Where places [..., 2] of the face with closed eyes were, less themselves; all in shares of the side.

    amounts: how far each eye closes, 0..1.
    """
    shift = torch.zeros_like(places)
    for eye, amount in zip(lids, amounts, strict=True):
        axis = eye.axis.to(places)
        down = torch.stack([-axis[1], axis[0]])
        wide = axis.square().sum().clamp(min=1e-9)
        off = places - eye.middle.to(places)
        shift = shift + _slid(2 * (off @ axis) / wide, (off @ down) / wide, eye, amount)[..., None] * down
    return shift


def _slid(t: Tensor, height: Tensor, eye: Lids, amount: float) -> Tensor:
    """How much further down (in widths) each place was: the lid between brow and lash is drawn down over the eye."""
    upper, lower = (
        middle + bend * ends * t.square() + tilt * t
        for (middle, ends, tilt), bend in ((eye.upper, 1.0), (eye.lower, -1.0))
    )
    opening = (lower - upper).clamp(min=0)
    upper = upper + LASHES * (opening / 0.1).clamp(max=1)
    line = upper + REST * amount * opening  # where the lashes go
    fold = upper - FOLD * opening.clamp(min=0.02)  # from here on the skin moves
    whole, before = (line - fold).clamp(min=1e-4), (upper - fold).clamp(min=1e-4)
    share, stretch = ((height - fold) / whole).clamp(0, 1), whole / before
    # a cubic that leaves the scale at both ends: the lashes stay as fine as they are
    eased = stretch * share + (3 - 3 * stretch) * share**2 + (2 * stretch - 2) * share**3
    lid = fold + eased * before - height
    inside = (height > fold) & (height <= line)
    fade = ((1.25 - t.abs()) / 0.25).clamp(0, 1)
    return torch.where(inside, lid, torch.zeros_like(lid)) * fade
