"""Paint: what a style's surface is like in each of its colours, as squares that repeat themselves without a seam.

A small network that is trained for minutes learns a style's marks, and hardly how they lie beside each other: on plain
ground it draws them one by one. Paint is the style's own: for each of its colours a square is quilted out of pieces of
its picture (Efros and Freeman 2001), without their mean colours, and laid where a photograph's ground has that colour
(`nets.fast_style.laying`). It is fixed to the place in the whole picture, as grain is, so that tiles and slices of a
picture fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.fast_style.colours import COUNT, Colours
from nets.fast_style.laying import LEVELS, NOTHING, SIDE, Laying
from nets.fast_style.packed import in_few_colours
from nets.fast_style.palette import palette_of
from nets.fast_style.pieces import BLOCK, Pieces, agreement, box_means
from nets.fast_style.quilt import quilted
from nets.seen import filled

FIRM = 0.09
"""Contrast, of pictures in -1..1, at which forms begin to show through."""

LOUDEST = 2.0
"""How many times as far from its mean as is usual a pixel of paint may be: a lone lamp would come back everywhere."""

PITCHES = {True: 96.0, False: 352.0}
"""Pixels between patches of paint of one grid, of paint that turns along forms and of paint that does not."""

THINNED = 0.8
"""How much thinner paint is at the finest forms."""

SMOOTH = 56
"""Pixels of the means that are taken out: what colour a place has is the palette's."""


def paint_of(style: Tensor, colours: Colours, level: bool = False, seed: int = 0) -> Tensor:
    """Paint of a style [1, 3, h, w] in -1..1: for each of its colours what is added to it, [COUNT * 3 * SIDE * SIDE].

    In bytes: `NOTHING`, and `LEVELS` more or less for 1. `level`: whether strokes shall lie level.
    """
    random = np.random.default_rng(seed)
    times = BLOCK / min(style.shape[2:])
    if times > 1:
        style = F.interpolate(style, tuple(math.ceil(n * times) for n in style.shape[2:]), mode="bilinear")
    shares = colours.of_itself(style.shape[2:])[:, torch.arange(COUNT).clamp(max=len(colours.centres) - 1)]
    pieces = Pieces(style, shares, level)
    planes = torch.stack([quilted(pieces, colour, SIDE, random) for colour in range(COUNT)])
    around = F.pad(planes, (SMOOTH // 2,) * 4, mode="circular")
    means = box_means(around, SMOOTH + 1)
    planes = planes - means
    length = planes.square().sum(1, keepdim=True).sqrt()
    usual = length.square().mean((1, 2, 3), keepdim=True).sqrt()
    planes = planes * (LOUDEST * usual / length.clamp(min=1e-6)).clamp(max=1)
    levels = (planes * LEVELS + NOTHING).round().clamp(0, 255)
    return in_few_colours(levels.to(torch.uint8)).flatten()


def nothing(styles: int) -> Tensor:
    """The paint of that many styles that have none: [styles, COUNT * 3 * SIDE * SIDE] uint8."""
    return torch.full((styles, COUNT * 3 * SIDE * SIDE), NOTHING, dtype=torch.uint8)


def is_some(paint: Tensor) -> bool:
    """Whether a style has any paint."""
    return bool(paint[0] != NOTHING) or bool((paint != NOTHING).any())


LAID = ("paint", "centres", "spread", "firm", "laying")
"""What of a style says what paint is laid, and how."""

KNOWN = ("palette", *LAID)
"""What of a style is known from its picture, and is not learned."""

STROKES = ("last.weight", "offset")
"""What makes strokes of the last features."""

LEVEL = 0.24
"""How much the slopes of a style must agree, from 0 to 1, for its strokes to have a direction."""


def known_at_once(photographs: Iterable[Tensor], style: Tensor, there: Tensor | None = None) -> dict[str, Tensor]:
    """`KNOWN` of a style, as rows of a network; arguments as of `palette_of`."""
    return {"palette": palette_of(photographs, style, there)} | laid_of(style, there)


def laid_of(style: Tensor, there: Tensor | None = None, level: bool | None = None) -> dict[str, Tensor]:
    """`LAID` of a style; `level`: whether its paint turns along forms; None: where its strokes have a direction."""
    whole = (style if there is None else filled(style, there)).cpu()
    colours = Colours(style.cpu(), None if there is None else there.cpu())
    some = torch.arange(COUNT).clamp(max=len(colours.centres) - 1)  # a tiny style has fewer colours
    follows = agreement(whole) > LEVEL if level is None else level
    how = Laying(PITCHES[follows], 2.0 * follows)
    rows = {
        "paint": paint_of(whole, colours, follows),
        "centres": colours.centres[some],
        "spread": colours.spread[None],
    }
    return rows | {"firm": torch.full((1,), FIRM), "laying": torch.tensor(how)}
