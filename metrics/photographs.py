"""What an edit leaves of a photograph: its sharpness, and the pixels that it did not touch."""

from __future__ import annotations

import torch

from metrics.pictures import luma, pair
from metrics.registry import Pixels, metric

KEPT = ("result", "subject")


@metric("sharpness", "Sharpness kept", better="higher", needs=KEPT)
def sharpness(result: Pixels, subject: Pixels) -> float:
    """Steepness of the result's edges and grain over the subject's: 1 is as sharp, 0.7 is visibly soft.

    The root of the mean squared difference of neighbours in the luminance; NaN for a subject without any.
    """
    steep = []
    for picture in pair(result, subject):
        grey = luma(picture).double()
        slopes = [grey.diff(dim=axis).square().mean() for axis in (2, 3) if grey.shape[axis] > 1]
        steep.append(torch.stack(slopes).mean().sqrt() if slopes else grey.new_zeros(()))
    return float(steep[0] / steep[1]) if float(steep[1]) > 0 else float("nan")


@metric("untouched", "Untouched", unit="%", better="higher", needs=KEPT)
def untouched(result: Pixels, subject: Pixels) -> float:
    """The share of pixels that are the subject's very own, bit for bit; 0 for a result of another size."""
    if result.shape != subject.shape:
        return 0.0
    return 100 * float((result == subject).all(2).mean())
