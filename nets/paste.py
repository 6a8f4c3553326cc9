"""Putting an aligned picture back where it was cut from, without a seam.

The inverse of `nets.align.crop`, blended band by band (Burt and Adelson 1983, "A Multiresolution Spline"): coarse
shades melt over a wide border, edges over a narrow one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred, crop, side_of

_SAME = 0.14
"""Difference (of 1) up to which the fine detail of the photograph still belongs to what the edit shows."""


class Window(NamedTuple):
    """The part of the picture that a square touches: its box, and for each of its pixels where in the square it lies.

    `places` [h, w, 2]: 0..1 across and down the square.
    """

    top: int
    left: int
    places: Tensor


def paste(
    picture: Tensor,
    edited: Tensor,
    quad: Tensor,
    *,
    feather: float = 0.15,
    oval: bool = False,
    detail: bool = True,
) -> Tensor:
    """`picture` [3, H, W] in 0..1 with `edited` [3, n, n] in its square; outside the square not a bit changes.

    Args:
        picture: what the square was cut from.
        edited: upright, of any size.
        quad: the square's corners, see `nets.align.face_quad`.
        feather: width of the border in which both melt, as a share of the side, 0 to 0.5.
        oval: only the head inside the square, instead of all of it.
        detail: where the edit left the picture alone, put back what was too fine for its resolution.

    Raises:
        ValueError: the square lies outside the picture.
    """
    window = window_of(quad, picture.shape[1], picture.shape[2])
    side, (height, width) = side_of(quad), window.places.shape[:2]
    box = (slice(None), slice(window.top, window.top + height), slice(window.left, window.left + width))
    under, over = picture[box], warped(edited, window, side)
    if detail:
        over = over + fine_detail(picture, edited, quad, window)
    mask = opacity(window.places, feather, oval).to(picture)
    levels = max(1, min(7, int(math.log2(max(2.0, feather * side))) - 1))
    blended = blend(under, over, mask, levels)
    border = (mask * 16).clamp(0, 1)  # bands reach a little further than the mask
    done = picture.clone()
    done[box] = (under + (blended - under) * border).clamp(0, 1)
    return done


def window_of(quad: Tensor, height: int, width: int) -> Window:
    """The box of a square within a picture, and its pixels' places. Raises ValueError if nothing of it lies inside."""
    low, high = quad.min(0).values.floor().long(), quad.max(0).values.ceil().long() + 1
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(width, int(high[0])), min(height, int(high[1]))
    if left >= right or top >= bottom:
        raise ValueError("the square lies outside the picture")
    y, x = torch.meshgrid(torch.arange(top, bottom), torch.arange(left, right), indexing="ij")
    axes = torch.stack([quad[3] - quad[0], quad[1] - quad[0]], 1)
    places = (torch.stack([x, y], -1).double() - quad[0]) @ torch.linalg.inv(axes).T
    return Window(top, left, places)


def warped(edited: Tensor, window: Window, side: float) -> Tensor:
    """`edited` as it looks in the window: [3, h, w]; smoothed first where it has more pixels than the window."""
    if edited.shape[1] > side * 1.25:
        size = max(2, round(side))
        edited = F.interpolate(edited[None], (size, size), mode="bicubic", antialias=True, align_corners=False)[0]
    grid = (2 * window.places - 1)[None].to(edited)
    return F.grid_sample(edited[None], grid, "bicubic", "border", align_corners=False)[0]


def opacity(places: Tensor, feather: float, oval: bool = False) -> Tensor:
    """How much of the edited picture shows at places [h, w, 2] of the square: 0 at and beyond its border, 1 inside."""
    if oval:
        off = (places - torch.tensor([0.5, 0.53], dtype=places.dtype)) / torch.tensor([0.40, 0.46], dtype=places.dtype)
        depth = (1 - off.norm(dim=-1)) * 0.43
    else:
        depth = torch.minimum(places, 1 - places).amin(-1)
    share = (depth / max(feather, 1e-3)).clamp(0, 1)
    return share * share * (3 - 2 * share)


def fine_detail(picture: Tensor, edited: Tensor, quad: Tensor, window: Window) -> Tensor:
    """What of the picture is finer than the edited one's pixels, except where the edit changed something: [3, h, w]."""
    side, (height, width) = side_of(quad), window.places.shape[:2]
    was = crop(picture, quad, edited.shape[1])
    change = edited - was
    shapes = (
        change - blurred(change, 6)
    ).abs() + change.abs() / 4  # another shade has the same detail, others shapes not
    change = blurred(shapes.amax(0, keepdim=True), 1.5)
    kept = torch.exp(-(change / _SAME).square())
    under = picture[:, window.top : window.top + height, window.left : window.left + width]
    return (under - warped(was, window, side)) * warped(kept, window, side).clamp(0, 1)


def blend(under: Tensor, over: Tensor, mask: Tensor, levels: int) -> Tensor:
    """`over` on `under`, both [3, h, w], by `mask` [h, w] in 0..1, band by band."""
    difference, opaque = (over - under)[None], mask[None, None]
    bands = []
    for _ in range(levels):
        if min(difference.shape[2:]) < 4:
            break
        coarse = _reduced(difference)
        bands.append((difference - _enlarged(coarse, difference)) * opaque)
        difference, opaque = coarse, _reduced(opaque)
    result = difference * opaque
    for band in reversed(bands):
        result = _enlarged(result, band) + band
    return under + result[0]


_TAPS = torch.tensor([1.0, 4, 6, 4, 1]) / 16


def _reduced(x: Tensor) -> Tensor:
    """Every second pixel of x smoothed by the paper's filter (a = 0.375)."""
    taps, channels = _TAPS.to(x), x.shape[1]
    x = F.pad(x, [2, 2, 2, 2], mode="replicate")
    x = F.conv2d(x, taps.view(1, 1, 5, 1).expand(channels, 1, 5, 1), stride=(2, 1), groups=channels)
    return F.conv2d(x, taps.view(1, 1, 1, 5).expand(channels, 1, 1, 5), stride=(1, 2), groups=channels)


def _enlarged(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, like.shape[2:], mode="bilinear", align_corners=False)
