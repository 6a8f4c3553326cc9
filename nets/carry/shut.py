"""Eyes that close in the photograph itself: a lid is drawn over each, in the skin's own colours, with a line of lashes.

A generator's lids are soft, and know nothing of this face; the photograph's own lid, pulled down, drags long lashes and
painted edges along. So only how far each eye closes is read from the generator's pictures. The lid goes from the colour
of the skin above the eye to that below it, and has the photograph's grain.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.lids import ASIDE, Lids, heights

MORE, LESS = 0.07, 0.05
"""How far a lid covers what lies above the upper lashes, and below the lower lid of a closed eye; in widths of the eye.

Lashes stand up, and lids are found within a twentieth of a width."""
SOFT = 0.06  # over which it begins
ENDS = (0.86, 1.02)  # of half the axis, over which it ends beside the eye
ROUND, SHADE = 0.05, 0.95
"""How much lighter a lid is in its middle, where the eye bulges it; and how light it is in all."""
LASH, THICK, DARK = 0.75, 0.03, 0.75
"""Lashes: how much of their colour they have, how thick they are in the middle, and how dark at least, of the skin."""


class Shut(NamedTuple):
    """Lids that close, in a part of a photograph: how much of each place they are [h, w], and colours [3, h, w]."""

    shown: Tensor
    colours: Tensor


def shut(lids: list[Lids], amounts: tuple[float, float], was: Tensor, pixel: float, head: Tensor | None) -> Shut:
    """The lids of both eyes at places [h, w, 2] of the face as it was; all in shares of the side.

    amounts: how far each eye closes, 0..1. pixel: the width of one. head [m, m]: how surely a place is head, 0..1: a
    lid ends where that does.
    """
    shown, colours = torch.zeros(was.shape[:2]), torch.zeros(3, *was.shape[:2])
    for eye, amount in zip(lids, amounts, strict=True):
        if amount > 0:
            own = _lid(eye, amount, was, pixel)
            shown, colours = torch.maximum(shown, own.shown), torch.where(own.shown > 0, own.colours, colours)
    if head is not None:
        sure = F.grid_sample(head[None, None], (2 * was - 1)[None], "bilinear", "border", align_corners=False)[0, 0]
        shown = shown * ((sure - 0.3) / 0.4).clamp(0, 1)
    return Shut(shown, colours)


def _lid(eye: Lids, amount: float, was: Tensor, pixel: float) -> Shut:
    axis = eye.axis.to(was)
    wide, down = axis.norm().clamp(min=1e-6), torch.stack([-axis[1], axis[0]])
    off = was - eye.middle.to(was)
    t, height = 2 * (off @ axis) / wide.square(), (off @ down) / wide.square()
    upper, lower = heights(eye.upper, t, 1.0), heights(eye.lower, t, -1.0)
    gap = (lower - upper).clamp(min=0)
    whole = amount * amount
    line = upper + amount * gap + LESS * whole  # where the lashes go
    fine = max(1.5 * pixel / float(wide), 0.012)
    along = ((ENDS[1] - t.abs()) / (ENDS[1] - ENDS[0])).clamp(0, 1)
    begins = ((height - upper + MORE + SOFT) / SOFT).clamp(0, 1)
    shown = begins * ((line - height) / fine + 0.5).clamp(0, 1) * along * min(1.0, 4 * amount)
    at = torch.stack([t / (1 - 2 * ASIDE), torch.zeros_like(t)], -1)[None]
    above, below = (
        F.grid_sample(side[None, :, None], at, "bilinear", "border", align_corners=True)[0] for side in eye.skin
    )
    depth = ((height - upper + MORE) / (lower - upper + MORE + LESS).clamp(min=1e-3)).clamp(0, 1)
    eased = depth * depth * (3 - 2 * depth)
    bulge = SHADE + ROUND * (4 * depth * (1 - depth)) * (1 - t.square()).clamp(0, 1)
    skin = (above + (below - above) * eased) * bulge
    thick = THICK * (1 - 0.6 * t.square()).clamp(min=0.2)
    lashes = (1 - ((height - line).abs() / thick)).clamp(0, 1)
    lashes = LASH * lashes * lashes * (3 - 2 * lashes) * ((0.92 - t.abs()) / 0.35).clamp(0, 1) * min(1.0, 4 * amount)
    lash = torch.minimum(eye.lash.to(was)[:, None, None], DARK * skin)
    colours = skin + (lash - skin) * lashes
    return Shut(torch.maximum(shown, lashes * along), colours)
