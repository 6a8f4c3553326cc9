"""Mouths that open in the photograph itself: its own lips part, and between them a mouth is drawn at its size.

A generator's open mouth is soft, and one that it never learnt is a smudge of skin. So only how far the lips go apart is
read from its pictures. Each lip keeps its pixels and most of its thickness; what opens between them is shade, a tongue
and, where no teeth are seen already, the edge of the upper ones. The teeth that are seen stay with the upper lip.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.flow import warped
from nets.carry.lips import COLUMNS, LEAST, Lips

CORNER = 0.5  # of half a mouth, towards its corner, over which lips part less and less
SOON = 0.01  # of the side, that lips go apart before they are wholly treated as such
THIN = 0.7
"""What is left of a lip's thickness at least where it is stretched by an opening mouth."""
GROWN = 1.15
"""And at most: neither lips nor teeth grow, all else that is wider is the opening."""
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
    """How much further apart a field brings the outlines of the lips (1 is as before), and what is left of each lip."""

    wider: float
    left: float


def opening_of(lips: Lips, field: Tensor, apart: float) -> Opening:
    """How a mouth opens whose lips go so far apart, in shares of the side; field [s, s, 2]: see `Movement`."""
    wider, high = _wider(lips, field), float((lips.curves[2] - lips.curves[0]).max() * lips.axis.norm())
    left = min(GROWN, wider - apart / max(high, 1e-3))
    return Opening(wider, max(min(THIN, wider), left))


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
