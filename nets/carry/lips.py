"""Mouths that open in the photograph itself: its own lips part, and between them a mouth is drawn at its size.

A generator's open mouth is soft, and one that it never learnt is a smudge of skin. So only how far the lips go apart is
read from its pictures. Where they lie is found in the photograph: two outlines from landmarks, and between them the
line along which the lower lip begins. Each lip keeps its thickness; what opens between them is shade, a tongue and,
where no teeth are seen already, the edge of the upper ones. The teeth that are seen stay with the upper lip.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.flow import warped
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
LIGHT = 0.7  # of skin where none is seen
NARROW, ASKEW = 0.65, 0.26
"""Of the eyes' distance, how wide a mouth is at least; and its angle to them at most. Others are misread."""
INNER = 0.8  # part of the axis along which it is looked at
LEAST = 0.04  # a lip's thickness at least, in widths
CORNER = 0.5  # of half a mouth, towards its corner, over which lips part less and less
SOON = 0.01  # of the side, that lips go apart before they are wholly treated as such
THIN = 0.7
"""What is left of a lip's thickness at least where it is stretched by an opening mouth."""
DARK, TONGUE = (0.26, 0.16, 0.15), (0.66, 0.46, 0.46)
"""The mouth's shade and the tongue, of the lower lip's colour."""
TEETH, TINT = (0.95, 0.92, 0.84), 0.45
"""How light teeth are, of the brightest skin around the mouth; and how much of the skin's tone is the light's."""
TALL, MOST_TALL = 0.13, 0.42  # how far upper teeth reach down, in widths of the mouth, and of the opening at most
EDGES = (0.11, 0.31, 0.50, 0.67, 0.81)
"""Where one tooth ends and the next one begins, from the middle to the corner of a mouth."""


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
    height = torch.linspace(-REACH, REACH, ROWS)[:, None]
    lower = (height > line + 0.02) & (height < line + 0.12) & (t.abs() < 0.4)
    skin = ((height > curves[2] + 0.05) | ((height > curves[0] - 0.25) & (height < curves[0] - 0.05))) & (
        t.abs() < INNER
    )
    colour = patch[:, lower].mean(1)
    return Lips(middle, axis, curves, off * wide * down, colour, _white(patch[:, skin]), teeth is not None)


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
    """The smooth curve through heights at some places of the axis, 0 at both ends."""
    ends = torch.tensor([-1.0, 1.0])
    at, heights = torch.cat([at, ends]), torch.cat([heights, torch.zeros(2)])

    def powers(x: Tensor) -> Tensor:
        return torch.stack([1 - x.square(), x * (1 - x.square()), (1 - x.square()).square()], -1)

    return powers(t) @ torch.linalg.lstsq(powers(at.clamp(-1, 1)), heights[:, None]).solution[:, 0]


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


class Parted(NamedTuple):
    """What a mouth that opens does to a part of a photograph.

    shift [h, w, 2]: what is added to where places were, in shares of the side. shown [h, w]: how much of each place is
    between the lips, 0..1. colours [3, h, w]: what is seen there.
    """

    shift: Tensor
    shown: Tensor
    colours: Tensor


def found_there(lips: Lips, field: Tensor, apart: float) -> Tensor:
    """A field [s, s, 2] in shares of the side, moved around the mouth to where its lips are in the photograph."""
    side = len(field)
    at = (torch.arange(side) + 0.5) / side
    places = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1) - lips.middle
    near = min(1.0, apart / SOON) * torch.exp(-places.square().sum(-1) / lips.axis.square().sum().clamp(min=1e-9))
    return warped(field.permute(2, 0, 1), -lips.off[:, None, None] * side * near).permute(1, 2, 0)


class Opening(NamedTuple):
    """How much further apart a field brings the outlines of the lips (1 is as before), and what is left of each lip."""

    wider: float
    left: float


def opening_of(lips: Lips, field: Tensor, apart: float) -> Opening:
    """How a mouth opens whose lips go so far apart, in shares of the side; field [s, s, 2]: see `Movement`."""
    wider, high = _wider(lips, field), float((lips.curves[2] - lips.curves[0]).max() * lips.axis.norm())
    return Opening(wider, max(min(THIN, wider), wider - apart / max(high, 1e-3)))


