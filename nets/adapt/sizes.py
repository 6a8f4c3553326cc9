"""Pictures at the sizes at which adaptation compares them."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def covering(picture: Tensor, height: int, stroke: float = 1.0) -> Tensor:
    """A reference [1, C, h, w] in 0..1, or a map of it, with the area of `stroke` squared portraits of that height."""
    scale = stroke * height / (picture.shape[2] * picture.shape[3]) ** 0.5
    size = [max(16, round(n * scale)) for n in picture.shape[2:]]
    resized = F.interpolate(picture.cpu(), size, mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(0, 1).to(picture)


def rgb(image: Tensor) -> Tensor:
    """What a generator drew, [N, 1 or 3, h, w] in -1..1, as [N, 3, h, w] in 0..1."""
    return (image / 2 + 0.5).clamp(0, 1).expand(-1, 3, -1, -1)
