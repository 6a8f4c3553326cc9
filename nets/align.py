"""Face alignment: the square that a generator's training pictures were cut by, found from eyes and mouth.

The square is that of the FFHQ data set (Karras et al. 2019, "A Style-Based Generator Architecture", appendix A): its
axis lies along the eyes and across the line to the mouth, its size follows from both. Only the centres of the eyes and
the corners of the mouth are used, so 68 landmarks, 5, or 4 placed by hand all do. Coordinates are in pixels, x right, y
down, (0, 0) the centre of the first pixel.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Framing(NamedTuple):
    """How a data set frames faces: half the side is the larger of `eyes` x |eye to eye| and `mouth` x |eyes to mouth|.

    `shift`: how far the centre lies below the middle of the eyes, in units of |eyes to mouth|.
    """

    eyes: float
    mouth: float
    shift: float


FFHQ = Framing(2.0, 1.8, 0.1)
PUPPETS = Framing(2.3, 2.2, 0.0)
"""Median of the renderer's own landmarks over 2,000 puppets; the mouth's factor lets a real, longer face fit in."""

BORDER, RIM, BLUR = 0.1, 0.3, 0.02
"""FFHQ's shares of the side: what is kept round the square, how wide a made-up rim fades, and how soft it is."""


def from_68(landmarks: Tensor) -> Tensor:
    """Eyes and mouth corners [4, 2] from landmarks [68 or more, 2] in the iBUG order."""
    return torch.stack([landmarks[36:42].mean(0), landmarks[42:48].mean(0), landmarks[48], landmarks[54]])


def from_5(landmarks: Tensor) -> Tensor:
    """Eyes and mouth corners [4, 2] from a detector's landmarks [5, 2]: eye, eye, nose, mouth corner, corner."""
    return in_order(landmarks[[0, 1, 3, 4]])


def in_order(points: Tensor) -> Tensor:
    """Four points [4, 2] in any order as left eye, right eye, left and right mouth corner of an upright face."""
    from_top = points[points[:, 1].argsort(stable=True)]
    rows = (from_top[:2], from_top[2:])
    return torch.cat([row[row[:, 0].argsort(stable=True)] for row in rows])


def face_quad(points: Tensor, framing: Framing = FFHQ) -> Tensor:
    """The square of a face: corners [4, 2] float64, in the order top left, bottom left, bottom right, top right.

    Args:
        points: left eye, right eye, left and right mouth corner, as seen in the picture, [4, 2].
        framing: of the generator's data set.

    Raises:
        ValueError: the points are not finite, or eyes and mouth (nearly) coincide.
    """
    points = points.double()
    if tuple(points.shape) != (4, 2) or not bool(points.isfinite().all()):
        raise ValueError(f"points: expected 4 finite points, got {list(points.shape)}")
    eyes, mouth = points[:2].mean(0), points[2:].mean(0)
    along, down = points[1] - points[0], mouth - eyes
    if along.norm() < 2 or down.norm() < 2:
        raise ValueError("the eyes, or the eyes and the mouth, lie on one spot")
    x = along - torch.stack([-down[1], down[0]])  # both say how the head is tilted: their mean
    if x.norm() < 0.5 * max(along.norm(), down.norm()):
        raise ValueError("the mouth does not lie below the eyes")
    x = x / x.norm() * max(framing.eyes * along.norm(), framing.mouth * down.norm())
    y = torch.stack([-x[1], x[0]])
    centre = eyes + framing.shift * down
    return torch.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y])


def whole(height: int, width: int) -> Tensor:
    """The largest square in the middle of a picture, as `face_quad` gives one; for pictures aligned already."""
    side = min(height, width)
    left, top = (width - side) / 2 - 0.5, (height - side) / 2 - 0.5
    corners = [[left, top], [left, top + side], [left + side, top + side], [left + side, top]]
    return torch.tensor(corners, dtype=torch.float64)


def side_of(quad: Tensor) -> float:
    """Side of the square in pixels."""
    return float((quad[3] - quad[0]).norm())


def overhang(quad: Tensor, height: int, width: int) -> float:
    """Share of the square's area that lies outside the picture."""
    steps = (torch.arange(64, dtype=torch.float64) + 0.5) / 64
    places = quad[0] + steps[:, None, None] * (quad[3] - quad[0]) + steps[None, :, None] * (quad[1] - quad[0]) + 0.5
    inside = (places >= 0) & (places <= torch.tensor([width, height]))
    return 1 - float(inside.all(-1).double().mean())


