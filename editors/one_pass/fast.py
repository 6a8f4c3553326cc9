"""Fast style: a picture is painted in one quick pass, by paint or a network.

A small picture is painted whole. A large one is painted by tiles, which share the statistics of sixteen pieces spread
over it (`nets.fast_style.Statistics`), so that no seam can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from editors.one_pass.canvas import Canvas
from editors.one_pass.look import Look
from facet import Step
from nets.fast_style import REACH, Statistics
from nets.features.tiles import Tile, tiles, to_net
from nets.freed import give_back

Pass = Callable[[Tensor, Statistics, Sequence[tuple[int, int]]], Tensor]
"""Pictures in -1..1, statistics to note or to use, and the places of the pictures → pictures in about -1..1."""

START = ((0, 0),)

WHOLE = 1_200_000
"""Pixels up to which a picture is painted in one go."""

SKETCH = 640
PIECES, PIECE = 4, 256
"""Pieces along each side that statistics are taken from, and their side."""


@torch.no_grad()
def statistics_of(net: Pass, look: Look) -> Statistics:
    """Statistics of a picture that is too large for one go, by what can be seen of its pieces."""
    picture = look.pixels
    height, width = picture.shape[2:]
    side = [min(PIECE, length) for length in (height, width)]
    rows, columns = (
        [round(n * (length - piece) / (PIECES - 1)) for n in range(PIECES)]
        for length, piece in zip((height, width), side, strict=True)
    )
    places = [(top, left) for top in rows for left in columns]
    boxes = [(..., slice(top, top + side[0]), slice(left, left + side[1])) for top, left in places]
    seen = None if look.seen is None else torch.cat([look.seen[box] for box in boxes])
    noted = Statistics(joint=True, seen=seen if seen is not None and seen.any() else None)
    net(to_net(torch.cat([picture[box] for box in boxes])), noted, places)
    return noted


def paint(net: Pass, canvas: Canvas, check_stop: Callable[[], None]) -> Iterator[Step]:
    """Paint on a canvas; the first step already shows what it becomes."""
    height, width = canvas.picture.shape[2:]
    if height * width <= WHOLE:
        [whole] = tiles(height, width, REACH, max(height, width))
        with torch.no_grad():
            canvas.put(whole, net(to_net(canvas.picture), Statistics(seen=canvas.look.seen), START))
        yield Step(canvas.image(), done=1.0, note=f"{width} x {height} px")
        return
    small = canvas.small(SKETCH)
    for step in paint(net, small, check_stop):
        del step
    canvas.begin(small.painted)
    yield Step(canvas.image(), done=0.1, note="sketch", preview=small.glance())
    check_stop()
    noted, plan = statistics_of(net, canvas.look), tiles(height, width, REACH)
    for number, tile in enumerate(plan, 1):
        check_stop()
        give_back()
        with torch.no_grad():
            made = net(to_net(tile.seen(canvas.picture)), noted.rewind(), [_place(tile)])
        rows, columns = tile.inner()
        canvas.put(tile, made[:, :, rows, columns])
        yield Step(canvas.image(), done=1.0 if number == len(plan) else 0.1 + 0.9 * number / len(plan),
                   note=f"{width} x {height} px", preview=canvas.glance())  # fmt: skip


def _place(tile: Tile) -> tuple[int, int]:
    return tile.outer_rows.start, tile.outer_columns.start
