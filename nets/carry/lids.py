"""Where the lids of a photograph are, found in the photograph itself: landmarks are not near enough to close an eye.

Two parabolas near the landmarks, between which most is no skin; and the colours of the skin around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.landmarks import openness

Lid = tuple[float, float, float]

ROWS, COLUMNS, REACH, MIDDLE = 72, 48, 4, 40
ABOVE, BELOW, ASIDE = 0.55, 0.45, 0.1
"""What is looked at around an eye's middle, in widths of the eye as the landmarks have it."""
UPPER = [(a, c) for a in torch.linspace(-0.28, 0.04, 25).tolist() for c in torch.linspace(0.04, 0.36, 9).tolist()]
LOWER = [(b, c) for b in torch.linspace(0.0, 0.26, 21).tolist() for c in torch.linspace(0.0, 0.32, 9).tolist()]
"""Heights of a lid's middle, and how far its ends lie nearer to the corners; both in widths."""
TILTS = (-0.08, 0.0, 0.08)
LEAST_OPEN, MOST_OPEN = 0.09, 0.42
"""Between lids, in widths: closer ones are not both seen, and nobody's are further apart."""
PRIOR = 0.12  # what a tenth of a width beside the landmarks' opening costs a fit at most, of an edge's steepness
LENS, MORE, WIDE_ENOUGH = 1.5, 0.1, 0.2
"""The height of a lens over its area, both in widths; how much further apart lids may be than landmarks have them,
which keeps the upper one from a brow; and how far they may be whatever landmarks say."""
FAINT = 0.12
"""How unlike skin an eye is at least, of 1; below it nothing is seen."""
SHARE = 0.55
"""Of the eye's, from which on a place is rather eye than skin."""
WIDE, INNER = 0.08, 0.62
"""What a row of eye between the lids counts beside their edges, and the part of the axis along which both do."""
DEEPER = 0.12  # how far below its edge an eye is looked for, in widths
CHEEK, SHADED, LIGHTER = 0.25, 0.84, 1.1
"""Part of what is looked at that is cheek; how light a lid is at least, of that; below at most, of its upper part."""
AT_SIDES = 0.3
"""Of the opening's height, what is left of it at the ends of that part."""


class Lids(NamedTuple):
    """One eye: its middle and the vector from end to end of its axis, in shares of the side; and both lids.

    upper, lower: heights (middle, ends, tilt) in widths, down is positive: middle ± ends t² + tilt t, where t goes from
    -1 to 1 along the axis. skin [2, 3, COLUMNS]: what colour the skin above and below the eye has, along the axis.
    lash [3]: that of the lashes.
    """

    middle: Tensor
    axis: Tensor
    upper: Lid
    lower: Lid
    skin: Tensor
    lash: Tensor


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
    open_by = LENS * sum(openness(points, range(6)) for points in eyes) / 2
    most = min(MOST_OPEN, max(WIDE_ENOUGH, open_by + MORE))
    wanted = min(MOST_OPEN, max(LEAST_OPEN, open_by))
    upper, lower = _best((-steep - sums[:, :-1]).mean(0), (steep + sums[:, 1:]).mean(0), t, most, wanted)
    lower = (lower[0] + _deeper(unlike.mean(0) / strong, lower, t), *lower[1:])
    mirrored = [(middle, ends, -tilt) for middle, ends, tilt in (upper, lower)]
    both = (upper, lower), mirrored
    return [
        Lids(middle, axis, *own, *_colours(patch, own, t))
        for middle, patch, own in zip(middles, patches, both, strict=True)
    ]


def heights(lid: Lid, t: Tensor, bend: float) -> Tensor:
    """Of an upper (bend 1) or a lower (-1) lid at places of the axis, in widths."""
    middle, ends, tilt = lid
    return middle + bend * ends * t.square() + tilt * t


