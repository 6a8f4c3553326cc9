"""Paint: what a style's surface is like in each of its colours, as squares that repeat themselves without a seam.

A small network that is trained for minutes learns a style's marks, and hardly how they lie beside each other: on plain
ground it draws them one by one. Paint is the style's own: for each of its colours a square is quilted out of pieces of
its picture (Efros and Freeman 2001), without their mean colours, and laid where a photograph's ground has that colour.
It is fixed to the place in the whole picture, as grain is, so that tiles and slices of a picture fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.fast_style.colours import COUNT, Colours
from nets.fast_style.palette import palette_of
from nets.fast_style.quilt import BLOCK, quilted
from nets.seen import filled

SIDE = 256
"""Pixels after which paint repeats itself."""

NOTHING, LEVELS = 128, 64
"""The level of a byte that adds nothing, and how many levels add 1."""

FIRM = 0.09
"""Contrast, of pictures in -1..1, at which forms begin to show through."""

AROUND = 4
"""Half the side of the squares, laid over each other twice, that contrast is a mean over."""

THINNED = 0.8
"""How much thinner paint is at the finest forms."""

SMOOTH = 56
"""Pixels of the means that are taken out: what colour a place has is the palette's."""


def paint_of(style: Tensor, colours: Colours, seed: int = 0) -> Tensor:
    """Paint of a style [1, 3, h, w] in -1..1: for each of its colours what is added to it, [COUNT * 3 * SIDE * SIDE].

    In bytes: `NOTHING`, and `LEVELS` more or less for 1.
    """
    random = np.random.default_rng(seed)
    times = BLOCK / min(style.shape[2:])
    if times > 1:
        style = F.interpolate(style, tuple(math.ceil(n * times) for n in style.shape[2:]), mode="bilinear")
    shares = colours.of_itself(style.shape[2:])[:, torch.arange(COUNT).clamp(max=len(colours.centres) - 1)]
    planes = torch.stack([quilted(style, share[None, None], SIDE, random) for share in shares[0]])
    around = F.pad(planes, (SMOOTH // 2,) * 4, mode="circular")
    means = F.avg_pool2d(around, SMOOTH + 1, stride=1)
    return ((planes - means) * LEVELS + NOTHING).round().clamp(0, 255).to(torch.uint8).flatten()


def nothing(styles: int) -> Tensor:
    """The paint of that many styles that have none: [styles, COUNT * 3 * SIDE * SIDE] uint8."""
    return torch.full((styles, COUNT * 3 * SIDE * SIDE), NOTHING, dtype=torch.uint8)


def is_some(paint: Tensor) -> bool:
    """Whether a style has any paint."""
    return bool(paint[0] != NOTHING) or bool((paint != NOTHING).any())


def laid(paint: Tensor, shares: Tensor, at: Sequence[tuple[int, int]]) -> Tensor:
    """A style's paint on pictures with shares [N, COUNT, h, w] of its colours: [N, 3, h, w], which is added to them.

    `at`: row and column of each picture (one for all) within the one that it is a piece of.
    """
    planes = paint.view(COUNT, 3, SIDE, SIDE)
    made = shares.new_zeros(len(shares), 3, *shares.shape[2:])
    for number, share in enumerate(shares):
        top, left = at[number % len(at)]
        rows, columns = (
            (torch.arange(length, device=paint.device) + first) % SIDE
            for length, first in zip(shares.shape[2:], (top, left), strict=True)
        )
        for plane, much in zip(planes, share, strict=True):
            piece = plane[:, rows][:, :, columns].to(shares) - NOTHING
            made[number].addcmul_(piece, much, value=1 / LEVELS)
    return made


def forms(pictures: Tensor) -> Tensor:
    """How much contrast is around each place of pictures [N, 3, h, w] in -1..1, [N, 1, h, w]; sides in eights."""
    coarse = F.avg_pool2d(_mirrored(F.avg_pool2d(pictures, 8), 1), 3, stride=1)
    apart = pictures - F.interpolate(coarse, scale_factor=8.0, mode="bilinear")
    found = apart.abs().mean(1, keepdim=True)
    for _ in range(2):
        found = F.avg_pool2d(_mirrored(found, AROUND), 2 * AROUND + 1, stride=1)
    return found


def fine(forms: Tensor, firm: Tensor) -> Tensor:
    """Where forms are too fine for paint: 0 on plain ground, 1 where contrast is several times `firm`."""
    return ((forms / (forms + firm) - 0.3) / 0.5).clamp(0, 1)


def _mirrored(x: Tensor, rim: int) -> Tensor:
    return F.pad(x, (rim,) * 4, mode="replicate")


KNOWN = ("palette", "paint", "centres", "spread", "firm")
"""What of a style is known from its picture, and is not learned."""


def known_at_once(photographs: Iterable[Tensor], style: Tensor, there: Tensor | None = None) -> dict[str, Tensor]:
    """`KNOWN` of a style, as rows of a network; arguments as of `palette_of`."""
    whole = (style if there is None else filled(style, there)).cpu()
    colours = Colours(style.cpu(), None if there is None else there.cpu())
    some = torch.arange(COUNT).clamp(max=len(colours.centres) - 1)  # a tiny style has fewer colours
    paint = paint_of(whole, colours)
    rows = {"palette": palette_of(photographs, style, there), "paint": paint}
    firm = torch.full((1,), FIRM)
    return rows | {"centres": colours.centres[some], "spread": colours.spread[None], "firm": firm}
