"""Where the lips of a photograph are, found in the photograph itself: landmarks are not near enough to part them.

Two outlines come from landmarks; between them lies the line along which the lower lip begins: the darkest one between
closed lips, or the edge below the teeth. The landmarks were learnt from puppets: in some faces they are far off, and
all of the mouth is then moved to its line.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.landmarks import EYES, GREY

TOP, BOTTOM, ABOVE_IT, BELOW_IT = range(48, 55), (54, 55, 56, 57, 58, 59, 48), (61, 62, 63), (65, 66, 67)
"""Of iBUG's 68: the upper lip's outline, the lower one's, and what lies along the inner edge of each."""
ROWS, COLUMNS = 96, 49
REACH = 0.6  # what is looked at above and below a mouth's middle, in its widths
PALE, LIGHT_AS_SKIN = 0.55, 0.95
"""How red teeth are at most, of what is around them, and how light they are at least."""
OFFS, BENDS, TILTS = torch.linspace(-0.15, 0.25, 41), torch.linspace(-0.15, 0.15, 11), torch.linspace(-0.12, 0.12, 7)
"""How far the line may lie below where landmarks have it in the middle, how much less at the ends, and its tilt; all in
widths of the mouth."""
NEAR = torch.linspace(-0.05, 0.05, 11)  # and how far from where teeth end in the middle
FAR_OFF = 0.3  # an offset that makes up for a score that is better by its spread
LIGHT, TINT = 0.7, 0.45  # of skin where none is seen; how much of a skin's tone is the light's
NARROW, ASKEW = 0.65, 0.26
"""Of the eyes' distance, how wide a mouth is at least; and its angle to them at most. Others are misread."""
INNER = 0.8  # part of the axis along which it is looked at
LEAST = 0.04  # a lip's thickness at least, in widths


class Lips(NamedTuple):
    """A mouth: its middle and the vector from corner to corner, in shares of the side; heights; colours [3].

    off [2]: how far they lie from where landmarks have them, in shares of the side.
    curves [3, COLUMNS]: of the upper lip's outline, the line where the lower lip begins, and that one's outline, at
    places from end to end of the axis; in widths, down is positive. lip, white: the lower lip's colour, and what is
    white in this light. teeth: whether some are seen.
    """

    middle: Tensor
    axis: Tensor
    curves: Tensor
    off: Tensor
    lip: Tensor
    white: Tensor
    teeth: bool


