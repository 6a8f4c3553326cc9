"""Motion supervision on windows of the features: the pull of one pair as two small matrices.

The image's features are the map's times the bilinear enlargement, and F(q + d) is interpolated once more. All of that
is linear, so that F(q) and F(q + d) of the whole disc are one product each with a window's pixels. Only F(q + d) pulls,
so that the gradient concerns its window alone.
"""

from __future__ import annotations

import math

from torch import Tensor

from editors.drag.fast_view import View
from editors.drag.method import disc
from editors.drag.method_session import unit
from editors.drag.settings import Point


def ahead_of(handle: Point, target: Point) -> tuple[int, int]:
    """The middle of the pixels that F(q + d) is interpolated from: all of them lie within r1 of it."""
    dx, dy, _ = unit(handle, target)
    return int(handle[0]) + math.floor(dx), int(handle[1]) + math.floor(dy)


def pull(here: View, ahead: View, handle: Point, target: Point, radius: int, variant: str) -> Tensor:
    """`method.motion_loss`, differentiable to `ahead` only.

    `here` has the image pixels within `radius` of the handle, and `ahead` those within it of `ahead_of`.
    """
    dx, dy, _ = unit(handle, target)
    rows, columns = disc(handle, radius, here.size, variant, radius + 1)
    index = rows - (int(handle[1]) - radius), columns - (int(handle[0]) - radius)
    down, across = here.around((int(handle[0]), int(handle[1])), radius)
    now = down[index[0]][:, :, None] * across[index[1]][:, None, :]
    down, across = ahead.around(ahead_of(handle, target), radius)
    down, across = _between(down, index[0], dy), _between(across, index[1], dx)
    then = down[:, :, None] * across[:, None, :]
    residuals = then.flatten(1) @ ahead.features.flatten(0, 1) - now.flatten(1) @ here.features.flatten(0, 1)
    return residuals.abs().mean() if variant == "official" else residuals.abs().sum()


def _between(axis: Tensor, index: Tensor, step: float) -> Tensor:
    """What lies a step beyond the rows `index`, for an axis that begins at the whole part of that step."""
    share = step - math.floor(step)
    return axis[index] * (1 - share) + axis[index + 1] * share
