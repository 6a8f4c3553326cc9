"""Pictures of half the size, from a network that paints them on its way: an evaluation costs a third."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.synthesis import Synthesis

LEAST = 64
"""Pixels of the smallest half: below it eyes are specks."""


def half_height(synthesis: Synthesis) -> int | None:
    """Height of the block that paints at half size; None for a network that paints at its end only, or a small one."""
    heights = synthesis.config.heights
    if synthesis.config.architecture != "skip" or len(heights) < 2 or heights[-2] < LEAST:
        return None
    return int(heights[-2])


def image_at(synthesis: Synthesis, w_plus: Tensor, height: int | None) -> Tensor:
    """The picture after the block of that height [N, C, h, w], differentiable; the whole one for None."""
    if height is None:
        return synthesis(w_plus)
    stage = next(stage for stage in synthesis.walk(w_plus) if stage.height == height)
    assert stage.image is not None  # `half_height` names blocks that paint
    return stage.image


def shrunk(picture: Tensor, height: int | None) -> Tensor:
    """A picture [N, C, H, W], or a map of one, averaged to that height."""
    if height is None or picture.shape[2] == height:
        return picture
    return F.interpolate(picture, (height, round(picture.shape[3] * height / picture.shape[2])), mode="area")


def enlarged(picture: Tensor, like: Tensor) -> Tensor:
    """A picture [N, C, h, w] at the size of another one, for the screen."""
    if picture.shape[2:] == like.shape[2:]:
        return picture
    return F.interpolate(picture, like.shape[2:], mode="bilinear", align_corners=False)
