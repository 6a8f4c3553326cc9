"""Whitening and colouring: the covariance of features exchanged, from deep to shallow taps.

At every level k = 4, 3, 2, 1 (Li, Fang, Yang, Wang, Lu and Yang 2017, equations 1 to 3) the picture so far is encoded
to relu`k`_1, its features f are whitened and coloured with the style's, mixed with f, and decoded

    f' = strength_k * (C_s^(1/2) C_f^(-1/2) (f - mean(f)) + mean(s)) + (1 - strength_k) * f
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from editors.one_pass.canvas import Canvas
from editors.one_pass.look import Look
from facet import Step
from nets.features import Decoders
from nets.features.bases import Trunk
from nets.features.moments import Affine, Moments, whiten_colour_map
from nets.features.pieces import Pieces, moments_by_tap
from nets.features.tiles import Tile

LEVELS = (4, 3, 2, 1)
SKETCH = 320
SHARE = {4: 0.4, 3: 0.3, 2: 0.2, 1: 0.1}
"""About how much of the time each level takes."""


@dataclass(frozen=True)
class Plan:
    """What is done.

    Attributes:
        trunk, decoders: the networks.
        strengths: from 0 to 1 by level; a level of 0 is left out.
        styles: style pictures.
        regions: weights [1, 1, h, w] of each style but the last, which has the rest.
        seen: weights [1, 1, h, w] of what can be seen of the photograph; None: all of it.
        eps: variance that the content has besides its own, so that silent directions are not blown up.
    """

    trunk: Trunk
    decoders: Decoders
    strengths: Mapping[int, float]
    styles: Sequence[Look]
    regions: Sequence[Tensor] = ()
    seen: Tensor | None = None
    eps: float = 0.1
    known: dict[int, list[Moments]] = field(default_factory=dict)

    def style(self, number: int, tap: int) -> Moments:
        """Moments of a style at a level. Those of all levels are worked out in one pass, at the first, deepest one."""
        if number not in self.known:
            style = self.styles[number]
            self.known[number] = moments_by_tap(self.trunk, style.pixels, tap, style.seen)
        return self.known[number][tap - 1]

    def weights(self) -> list[Tensor | None]:
        """Of each style's region; None is the whole picture."""
        if len(self.styles) == 1:
            return [None]
        return [*self.regions, 1 - torch.stack(list(self.regions)).sum(0)]

    def maps(self, pieces: Pieces, check_stop: Callable[[], None]) -> list[tuple[Affine, Tensor | None]]:
        """The map of each region at one level; a region without any place has none."""
        regions, tap = self.weights(), pieces.tap
        look = Look(pieces.picture, self.seen)
        counted = pieces.moments([look.there(region) for region in regions], check_stop)
        found = []
        for number, (moments, region) in enumerate(zip(counted, regions, strict=True)):
            if moments.weight:
                style = whiten_colour_map(moments, self.style(number, tap), self.eps)
                found.append((style.at(self.strengths[tap]), region))
        return found


def begun(own: Look, styles: Sequence[Look], regions: Sequence[Tensor]) -> Tensor:
    """The photograph in the palettes of the styles, each in its region: [1, 3, h, w] in 0..1, float16.

    Plain ground then has one of the style's colours from the start; whitening alone would leave it the mean one.
    """
    made = own.in_palette(styles[-1]).pixels.half().div_(255)
    for style, region in zip(styles, regions, strict=False):
        made = torch.lerp(made, own.in_palette(style).pixels.half().div_(255), region.half())
    return made


def paint(plan: Plan, canvas: Canvas, start: Tensor, check_stop: Callable[[], None]) -> Iterator[Step]:
    """Paint on a canvas from a start picture [1, 3, h, w] in 0..1, float16, which is painted over.

    A large picture begins with a sketch.
    """
    levels = [tap for tap in LEVELS if plan.strengths[tap]]
    large = max(start.shape[2:]) > 2 * SKETCH
    shown = None
    if large:
        yield (sketch := _sketch(plan, canvas, start, check_stop))
        shown = sketch.preview
    whole, done = sum(SHARE[tap] for tap in levels), 0.0
    for tap in levels:
        pieces, over = Pieces(plan.trunk, start, tap), _Over(start)
        maps = plan.maps(pieces, check_stop)
        for number, (tile, made) in enumerate(pieces.mapped(plan.decoders.plain[tap - 1], maps), 1):
            if tap == levels[-1]:
                canvas.put(tile, made)
            else:
                over.put(tile, made)
            share = done + SHARE[tap] * number / len(pieces.tiles)
            last = tap == levels[-1] and number == len(pieces.tiles)
            if large and tap == levels[-1]:
                shown = canvas.glance()
            if last or large:
                yield Step(canvas.image(), done=1.0 if last else 0.05 + 0.95 * share / whole, note=f"relu{tap}_1",
                           preview=shown)  # fmt: skip
            check_stop()
        over.end()
        done += SHARE[tap]
        if tap != levels[-1] and not large:
            canvas.put(_whole(start), start.float() * 2 - 1)
            yield Step(canvas.image(), done=done / whole, note=f"relu{tap}_1")


class _Over:
    """Writes tiles into the picture that they were made of, each as soon as no later one looks at its place."""

    def __init__(self, picture: Tensor) -> None:
        self.picture, self.waiting = picture, deque[tuple[Tile, Tensor]]()

    def put(self, tile: Tile, made: Tensor) -> None:
        """What became of a tile, in about -1..1; tiles come row by row."""
        while self.waiting and self.waiting[0][0].rows.stop <= tile.outer_rows.start:
            self._write(*self.waiting.popleft())
        self.waiting.append((tile, ((made + 1) / 2).clamp(0, 1).to(self.picture.dtype)))

    def end(self) -> None:
        """No tile comes any more."""
        while self.waiting:
            self._write(*self.waiting.popleft())

    def _write(self, tile: Tile, made: Tensor) -> None:
        self.picture[:, :, tile.rows, tile.columns] = made


def _whole(picture: Tensor) -> Tile:
    rows, columns = slice(0, picture.shape[2]), slice(0, picture.shape[3])
    return Tile(rows, columns, rows, columns)


def _bands(picture: Tensor, count: int) -> Iterator[Tensor]:
    """The rows of a picture that each row of a smaller one is the mean of; as floats, a whole one would be large."""
    height = picture.shape[2]
    for row in range(count):
        yield picture[:, :, row * height // count : -((-(row + 1) * height) // count)]


def _sketch(plan: Plan, canvas: Canvas, start: Tensor, check_stop: Callable[[], None]) -> Step:
    small = canvas.small(SKETCH)
    size = small.picture.shape[2:]
    regions = [F.interpolate(region, size, mode="area") for region in plan.regions]
    quick = replace(plan, regions=regions, seen=small.look.seen)
    rows = [F.interpolate(strip.float(), (1, size[1]), mode="area") for strip in _bands(start, size[0])]
    for step in paint(quick, small, torch.cat(rows, 2).half(), check_stop):
        del step
    canvas.begin(small.painted)
    return Step(canvas.image(), done=0.05, note="sketch", preview=small.glance())
