"""Paint as it is kept: a byte for each pixel, which names one of up to 256 colours; a third of what it is else."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from nets.fast_style.colours import COUNT
from nets.fast_style.laying import SIDE

MOST = 256
ROUNDS, SOME = 8, 8192
"""Rounds of k-means, and how many pixels it is made of."""

PLACES, COLOURS = "paint_places", "paint_colours"
"""Names of the two parts of packed paint beside the other numbers of a style."""

CHUNK = 16384


def in_few_colours(planes: Tensor) -> Tensor:
    """Planes [K, 3, h, w] uint8 with at most `MOST` different colours, found by k-means; the same every time."""
    pixels = planes.permute(0, 2, 3, 1).reshape(-1, 3).float()
    some = pixels[torch.linspace(0, len(pixels) - 1, min(SOME, len(pixels))).long()]
    order = some @ torch.tensor([0.3, 0.6, 0.1])
    centres = some[order.argsort()[torch.linspace(0, len(some) - 1, MOST).long()]]
    for _ in range(ROUNDS):
        nearest = torch.cdist(some, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, some)
        counts = torch.bincount(nearest, minlength=MOST)[:, None]
        centres = torch.where(counts > 0, sums / counts.clamp(min=1), centres)
    centres = centres.round().clamp(0, 255)
    nearest = torch.cat([torch.cdist(part, centres).argmin(1) for part in pixels.split(CHUNK)])
    return centres[nearest].to(torch.uint8).view(len(planes), *planes.shape[2:], 3).permute(0, 3, 1, 2)


def packed(paint: Tensor) -> dict[str, Tensor] | None:
    """A style's paint [COUNT * 3 * SIDE * SIDE] uint8 by two parts, without loss; None: it has too many colours."""
    parts = paint.detach().view(COUNT, 3, SIDE, SIDE).permute(1, 0, 2, 3).flatten(1).long()
    found, places = ((parts[0] * 256 + parts[1]) * 256 + parts[2]).unique(return_inverse=True)
    if len(found) > MOST:
        return None
    colours = torch.zeros(MOST, 3, dtype=torch.uint8)
    colours[: len(found)] = torch.stack([found >> 16, (found >> 8) & 255, found & 255], 1).to(torch.uint8)
    return {PLACES: places.to(torch.uint8), COLOURS: colours}


def unpacked(parts: Mapping[str, Tensor]) -> Tensor:
    """The paint that `packed` got. Raises ValueError for parts of other sizes."""
    places, colours = parts[PLACES], parts[COLOURS]
    sizes, kinds = [list(each.shape) for each in (places, colours)], {places.dtype, colours.dtype}
    if sizes != [[COUNT * SIDE * SIDE], [MOST, 3]] or kinds != {torch.uint8}:
        raise ValueError(f"its paint is {sizes[0]} and {sizes[1]} of {kinds}; this is no paint")
    return colours[places.long()].view(COUNT, SIDE, SIDE, 3).permute(0, 3, 1, 2).flatten()
