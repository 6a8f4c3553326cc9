"""Motion supervision and point tracking on windows of the feature map, instead of on features of the whole image.

The image's features are the map's times the bilinear enlargement, and F(q + d) is interpolated once more. All of that
is linear, so that F(q) and F(q + d) of the whole disc are one product each with a window's pixels. Only F(q + d) pulls,
so that the gradient concerns its window alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from editors.drag.method import confidence, disc
from editors.drag.method_session import unit
from editors.drag.settings import Point
from nets.windows import resize_axis, resized_span

Span = tuple[int, int]  # first index, number of indices


def span_of(centre: int, reach: int, size: int, native: int) -> Span:
    """The map's pixels that image pixels within `reach` of `centre` are made of, along one axis.

    Their number is the same for every centre (or all that the map has), so that windows have equal sizes.
    """
    width = min(-(-2 * reach * native // size) + 2, native)
    first = resized_span((centre - reach, 2 * reach + 1), size, native)[0]
    return min(first, native - width), width


class View(NamedTuple):
    """features [h, w, C]: what the map of size `native` has at `down` × `across`; the image is of size `size`."""

    features: Tensor
    down: Span
    across: Span
    size: tuple[int, int]
    native: tuple[int, int]

    def matrices(self, rows: Span, columns: Span) -> tuple[Tensor, Tensor]:
        """Bilinear enlargement to these image pixels: [rows, h] and [columns, w]; 0 beyond the image."""
        kind = self.features.device, self.features.dtype
        down = resize_axis(rows, self.down, self.size[0], self.native[0], kind)
        return down, resize_axis(columns, self.across, self.size[1], self.native[1], kind)

    def around(self, centre: tuple[int, int], reach: int) -> tuple[Tensor, Tensor]:
        """`matrices` for the square of image pixels within `reach` of (x, y)."""
        side = 2 * reach + 1
        return self.matrices((centre[1] - reach, side), (centre[0] - reach, side))

    def pixels(self, rows: Span, columns: Span) -> Tensor:
        """The features at these image pixels, [rows, columns, C]."""
        down, across = self.matrices(rows, columns)
        return across @ (down @ self.features.flatten(1)).view(rows[1], *self.features.shape[1:])


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


@torch.no_grad()
def search(view: View, reference: Tensor, handle: Point, reach: int, order: int) -> tuple[Point, float]:
    """Where within `reach` of the handle the features come nearest to the reference [C], and the confidence in it."""
    (x, y), (height, width) = (int(handle[0]), int(handle[1])), view.size
    left, top = max(x - reach, 0), max(y - reach, 0)
    rows, columns = (top, min(y + reach + 1, height) - top), (left, min(x + reach + 1, width) - left)
    distances = torch.linalg.vector_norm(view.pixels(rows, columns) - reference, order, dim=2)
    row, column = divmod(int(distances.argmin()), columns[1])
    return (left + column, top + row), confidence(distances, reference, order)