def _colours(patch: Tensor, lids: Sequence[Lid], t: Tensor) -> tuple[Tensor, Tensor]:
    """The skin's colours above and below an eye [2, 3, COLUMNS], and that of its lashes [3]."""
    height = torch.linspace(-ABOVE, BELOW, ROWS)[:, None]
    upper, lower = heights(lids[0], t, 1.0), heights(lids[1], t, -1.0)
    inside = (height > upper) & (height < lower)
    bands = [(height > upper - 0.16) & (height < upper - 0.06), (height > lower + 0.07) & (height < lower + 0.17)]
    found = [_mean(patch, band) for band in bands]
    cheek = patch[:, -round(CHEEK * ROWS) :].flatten(1).median(1).values[:, None]
    found = [torch.maximum(side, SHADED * cheek) for side in found]  # a brow is no lid, nor is a shadow
    found[1] = torch.minimum(found[1], LIGHTER * found[0])  # nor is what bulges below the eye
    dark = patch[:, inside] if bool(inside.any()) else patch.flatten(1)
    order = dark.sum(0).argsort()[: max(1, dark.shape[1] // 8)]
    return torch.stack(found), dark[:, order].mean(1)


def _mean(patch: Tensor, band: Tensor) -> Tensor:
    """A patch's colours within a band, smooth along the axis: [3, COLUMNS]."""
    weight = band.float()
    sums = torch.cat([(patch * weight).sum(1), weight.sum(0, keepdim=True)])[:, None]
    smooth = blurred(sums.expand(-1, 3, -1), 4.0)[:, 1]
    return smooth[:3] / smooth[3:].clamp(min=1e-3)


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
    skin = patches[:, :, -round(CHEEK * ROWS) :].flatten(2).median(2).values
    return (patches - skin[..., None, None]).norm(dim=1)


def _steps(patches: Tensor) -> Tensor:
    """How much lighter it is below each row than above: over a few rows, so that no crease counts; in their largest."""
    grey = (patches * torch.tensor([0.3, 0.59, 0.11])[:, None, None]).sum(1, keepdim=True)
    sums = F.avg_pool2d(F.pad(grey, [0, 0, REACH, REACH], mode="replicate"), (REACH, 1), 1)[:, 0]
    steps = sums[:, REACH + 1 :] - sums[:, : -REACH - 1]
    return steps / steps.abs().flatten(1).quantile(0.95, 1).clamp(min=1e-3)[:, None, None]


def _best(above: Tensor, below: Tensor, t: Tensor, most: float, wanted: float) -> tuple[Lid, Lid]:
    """The upper and the lower lid, at most so far apart, along which scores [ROWS, COLUMNS] are the highest."""
    (upper, high), (lower, low) = _along(above, UPPER, t, 1.0), _along(below, LOWER, t, -1.0)
    gap = lower[:, 0] - upper[:, :1]
    score = high[:, None] + low - PRIOR * ((gap - wanted) / 0.1).square().clamp(max=1)
    side = gap - (lower[:, 1] + upper[:, 1:2]) * INNER**2
    narrow = side - (lower[:, 2] - upper[:, 2:]).abs() * INNER < AT_SIDES * gap  # lids do not cross within the eye
    score = score.masked_fill((gap < LEAST_OPEN) | (gap > most) | narrow, -torch.inf)
    at = int(score.argmax())
    return _lid(upper[at // len(lower)]), _lid(lower[at % len(lower)])


def _deeper(unlike: Tensor, lower: Lid, t: Tensor) -> float:
    """How much further down an eye goes on without a gap below its lower lid, in widths: a white one has no edge."""
    steps = torch.linspace(0, DEEPER, 13)[:, None]
    rows = ((heights(lower, t, -1.0) + steps + ABOVE) / (ABOVE + BELOW) * (ROWS - 1)).round().long().clamp(0, ROWS - 1)
    eye = unlike[rows, torch.arange(COLUMNS).expand_as(rows)][:, t.abs() < INNER / 2].mean(1) > SHARE
    return float(steps[int(eye.long().cumprod(0).sum().clamp(min=1)) - 1])


def _along(score: Tensor, curves: list[tuple[float, float]], t: Tensor, bend: float) -> tuple[Tensor, Tensor]:
    """All curves [n, 3] with all tilts, and a score's [ROWS, COLUMNS] mean along each of them, [n]."""
    table = torch.tensor([(middle, ends, tilt) for middle, ends in curves for tilt in TILTS])
    heights = table[:, :1] + bend * table[:, 1:2] * t.square() + table[:, 2:] * t
    rows = ((heights + ABOVE) / (ABOVE + BELOW) * (ROWS - 1)).clamp(0, ROWS - 1.001)
    low = rows.floor().long()
    at = torch.arange(COLUMNS).expand_as(low)
    return table, torch.lerp(score[low, at], score[low + 1, at], rows - low)[:, t.abs() < INNER].mean(1)


def _lid(row: Tensor) -> Lid:
    middle, ends, tilt = row.tolist()
    return middle, ends, tilt
