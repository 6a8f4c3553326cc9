"""What an edit leaves of a photograph: its sharpness, pixels that it did not touch, and no seam around the others."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from metrics.pictures import luma, pair
from metrics.registry import Pixels, metric

KEPT = ("result", "subject")


@metric("sharpness", "Sharpness kept", better="higher", needs=KEPT)
def sharpness(result: Pixels, subject: Pixels) -> float:
    """How alike the edges' and the grain's steepness is: 1 is as sharp as the subject, 0.7 visibly softer (or noisier).

    Steepness is the root of the mean squared difference of neighbours in the luminance; the smaller one over the
    larger, with half a level added to both, so that it is finite for flat pictures too.
    """
    steep = []
    for picture in pair(result, subject):
        grey = luma(picture).double()
        slopes = [grey.diff(dim=axis).square().mean() for axis in (2, 3) if grey.shape[axis] > 1]
        steep.append(torch.stack(slopes).mean().sqrt() if slopes else grey.new_zeros(()))
    least = 0.5 / 255
    ratio = float((steep[0] + least) / (steep[1] + least))
    return min(ratio, 1 / ratio)


@metric("untouched", "Untouched", unit="%", better="higher", needs=KEPT)
def untouched(result: Pixels, subject: Pixels) -> float:
    """The share of pixels that are the subject's very own, bit for bit; 0 for a result of another size."""
    if result.shape != subject.shape:
        return 0.0
    return 100 * float((result == subject).all(2).mean())


SEAM = 3
"""Pixels on either side of the border of what changed."""


@metric("seam", "Seam", better="lower", needs=KEPT)
def seam(result: Pixels, subject: Pixels) -> float:
    """How much steeper the result is along the border of what changed than the subject is there: 1 is no seam at all.

    Steepness as in `sharpness`, of the pixels within `SEAM` of the border between those that are the subject's very own
    and the others; 1 where all or none changed.
    """
    if result.shape[:2] != subject.shape[:2]:
        return 1.0
    changed = torch.from_numpy((result[..., :3] != subject[..., :3]).any(2)).float()[None, None]
    side = 2 * SEAM + 1
    wide = F.max_pool2d(changed, side, 1, SEAM)
    narrow = -F.max_pool2d(-changed, side, 1, SEAM)
    border = (wide - narrow)[0, 0] > 0.5
    steep = []
    for picture in pair(result, subject):
        grey = luma(picture).double()[0, 0]
        slopes = [grey.diff(dim=axis).square()[border.narrow(axis, 1, grey.shape[axis] - 1)] for axis in (0, 1)]
        along = torch.cat(slopes)
        steep.append(float(along.mean().sqrt()) if along.numel() else 0.0)
    least = 0.5 / 255
    return (steep[0] + least) / (steep[1] + least)