def _wider(lips: Lips, field: Tensor) -> float:
    side, wide = len(field), float(lips.axis.norm())
    at = (torch.arange(side) + 0.5) / side
    was = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1) + field
    down = torch.stack([-lips.axis[1], lips.axis[0]]) / wide
    steps, shares = torch.linspace(-1.2, 1.2, 241), []
    for t in (-0.4, 0.0, 0.4):
        column = (COLUMNS - 1) // 2 + round(t * (COLUMNS - 1) / 2)
        top, bottom = float(lips.curves[0, column]), float(lips.curves[2, column])
        from_here = lips.middle + t * lips.axis / 2
        nearest = int((was - from_here).square().sum(-1).argmin())
        start = torch.stack([at[nearest % side], at[nearest // side]])
        places = start + steps[:, None] * wide * down
        found = F.grid_sample(
            field.permute(2, 0, 1)[None], (2 * places - 1)[None, None], "bilinear", "border", align_corners=False
        )
        height = (places + found[0, :, 0].T - from_here) @ down / wide
        within = ((height > top) & (height < bottom)).sum()
        shares.append(float(within) * 0.01 / max(bottom - top, LEAST))
    return sum(shares) / len(shares)


def parting(lips: Lips, opening: Opening, was: Tensor, pixel: float) -> Parted:
    """Part the lips where places [h, w, 2] of the open mouth were in shares of the side, if all between were stretched.

    pixel: the width of one, in shares of the side.
    """
    wide = lips.axis.norm().clamp(min=1e-6)
    down = torch.stack([-lips.axis[1], lips.axis[0]]) / wide
    off = (was - lips.middle) / wide
    t, height = 2 * (off @ (lips.axis / wide)), off @ down
    top, line, bottom = F.grid_sample(
        lips.curves[None, :, None],
        torch.stack([t, torch.zeros_like(t)], -1)[None],
        "bilinear",
        "border",
        align_corners=True,
    )[0]
    share = ((1 - t.abs()) / CORNER).clamp(0, 1)
    gone = max(0.0, 1 - opening.left / opening.wider) * share * (2 - share)
    stretch = 1 / (1 - gone)
    high, low = line - gone * (line - top), line + gone * (bottom - line)
    upper, lower = (height > top) & (height <= line), (height > line) & (height < bottom)
    seen_at = torch.where(height <= high, top + (height - top) * stretch, line)
    from_below = torch.where(height >= low, bottom - (bottom - height) * stretch, line)
    shift = torch.where(upper, seen_at - height, torch.where(lower, from_below - height, torch.zeros_like(height)))
    inside = t.abs() < 1
    shift = shift * inside
    fine = float(pixel / wide / opening.wider)  # heights of one pixel
    shown = (torch.minimum(height - high, low - height) / (1.5 * fine) + 0.5).clamp(0, 1) * inside
    shown = shown * ((low - high) / fine).clamp(0, 1)
    depth = ((height - high) / (low - high).clamp(min=1e-4)).clamp(0, 1)
    return Parted((shift * wide)[..., None] * down, shown, _inside(lips, t, depth, (low - high) * opening.wider))


def _inside(lips: Lips, t: Tensor, depth: Tensor, opening: Tensor) -> Tensor:
    """The colours [3, h, w] of a mouth at places of its axis, from the upper lip (0) to the lower one, so far apart."""
    lip, dark, tongue = (torch.tensor(x)[:, None, None] for x in (lips.lip.tolist(), DARK, TONGUE))
    share = ((depth - 0.45 - 0.25 * t.square()) / 0.35).clamp(0, 1)
    share = share * share * (3 - 2 * share) * (1 - t.square()).clamp(0, 1)
    middle = 1 - 0.35 * torch.exp(-(t / 0.06).square())  # the furrow of a tongue
    colours = lip * (dark + (tongue * middle - dark) * share)
    edge = torch.minimum(depth, 1 - depth) * opening
    colours = colours * (0.55 + 0.45 * (edge / 0.05).clamp(0, 1))
    if lips.teeth:
        return colours
    tall = torch.minimum(torch.full_like(opening, TALL), MOST_TALL * opening) * (1 - 0.55 * t.square())
    down = depth * opening
    nearest = torch.stack([(t.abs() - edge).abs() for edge in (0.0, *EDGES)]).amin(0)
    tall = tall * (1 - 0.22 * torch.exp(-(nearest / 0.03).square()))
    teeth = (((tall - down) / 0.012) + 0.5).clamp(0, 1) * ((0.86 - t.abs()) / 0.12).clamp(0, 1)
    shade = (0.6 + 0.4 * (down / (0.7 * tall).clamp(min=1e-3)).clamp(0, 1)) * (1 - 0.55 * t.square())
    shade = shade * (1 - 0.25 * torch.exp(-(nearest / 0.012).square()))
    white = (lips.white * torch.tensor(TEETH))[:, None, None] * shade
    return colours + (white - colours) * teeth
