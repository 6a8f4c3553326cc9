"""What an edit leaves of a photograph: its sharpness, and the pixels that it did not touch."""

from __future__ import annotations

import torch

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
