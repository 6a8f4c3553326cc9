"""Mouths that open in the photograph itself: its own lips part, and between them a mouth is drawn at its size.

A generator's open mouth is soft, and one that it never learnt is a smudge of skin. So only how far the lips go apart is
read from its pictures. Each lip keeps its pixels and its thickness; what opens between them is shade, a tongue
and, where no teeth are seen already, the edge of the upper ones. The teeth that are seen stay with the upper lip.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.flow import warped
from nets.carry.lips import COLUMNS, Lips

CORNER = 0.5  # of half a mouth, towards its corner, over which lips part less and less
SOON = 0.01  # of the side, that lips go apart before they are wholly treated as such
ROUNDS = 20  # of finding where outlines go
DARK, TONGUE = (0.26, 0.16, 0.15), (0.66, 0.46, 0.46)
"""The mouth's shade and the tongue, of the lower lip's colour."""
TEETH = (0.95, 0.92, 0.84)  # how light they are, of white
TALL, MOST_TALL = 0.13, 0.42  # how far upper teeth reach down, in widths of the mouth, and of the opening at most
EDGES = (0.11, 0.31, 0.50, 0.67, 0.81)
"""Where one tooth ends and the next one begins, from the middle to the corner of a mouth."""


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
    """How far the outlines of both lips go, [2, COLUMNS] in widths along the way down, at places of the axis."""

    ways: Tensor


def opening_of(lips: Lips, field: Tensor) -> Opening:
    """How a mouth opens; field [s, s, 2]: see `Movement`.

    A lip and the teeth behind it go as its outline goes, and neither grow nor shrink: what is left between is open.
    """
    wide, down, t = lips.axis.norm(), _down(lips), torch.linspace(-1, 1, COLUMNS)
    outlines = lips.curves[[0, 2], :, None] * wide * down + lips.middle + t[:, None] * lips.axis / 2
    places, moves = outlines, field.permute(2, 0, 1)[None]
    for _ in range(ROUNDS):  # the field says where places were: its inverse, by iteration
        was = F.grid_sample(moves, (2 * places - 1)[None], "bilinear", "border", align_corners=False)
        places = outlines - was[0].permute(1, 2, 0)
    return Opening((places - outlines) @ down / wide)


def _down(lips: Lips) -> Tensor:
    return torch.stack([-lips.axis[1], lips.axis[0]]) / lips.axis.norm().clamp(min=1e-6)


def parting(lips: Lips, opening: Opening, places: Tensor, was: Tensor, pixel: float) -> Parted:
    """Part the lips at places [h, w, 2] of the open mouth; all in shares of the side.

    was: where they were if all between the outlines were stretched. pixel: the width of one.
    """
    wide, down = lips.axis.norm().clamp(min=1e-6), _down(lips)
    off = (was - lips.middle) / wide
    t, height, now = 2 * (off @ (lips.axis / wide)), off @ down, (places - lips.middle) / wide @ down
    top, line, bottom, upper_way, lower_way = F.grid_sample(
        torch.cat([lips.curves, opening.ways])[None, :, None],
        torch.stack([t, torch.zeros_like(t)], -1)[None],
        "bilinear",
        "border",
        align_corners=True,
    )[0]
    share = ((1 - t.abs()) / CORNER).clamp(0, 1)
    share = share * (2 - share)
    above, below = (height + (now - way - height) * share for way in (upper_way, lower_way))  # seen on each lip
    mouth = (height > top) & (height < bottom) & (t.abs() < 1) & (above > below)
    lower = below - line > line - above  # beyond the opening's middle
    seen_at = torch.where(lower, torch.maximum(below, line), torch.minimum(above, line))
    shift = torch.where(mouth, seen_at - height, torch.zeros_like(height))
    shown = (torch.minimum(above - line, line - below) / (1.5 * pixel / wide) + 0.5).clamp(0, 1) * mouth
    shown = shown * ((above - below) / (pixel / wide)).clamp(0, 1)
    depth = ((above - line) / (above - below).clamp(min=1e-4)).clamp(0, 1)
    return Parted((shift * wide)[..., None] * down, shown, _inside(lips, t, depth, (above - below).clamp(min=0)))


def _inside(lips: Lips, t: Tensor, depth: Tensor, opening: Tensor) -> Tensor:
    """The colours [3, h, w] of a mouth at places of its axis, from the upper lip (0) to the lower one, so far apart."""
    lip, dark, tongue = (torch.tensor(x)[:, None, None] for x in (lips.lip.tolist(), DARK, TONGUE))
    share = ((depth - 0.45 - 0.25 * t.square()) / 0.35).clamp(0, 1)
    share = share * share * (3 - 2 * share) * (1 - t.square()).clamp(0, 1)
    middle = 1 - 0.2 * torch.exp(-(t / 0.12).square())  # the furrow of a tongue
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
