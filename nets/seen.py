"""Pictures of which only a part is there: statistics over that part, and something calm in place of the rest.

`seen` is float [1, 1, h, w], 1 where the picture is and 0 where it is clear; None means that all of it is there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def among(features: Tensor, seen: Tensor | None) -> Tensor:
    """Features [1, C, h, w] at the places that are mostly seen, as [1, C, 1, n]; all as they are where `seen` is None.

    `seen` may have another size. At least the one place that is seen best is left.
    """
    if seen is None:
        return features
    share = F.interpolate(seen, features.shape[2:], mode="area").flatten()
    kept = share >= min(0.5, share.max().item())
    return features.flatten(2)[:, :, kept][:, :, None]


def filled(picture: Tensor, seen: Tensor) -> Tensor:
    """The picture [1, 3, h, w] with colours of its surroundings in its clear places, so that filters see no edge there.

    Means over ever larger cells, weighted by what is seen (the "pull-push" of Gortler et al. 1996, section 4.3).
    """
    height, width = picture.shape[2:]
    if not seen.any() or min(height, width) == 0:
        return picture
    if seen.min() > 0:
        return picture
    half = (max(1, (height + 1) // 2), max(1, (width + 1) // 2))
    if half == (height, width):
        return picture
    weight = F.adaptive_avg_pool2d(seen, half)
    mean = F.adaptive_avg_pool2d(picture * seen, half) / weight.clamp_min(1e-6)
    coarse = filled(mean, (weight > 0).to(seen))
    coarse = F.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    return torch.where(seen > 0, picture, coarse)
