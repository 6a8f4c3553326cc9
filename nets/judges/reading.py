"""Judging pictures of any size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.judges.network import Judges, Reading


def to_square(pictures: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """Pictures [N, 3, h, w] made square by repeating their rims; and what was added at the left and the top."""
    height, width = pictures.shape[2:]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    padding = (left, side - width - left, top, side - height - top)
    return F.pad(pictures, padding, mode="replicate"), (left, top)


def resample(pictures: Tensor, size: int) -> Tensor:
    """Square pictures at another size: averaged when smaller, interpolated when larger. Differentiable."""
    if pictures.shape[-1] == size:
        return pictures
    if pictures.shape[-1] % size == 0:
        return F.avg_pool2d(pictures, pictures.shape[-1] // size)
    return F.interpolate(pictures, (size, size), mode="bilinear", antialias=True, align_corners=False)


def read(judges: Judges, pictures: Tensor) -> Reading:
    """What the judges say of pictures [N, 3, h, w] in -1..1, of any size.

    Landmarks and their errors are in pixels of the pictures given; parts belong to the square that repeats their rims.

    Raises:
        ValueError: something else than colour pictures.
    """
    if pictures.ndim != 4 or pictures.shape[1] != 3 or not pictures.numel():
        raise ValueError(f"pictures: expected [N, 3, h, w], got {list(pictures.shape)}")
    square, (left, top) = to_square(pictures)
    scale = square.shape[-1] / judges.config.size
    found: Reading = judges(resample(square, judges.config.size))
    shift = torch.tensor([left, top]).to(found.landmarks)
    return found._replace(landmarks=found.landmarks * scale - shift, error=found.error * scale)


@torch.no_grad()
def landmarks(judges: Judges, picture: Tensor) -> tuple[Tensor, Tensor, float]:
    """Landmarks of one picture [3, h, w] in -1..1: places [L, 2] in pixels, visibility [L] and confidence.

    The confidence is 0..1: the probability that there is a puppet, times that of its landmarks lying within a
    thirtieth of the picture's larger side.
    """
    found = read(judges, picture[None])
    within = 1 - torch.exp(-(max(picture.shape[1:]) / 30) / found.error[0].clamp(min=1e-6))
    return found.landmarks[0], found.visibility[0], (found.present[0] * within.mean()).item()