def lips_of(picture: Tensor, places: Tensor, counts: Tensor) -> Lips | None:
    """The lips in a picture [3, s, s] in 0..1 by 68 or more landmarks [n, 2] in shares of the side, and which count.

    None where the mouth is not all seen, or is not read as one: too narrow, or askew.
    """
    corners, eyes = places[[48, 54]], torch.stack([places[list(eye)].mean(0) for eye in EYES])
    middle, axis, across = corners.mean(0), corners[1] - corners[0], eyes[1] - eyes[0]
    apart = across.norm().clamp(min=1e-6)
    askew = (axis[0] * across[1] - axis[1] * across[0]).abs() / (apart * axis.norm().clamp(min=1e-6))
    if not bool(counts[48:68].all()) or float(axis.norm() / apart) < NARROW or float(askew) > ASKEW:
        return None
    wide = axis.norm().clamp(min=1e-6)
    level, down = axis / wide, torch.stack([-axis[1], axis[0]]) / wide

    def along(numbers: tuple[int, ...] | range) -> tuple[Tensor, Tensor]:
        off = (places[list(numbers)] - middle) / wide
        return 2 * (off @ level), off @ down

    t = torch.linspace(-1, 1, COLUMNS)
    top, bottom = (_curve(*along(numbers), t) for numbers in (TOP, BOTTOM))
    patch, inner = _straight(picture, middle, axis), (along(ABOVE_IT), along(BELOW_IT))
    between = tuple(torch.cat(both) for both in zip(*inner, strict=True))
    teeth = _teeth(patch, float(_curve(*between, t)[COLUMNS // 2]))
    guess = _curve(*(between if teeth is None else inner[1]), t)
    off, bend, tilt = _line(patch, guess, t, teeth)
    moved = off + tilt * t
    line = guess + moved - bend * t.square()
    line = torch.maximum(torch.minimum(line, bottom + moved - LEAST), top + moved + LEAST)
    ends = (1 - t.square()).clamp(min=0).sqrt().clamp(max=0.35) / 0.35  # the outlines meet at the corners
    curves = line + (torch.stack([top + moved, line, bottom + moved]) - line) * ends
    lip, white = _colours(patch, curves, t)
    return Lips(middle, axis, curves, off * wide * down, lip, white, teeth is not None)


def _colours(patch: Tensor, curves: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The lower lip's colour [3], and what is white in the light that falls on the skin around the lips."""
    height = torch.linspace(-REACH, REACH, ROWS)[:, None]
    lower = (height > curves[1] + 0.02) & (height < curves[1] + 0.12) & (t.abs() < 0.4)
    above, below = (height > curves[0] - 0.25) & (height < curves[0] - 0.05), height > curves[2] + 0.05
    lip = patch[:, lower] if bool(lower.any()) else patch.flatten(1)
    return lip.mean(1), _white(patch[:, (above | below) & (t.abs() < INNER)])


def _white(skin: Tensor) -> Tensor:
    """What white is in the light that falls on skin [3, n]."""
    if not skin.numel():
        return torch.full((3,), LIGHT)
    light, tone = float((skin * GREY[:, None]).sum(0).quantile(0.9)), skin.median(1).values
    light = max(light, float(tone.max()))
    return light * torch.lerp(torch.ones(3), tone / tone.max().clamp(min=0.05), TINT)


def _teeth(patch: Tensor, middle: float) -> float | None:
    """Where teeth end that are seen around a height: as light as skin, and much less red. None where there are none."""
    grey = (patch * GREY[:, None, None]).sum(0)
    red = (patch[0] - (patch[1] + patch[2]) / 2) / grey.clamp(min=0.05)
    inner = slice(round(0.25 * COLUMNS), round(0.75 * COLUMNS))
    height = torch.linspace(-REACH, REACH, ROWS)
    rows = (height > middle - 0.2) & (height < middle + 0.25)
    reds, greys = (blurred(x[None], 1.5)[0][:, inner].mean(1) for x in (red, grey))
    pale = (reds < PALE * float(reds.median())) & (greys > LIGHT_AS_SKIN * float(greys.quantile(0.7))) & rows
    return float(height[pale.nonzero()[-1, 0]]) if bool(pale.any()) else None


def _curve(at: Tensor, heights: Tensor, t: Tensor) -> Tensor:
    """The smooth curve near heights at some places of the axis, 0 at both ends; least squares.

    Three unknowns are solved for by determinants: a library's solver gave other last bits from process to process.
    """

    def powers(x: Tensor) -> Tensor:
        return torch.stack([1 - x.square(), x * (1 - x.square()), (1 - x.square()).square()])

    basis = powers(at.clamp(-1, 1).double())
    (a, b, c), right = (basis[:, None] * basis[None]).sum(2), (basis * heights.double()).sum(1)
    across = torch.stack([_cross(b, c), _cross(c, a), _cross(a, b)])  # the inverse, times the determinant
    found = (across * right).sum(1) / (a * across[0]).sum().clamp(min=1e-12)
    return (powers(t.double()) * found[:, None]).sum(0).float()


def _cross(one: Tensor, two: Tensor) -> Tensor:
    return one.roll(-1) * two.roll(1) - one.roll(1) * two.roll(-1)


def _straight(picture: Tensor, middle: Tensor, axis: Tensor) -> Tensor:
    """Around a mouth, its axis level: [3, ROWS, COLUMNS]."""
    down = torch.stack([-axis[1], axis[0]])
    t, height = torch.linspace(-0.5, 0.5, COLUMNS), torch.linspace(-REACH, REACH, ROWS)
    places = middle + t[None, :, None] * axis + height[:, None, None] * down
    return F.grid_sample(picture[None], (2 * places - 1)[None], "bilinear", "border", align_corners=False)[0]


def _line(patch: Tensor, guess: Tensor, t: Tensor, teeth: float | None) -> tuple[float, float, float]:
    """Where the lower lip begins, beside a guess: how far below it in the middle, how much less at the ends, its tilt.

    It is the darkest line between closed lips, or the edge below teeth that end about there. Landmarks are far off
    here in some faces.
    """
    grey = blurred((patch * GREY[:, None, None]).sum(0, keepdim=True), 1.0)
    if teeth is not None:  # from light to dark, over a few rows
        sums = F.pad(grey, [0, 0, 4, 4], mode="replicate")[0]
        score = torch.stack([sums[row : row + ROWS] - sums[8 - row : 8 - row + ROWS] for row in range(4)]).sum(0)
    else:
        score = (blurred(grey, 8.0) - grey)[0]
    offs = OFFS if teeth is None else teeth - guess[COLUMNS // 2] + NEAR
    table = torch.cartesian_prod(offs, BENDS, TILTS if teeth is None else TILTS / 4)
    heights = guess + table[:, :1] - table[:, 1:2] * t.square() + table[:, 2:] * t
    rows = ((heights + REACH) / (2 * REACH) * (ROWS - 1)).clamp(0, ROWS - 1.001)
    low = rows.floor().long()
    at = torch.arange(COLUMNS).expand_as(low)
    along = torch.lerp(score[low, at], score[low + 1, at], rows - low)[:, t.abs() < INNER].mean(1)
    if teeth is None:
        along = along - along.std() * (table[:, 0] / FAR_OFF).square()
    off, bend, tilt = table[int(along.argmax())].tolist()
    return off, bend, tilt
