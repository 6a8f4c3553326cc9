"""What the puppets' judges see of parts, at any size, and what a drawing looks like to the label encoder."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from editors.translate.palettes import PARTS, SKETCH, squared
from facet import LabelMap
from nets.judges import Judges
from nets.judges.reading import resample, to_square
from nets.label_encoder import colours_of

MOST = 640
"""Pixels of a side at which parts are told apart; larger maps are enlarged from there without mixing parts."""

UNDECIDED = 0.88, 0.94
"""Mean probability of the likeliest parts: that of photographs is under the first, that of puppets over the second."""


@torch.no_grad()
def cells(judges: Judges, picture: Tensor) -> tuple[Tensor, Tensor, float]:
    """Of a picture [1, 3, h, w] in -1..1, made square: part numbers [1, s, s], colours [1, P, 4], how sure (0..1)."""
    small = resample(to_square(picture)[0], judges.config.size)
    found = judges(small)
    parts = found.parts.argmax(1)
    halved = F.adaptive_avg_pool2d(small, parts.shape[1:])
    return parts, colours_of(halved, parts, len(judges.config.parts)), float(found.present[0])


@torch.no_grad()
def parse(judges: Judges, picture: Tensor) -> tuple[LabelMap, float]:
    """The parts of a picture [1, 3, h, w] in -1..1, at its size, and how sure it is that there is a puppet (0..1)."""
    height, width = picture.shape[2:]
    square, (left, top) = to_square(picture)
    found = judges(resample(square, judges.config.size))
    side = max(height, width)
    seen = min(side, MOST)
    logs = found.parts.clamp(min=1e-3).log()  # of probabilities themselves the rims would be steps
    smooth = F.interpolate(logs, (seen, seen), mode="bicubic", align_corners=False)
    parts = smooth.argmax(1).to(torch.uint8)[0].cpu().numpy()
    rows, columns = ((np.arange(side) * seen) // side for _ in range(2))
    whole = parts[rows][:, columns][top : top + height, left : left + width]
    decided = found.parts.amax(1).mean()
    sure = found.present[0] * ((decided - UNDECIDED[0]) / (UNDECIDED[1] - UNDECIDED[0])).clamp(0, 1)
    return LabelMap(np.ascontiguousarray(whole), PARTS), float(sure)


def lines(sketch: LabelMap, size: int) -> Tensor:
    """Lines [1, 1, size, size] in 0..1 of a drawing of any shape and size; thin strokes are as dark as thick ones."""
    width, height = sketch.size
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    drawn = sketch.mask(SKETCH.names[1]).astype(np.float32)
    square = np.pad(drawn, ((top, side - height - top), (left, side - width - left)))
    whole = torch.from_numpy(square)[None, None]
    if side > size:
        whole = F.interpolate(whole, (size, size), mode="area")
    elif side < size:
        whole = F.interpolate(whole, (size, size), mode="bilinear", align_corners=False)
    there = whole[whole > 0.02]
    dark = float(there.quantile(0.8)) if there.numel() else 1.0
    return (whole / max(dark, 0.05)).clamp(0, 1)


def agreement(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> tuple[float, float]:
    """Of part numbers [s, s] wanted and found: the share of equal ones, and the mean over wanted parts of their IoU."""
    shares = []
    for part in np.unique(one):
        wanted, found = one == part, two == part
        shares.append((wanted & found).sum() / (wanted | found).sum())
    return float((one == two).mean()), float(np.mean(shares))


__all__ = ["agreement", "cells", "lines", "parse", "squared"]
