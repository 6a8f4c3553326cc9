"""The photograph, edited: moved as the generator's picture moved, at its own resolution, with its own grain.

Colours change along the photograph's own edges (He et al. 2010, "Guided Image Filtering": their coefficients are found
at the generator's size and used at the photograph's). Where something is new, the generator's pixels come in with the
photograph's colours and grain.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred, crop, side_of
from nets.carry.flow import warped
from nets.carry.movement import SIDE, Movement
from nets.paste import Window, window_of
from nets.warp.field import sampled

RADIUS, EPSILON = 6, 4e-3  # of the guided filter, at `SIDE` pixels
UNSEEN = 2 / 255
"""A change of colour that is less than this is none."""
BAND = 1_500_000  # pixels of the photograph that are made at a time
STILL = 0.02  # pixels of the photograph that count as no movement


class Carried(NamedTuple):
    """The photograph [3, H, W] in 0..1 after the edit; which of its pixels keep their bits, bool [H, W]."""

    image: Tensor
    kept: Tensor


@torch.no_grad()
def carry(photo: Tensor, quad: Tensor, read: Movement) -> Carried:
    """Do to a photograph what a generator's edit did.

    Args:
        photo: [3, H, W] in 0..1.
        quad: the square of it that the generator's picture shows, corners [4, 2]; see `nets.align.face_quad`.
        read: what happened in the generator's pictures.

    Raises:
        ValueError: the square lies outside the photograph.
    """
    window, side = window_of(quad, photo.shape[1], photo.shape[2]), side_of(quad)
    small = crop(photo, quad, SIDE)
    moved = warped(small, read.field.permute(2, 0, 1) * SIDE, "bicubic")
    gain, offset = _guided(moved, read.change, read.fresh)
    fresh = read.after + _match(moved, read)
    grain = _grain(photo, small, window, side) if bool((read.fresh > 0).any()) else None
    axes = torch.stack([quad[3] - quad[0], quad[1] - quad[0]]).float()
    maps = torch.cat([read.field.permute(2, 0, 1), gain, offset, read.fresh[None], fresh])
    done, kept = photo.clone(), torch.ones(photo.shape[1:], dtype=torch.bool)
    height, width = window.places.shape[:2]
    band = max(1, BAND // width)
    for top in range(0, height, band):
        rows = slice(top, min(height, top + band))
        _band(photo, done, kept, window, rows, axes, maps, grain)
    return Carried(done, kept)


def _band(
    photo: Tensor,
    done: Tensor,
    kept: Tensor,
    window: Window,
    rows: slice,
    axes: Tensor,
    maps: Tensor,
    grain: Tensor | None,
) -> None:
    """Fill some rows of the window in `done`, and say in `kept` what stays."""
    places = window.places[rows]
    inside = ((places >= 0) & (places <= 1)).all(-1)
    at = (2 * places - 1)[None].float()
    found = F.grid_sample(maps[None], at, "bilinear", "border", align_corners=False)[0]
    shift = found[:2].permute(1, 2, 0) @ axes
    gain, offset, fresh, pixels = found[2:5], found[5:8], found[8], found[9:12]
    box = slice(window.top + rows.start, window.top + rows.stop), slice(window.left, window.left + places.shape[1])
    y, x = torch.meshgrid(
        torch.arange(box[0].start, box[0].stop), torch.arange(box[1].start, box[1].stop), indexing="ij"
    )
    moves = shift.norm(dim=-1) >= STILL
    old = photo[:, box[0], box[1]]
    seen = torch.where(moves, sampled(photo, torch.stack([x, y], -1) + shift), old)
    change = gain * seen + offset
    coloured = change.abs().amax(0) >= UNSEEN
    made = seen + change * ((change.abs().amax(0, keepdim=True) - UNSEEN) / (2 * UNSEEN)).clamp(0, 1)
    if grain is not None:
        made = made + (pixels + grain[:, rows] - made) * fresh
    changed = inside & (moves | coloured | (fresh > 1 / 512))
    done[:, box[0], box[1]] = torch.where(changed, made.clamp(0, 1), old)
    kept[box[0], box[1]] = ~changed


def _guided(guide: Tensor, change: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients [3, s, s] each: the change as gain x the guide's own colour + offset, smooth, but with its edges."""
    weight = (1 - fresh).clamp(min=1e-3)[None]

    def mean(x: Tensor) -> Tensor:
        return _box(x * weight, RADIUS) / _box(weight, RADIUS)

    guide_mean, change_mean = mean(guide), mean(change)
    variance = (mean(guide * guide) - guide_mean.square()).clamp(min=0)
    gain = (mean(guide * change) - guide_mean * change_mean) / (variance + EPSILON)
    gain = gain.clamp(-0.6, 0.6)
    return _box(gain, RADIUS), _box(change_mean - gain * guide_mean, RADIUS)


def _box(x: Tensor, radius: int) -> Tensor:
    return F.avg_pool2d(F.pad(x[None], [radius] * 4, mode="replicate"), 2 * radius + 1, 1)[0]


def _match(moved: Tensor, read: Movement) -> Tensor:
    """What must be added to the generator's pixels to have the photograph's colours there, [3, s, s]."""
    weight = (1 - read.fresh)[None].square() + 1e-3
    apart = (moved - read.before) * weight
    spread = blurred(torch.cat([apart, weight]), SIDE / 40)
    return spread[:3] / spread[3:].clamp(min=1e-4)


def _grain(photo: Tensor, small: Tensor, window: Window, side: float) -> Tensor:
    """The photograph's finest detail in the window, [3, h, w], without what belongs to shapes: its grain.

    It is taken from where it lies; edges are cut off at three times its own usual strength.
    """
    height, width = window.places.shape[:2]
    under = photo[:, window.top : window.top + height, window.left : window.left + width]
    at = (2 * window.places - 1)[None].float()
    soft = F.grid_sample(small[None], at, "bicubic", "border", align_corners=False)[0]
    detail = under - soft if side > SIDE else torch.zeros_like(under)
    fine = detail - blurred(detail, 2.0)
    usual = fine.abs().flatten(1).median(1).values[:, None, None] * 1.5
    return fine.clamp(-3 * usual, 3 * usual)
