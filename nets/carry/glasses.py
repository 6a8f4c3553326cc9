"""Glasses that are put on: a frame as large and as high as the generator's, drawn as sharply as the photograph is.

A generator's frame is soft, broken where hair begins, and tinted by its lenses. What the judges surely see of it is its
extent. So two rounded lenses of that extent are drawn around the eyes, a bridge between them, in one dark tone, with
some shade below; through them the photograph is seen. The outline is a smooth ramp of the distance to its edge, which
can be enlarged to any size and is cut off there, as Green 2007 does with letters.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.landmarks import GREY

SURE, FEWEST = 0.3, 12
"""How surely a place of the judges' map must be glasses to count, and how many such places each side must have."""
THICK, STRONGER, BRIDGE, ARCH, HINGE, ROUND = 0.05, 0.25, 0.16, 0.05, 0.2, 2.5
"""Of eye distances: the rim's width (and how much wider it is above), how high the bridge lies and its arch, how high
the hinges lie. Lenses are superellipses of this exponent."""
HALF_WIDTHS, HALF_HEIGHTS, MIDDLES = (0.30, 0.43), (0.20, 0.42), (-0.1, 0.2)  # of lenses, in eye distances
RAMP = 2.0  # pixels of 256 over which an outline rises from its edge to 1
EDGE = 0.18
"""Of an outline's height, how much of it is the frame's soft edge, to either side."""
DARK = 0.13  # a frame's lightness at most, of 1; it has no colour, which would stand out in a grey photograph
SHADE, BELOW, WIDE = 0.16, 3.0, 2.5
"""Of the light that a frame takes away, how far below itself, and how softly, in pixels of 256."""


class Frame(NamedTuple):
    """What is put on, at the pixels at which movement is read: its lightness, 0..1; outline and shade [s, s].

    outline: 0..1, 0.5 along its edge. shade: 0..1, the share of the light that it takes from what lies behind it.
    """

    tone: float
    outline: Tensor
    shade: Tensor


def outline_of(seen: Tensor, eyes: Tensor, side: int) -> Tensor:
    """The outline [side, side] of the frame that the judges' map [m, m] (0..1) has around eyes [2, 2].

    Eyes are in shares of the side. Nothing but zeros where too little of a frame is seen.
    """
    extents = [_extent(own, seen) for own in _around(_places(len(seen)), eyes)]
    known = torch.tensor([each for each in extents if each is not None])
    if len(known) < 2:
        return torch.zeros(side, side)
    out, top, low = known.mean(0).tolist()
    limits = (out - THICK / 2, HALF_WIDTHS), ((low - top - THICK) / 2, HALF_HEIGHTS), ((low + top) / 2, MIDDLES)
    wide, high, middle = (min(max(value, least), most) for value, (least, most) in limits)
    owns = _around(_places(side), eyes)
    best = torch.stack([_lens(own, wide, high, middle) for own in owns]).amax(0)
    x, y = -owns[0][..., 0], owns[0][..., 1]  # from the left eye to the right one
    along = ((x - wide) / (1 - 2 * wide)).clamp(-0.2, 1.2)
    arch = (y - middle + BRIDGE + ARCH * (1 - (2 * along - 1).square())).abs() - 0.4 * THICK
    best = torch.maximum(best, -torch.maximum(arch, (x - 0.5).abs() - (0.52 - wide)))
    return (0.5 + best * (eyes[1] - eyes[0]).norm() * 256 / (2 * RAMP)).clamp(0, 1)


def _places(side: int) -> Tensor:
    at = (torch.arange(side) + 0.5) / side
    return torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1)


def _around(places: Tensor, eyes: Tensor) -> list[Tensor]:
    """Places [..., 2] from each eye: outwards and down, in eye distances."""
    across = eyes[1] - eyes[0]
    apart = across.norm().clamp(min=1e-3)
    level = across / apart
    down = torch.stack([-level[1], level[0]])
    return [
        torch.stack([sign * ((places - eye) @ level), (places - eye) @ down], -1) / apart
        for sign, eye in zip((-1.0, 1.0), eyes, strict=True)
    ]


def _extent(own: Tensor, seen: Tensor) -> tuple[float, float, float] | None:
    """How far out, up and down the frame reaches around one eye; None where too little of it is seen."""
    x, y = own.unbind(-1)
    near = (seen > SURE) & (x > -0.3) & (x < 0.7) & (y.abs() < 0.6)
    if int(near.sum()) < FEWEST:
        return None
    found = [
        _quantile(*each) for each in ((x[near], seen[near], 0.97), *((y[near], seen[near], q) for q in (0.03, 0.97)))
    ]
    return found[0], found[1], found[2]


def _quantile(values: Tensor, weights: Tensor, share: float) -> float:
    order = values.argsort()
    total = weights[order].cumsum(0)
    return float(values[order][int((total < share * total[-1]).sum().clamp(max=len(values) - 1))])


def _lens(own: Tensor, wide: float, high: float, middle: float) -> Tensor:
    """How deep in a rim, or in its hinge, places around one eye lie, in eye distances; below 0 outside."""
    x, y = own[..., 0] / wide, (own[..., 1] - middle) / high
    reach = (x.abs() ** ROUND + y.abs() ** ROUND).clamp(min=1e-6) ** (1 / ROUND)
    slope = [(part.abs() / reach) ** (ROUND - 1) / half for part, half in ((x, wide), (y, high))]
    far = (reach - 1) / torch.stack(slope).norm(dim=0).clamp(min=1e-3)
    rim = THICK / 2 * (1 - STRONGER * y.clamp(-1, 1)) - far.abs()
    up, out = (own[..., 1] - middle + HINGE).abs() - 0.6 * THICK, (own[..., 0] - wide - 0.03).abs() - 0.03
    return torch.maximum(rim, -torch.maximum(up, out))


def frame_of(outline: Tensor, drawn: Tensor) -> Frame:
    """The frame with an outline [s, s], as dark as in a generator's picture [3, s, s], or darker."""
    unit, inside = len(outline) / 256, _covered(outline)
    light = ((drawn * GREY[:, None, None]).sum(0) * inside).sum() / inside.sum().clamp(min=1e-3)
    low = max(1, round(BELOW * unit))
    fallen = torch.cat([inside.new_zeros(low, len(inside)), inside[:-low]])
    return Frame(float(light.clamp(max=DARK)), outline, SHADE * blurred(fallen[None], WIDE * unit)[0])


def put_on(photo: Tensor, frame: Frame, at: Tensor) -> tuple[Tensor, Tensor]:
    """A part of a photograph [3, h, w] with the frame on it, and which of its pixels changed, bool [h, w].

    at: where the part's pixels lie in the frame's maps, [1, h, w, 2] in -1..1.
    """
    shade = F.grid_sample(frame.shade[None, None], at, "bilinear", "border", align_corners=False)[0, 0]
    rims = _covered(F.grid_sample(frame.outline[None, None], at, "bicubic", "border", align_corners=False)[0, 0])
    made = photo * (1 - shade)
    return made + (frame.tone - made) * rims, (rims > 0) | (shade > 1 / 256)


def _covered(outline: Tensor) -> Tensor:
    """How much of a place a frame covers, 0..1, of its outline's height there."""
    share = ((outline - 0.5 + EDGE) / (2 * EDGE)).clamp(0, 1)
    return share * share * (3 - 2 * share)
