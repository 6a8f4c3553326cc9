"""Colours, light and grain that a generator's pictures bring into a photograph.

Colours change along the photograph's own edges (He et al. 2010, "Guided Image Filtering": their coefficients are found
at the generator's size and used at the photograph's).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.flow import box
from nets.carry.landmarks import GREY
from nets.carry.movement import Movement
from nets.carry.spots import SIDE
from nets.paste import Window

RADIUS, EPSILON = 6, 4e-3  # of the guided filter, at `SIDE` pixels


def in_grey(picture: Tensor) -> Tensor:
    """A picture [3, h, w] without colours, still in three channels."""
    return (picture * GREY[:, None, None]).sum(0, keepdim=True).expand(3, -1, -1)


def around(spot: Tensor) -> Tensor:
    """A spot [s, s], grown by what a lens is larger than an eye."""
    reach = round(0.05 * len(spot))
    return blurred(F.max_pool2d(spot[None], 2 * reach + 1, 1, reach), reach / 3)[0]


def guided(guide: Tensor, change: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients [3, s, s] each: the change as gain x the guide's own colour + offset, smooth, but with its edges."""
    weight = (1 - fresh).clamp(min=1e-3)[None]
    radius = max(1, round(RADIUS * len(fresh) / SIDE))

    def mean(x: Tensor) -> Tensor:
        return box((x * weight)[None], radius)[0] / box(weight[None], radius)[0]

    guide_mean, change_mean = mean(guide), mean(change)
    variance = (mean(guide * guide) - guide_mean.square()).clamp(min=0)
    gain = (mean(guide * change) - guide_mean * change_mean) / (variance + EPSILON)
    gain = gain.clamp(-0.6, 0.6)
    offset = change_mean - gain * guide_mean
    return box(gain[None], radius)[0], box(offset[None], radius)[0]


def matched(moved: Tensor, read: Movement) -> Tensor:
    """What must be added to the generator's pixels to have the photograph's colours there, [3, s, s]."""
    weight = (1 - read.fresh)[None].square() + 1e-3
    apart = (moved - read.before) * weight
    spread = blurred(torch.cat([apart, weight]), len(read.fresh) / 40)
    return spread[:3] / spread[3:].clamp(min=1e-4)


def grain_of(photo: Tensor, small: Tensor, window: Window, side: float) -> Tensor:
    """The photograph's finest detail in the window, [3, h, w], without what belongs to shapes: its grain.

    It is taken from where it lies; edges are cut off at three times its own usual strength.
    """
    height, width = window.places.shape[:2]
    under = photo[:, window.top : window.top + height, window.left : window.left + width]
    at = (2 * window.places - 1)[None].float()
    soft = F.grid_sample(small[None], at, "bicubic", "border", align_corners=False)[0]
    detail = under - soft if side > small.shape[-1] else torch.zeros_like(under)
    fine = detail - blurred(detail, 2.0)
    usual = fine.abs().flatten(1).median(1).values[:, None, None] * 1.5
    return fine.clamp(-3 * usual, 3 * usual)
