"""Resampling along one axis as a small matrix, one row for each output index of a window."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from nets.windows.fields import Span

Kind = tuple[torch.device, torch.dtype]


@lru_cache(maxsize=1024)
def filter_axis(offset: int, given: int, read: int, taps: tuple[float, ...], like: Kind) -> Tensor:
    """What follows an enlarging layer's products with its 3 taps, along one axis: [given, 3 · read].

    Row n is output o = first + n. Column 3 · i + k is what input start + i gives through tap k, which a transposed
    convolution puts at t[2 · (start + i) + k]; offset = first - 2 · start. The filter has gain 2, to make up for the
    zeros between the pixels.
    """
    before = (len(taps) + 1) // 2 - 1
    place = 2 * torch.arange(read)[:, None] + torch.arange(3)
    number = place.flatten() - torch.arange(given)[:, None] - offset + before
    return _taps_at(number, taps[::-1]).to(*like)


@lru_cache(maxsize=1024)
def doubling_axis(offset: int, given: int, read: int, taps: tuple[float, ...], like: Kind) -> Tensor:
    """Twice as many pixels through the filter, as shortcuts have it: [given, read], offset as in `filter_axis`."""
    before = len(taps) - 1 - (len(taps) + 1) // 2
    number = torch.arange(given)[:, None] + offset + before - 2 * torch.arange(read)
    return _taps_at(number, taps).to(*like)


def _taps_at(number: Tensor, taps: tuple[float, ...]) -> Tensor:
    """Filter taps by their number, 0 where there is none with that number; sum 2."""
    line = torch.tensor(taps, dtype=torch.float64) * (2 / sum(taps))
    there = (number >= 0) & (number < len(taps))
    return torch.where(there, line[number.clamp(0, len(taps) - 1)], 0.0)


def resized_span(pixels: Span, size: int, native: int) -> Span:
    """What `resize_axis` reads for these pixels of an axis enlarged from `native` to `size`."""
    first, last = (min(max(each, 0), size - 1) for each in (pixels[0], pixels[0] + pixels[1] - 1))
    scale = native / size
    start = int(max((first + 0.5) * scale - 0.5, 0))
    return start, min(int(max((last + 0.5) * scale - 0.5, 0)) + 1, native - 1) - start + 1


@lru_cache(maxsize=1024)
def resize_axis(pixels: Span, reads: Span, size: int, native: int, like: Kind) -> Tensor:
    """Bilinear enlargement with pixel centres at halves (align_corners=False): [pixels, reads].

    Rows of pixels that the image does not have are 0. `reads` must hold `resized_span`.
    """
    pixel = torch.arange(pixels[0], pixels[0] + pixels[1])
    place = ((pixel + 0.5).double() * (native / size) - 0.5).clamp(min=0)
    low = place.long().clamp(max=native - 1)
    share, there = (place - low)[:, None], ((pixel >= 0) & (pixel < size))[:, None]
    number = torch.arange(reads[0], reads[0] + reads[1])
    at_low, at_high = number == low[:, None], number == (low + 1).clamp(max=native - 1)[:, None]
    return (there * (at_low * (1 - share) + at_high * share)).to(*like)
