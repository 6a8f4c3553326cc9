"""A window of the feature map, seen in image pixels."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

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