def crop(picture: Tensor, quad: Tensor, size: int) -> Tensor:
    """What lies in the square, upright, as [3, size, size]; every source pixel counts once, so nothing flickers.

    Where the square hangs over the picture's edge, the picture is mirrored there, and fades into blur and its own
    median colour, as in FFHQ.

    Args:
        picture: [3, H, W] in 0..1.
        quad: corners, see `face_quad`.
        size: pixels of the result's side.
    """
    side, (height, width) = side_of(quad), picture.shape[1:]
    shrink = max(1, math.floor(side / size / 2))
    margin = max(BORDER * side, 3)
    low = (quad.min(0).values - margin).floor().long()
    spans = ((quad.max(0).values + margin).ceil().long() - low) // shrink + 1
    xs, ys = (low[axis] + torch.arange(int(spans[axis]) * shrink) for axis in (0, 1))
    region = picture[:, _mirrored(ys, height)][:, :, _mirrored(xs, width)]
    region = F.avg_pool2d(region[None], shrink)[0]
    if _hangs_over(quad, height, width):
        beyond = torch.maximum(_beyond(ys, height)[:, None], _beyond(xs, width)[None])[::shrink, ::shrink] / (
            RIM * side
        )
        region = _fade(region, beyond, BLUR * side / shrink)
    finer = max(1, math.ceil(side / shrink / size))
    at = (torch.arange(size * finer, dtype=torch.float64) + 0.5) / (size * finer)
    x, y = quad[3] - quad[0], quad[1] - quad[0]
    places = (quad[0] + at[:, None, None] * y + at[None, :, None] * x + 0.5 - low) / shrink
    grid = 2 * places / torch.tensor([region.shape[2], region.shape[1]]) - 1
    found = F.grid_sample(region[None], grid[None].to(region), "bilinear", "border", align_corners=False)
    return F.avg_pool2d(found, finer)[0]


def _mirrored(index: Tensor, size: int) -> Tensor:
    """Indices of any value, mirrored at both ends as often as it takes."""
    if size == 1:
        return torch.zeros_like(index)
    folded = index.remainder(2 * (size - 1))
    return torch.minimum(folded, 2 * (size - 1) - folded)


def _hangs_over(quad: Tensor, height: int, width: int) -> bool:
    """Whether a corner lies more than a pixel outside the picture."""
    return max(float(_beyond(quad[:, 0], width).max()), float(_beyond(quad[:, 1], height).max())) > 1


def _beyond(index: Tensor, size: int) -> Tensor:
    """How far indices lie beyond the picture's edge, in pixels; negative inside."""
    return torch.maximum(-index, index - (size - 1)).double()


def _fade(region: Tensor, beyond: Tensor, sigma: float) -> Tensor:
    """Blur from a third of a rim inside the edge on, then the median colour; `beyond` is 0 at the edge, 1 a rim out."""
    beyond = beyond.to(region)
    region = region + (blurred(region, sigma) - region) * (3 * beyond + 1).clamp(0, 1)
    median = region.flatten(1).median(1).values[:, None, None]
    return region + (median - region) * beyond.clamp(0, 1)


def blurred(picture: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [C, H, W]; a wide one works on a smaller picture, which nobody can tell from it."""
    shape = picture.shape[1:]
    factor = max(1, min(int(sigma / 4), min(shape) // 8))
    small = (
        F.avg_pool2d(picture[None], factor, ceil_mode=True, count_include_pad=False) if factor > 1 else picture[None]
    )
    reach = max(1, math.ceil(3 * sigma / factor))
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1).to(picture) * factor / max(sigma, 1e-3)).square())
    taps = (taps / taps.sum()).expand(picture.shape[0], 1, 1, -1)
    for turned in (taps, taps.transpose(2, 3)):
        padding = [reach, reach, 0, 0] if turned.shape[3] > 1 else [0, 0, reach, reach]
        small = F.conv2d(F.pad(small, padding, mode="replicate"), turned, groups=picture.shape[0])
    if factor == 1:
        return small[0]
    return F.interpolate(small, tuple(n * factor for n in small.shape[2:]), mode="bilinear")[
        0, :, : shape[0], : shape[1]
    ]
