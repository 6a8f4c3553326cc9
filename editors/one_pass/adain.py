"""Adaptive instance normalisation: the statistics of features, exchanged in one pass.

For features f of relu4_1 (Huang and Belongie 2017, equations 8 and 14, with several styles s and weights w_s)

    AdaIN(c, s) = deviation(s) * (c - mean(c)) / deviation(c) + mean(s)
    picture     = decoder((1 - strength) * c + strength * sum over s of w_s AdaIN(c, s))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from editors.one_pass.canvas import Canvas
from editors.one_pass.look import Look
from facet import Step
from nets.features.bases import Trunk
from nets.features.decoder import Decoder
from nets.features.moments import Affine, Moments, exchange_map, mixed
from nets.features.pieces import Pieces

SKETCH = 384
"""Longer side of the picture that is shown while a large one is worked on."""


@dataclass(frozen=True)
class Networks:
    """The trunk, the decoder of exchanged statistics, and the variance that both sides are given besides their own."""

    trunk: Trunk
    decoder: Decoder
    eps: float = 0.1


def style_moments(nets: Networks, style: Look) -> Moments:
    """Moments of a style picture at the decoder's tap, over what can be seen of it."""
    moments: Moments = Pieces(nets.trunk, style.pixels, nets.decoder.tap).moments([style.seen])[0]
    return moments


def exchanged(nets: Networks, content: Moments, styles: Sequence[tuple[float, Moments]], strength: float) -> Affine:
    """The map of features; weights of styles count relative to one another."""
    total = sum(weight for weight, _ in styles)
    maps = [(weight / total, exchange_map(content, style, nets.eps)) for weight, style in styles if weight]
    return mixed(maps).at(strength)


def paint(
    nets: Networks,
    canvas: Canvas,
    styles: Sequence[tuple[float, Moments]],
    strength: float,
    check_stop: Callable[[], None],
) -> Iterator[Step]:
    """Paint on a canvas, tile by tile; a large picture begins with a sketch."""
    pieces = Pieces(nets.trunk, canvas.picture, nets.decoder.tap)
    if len(pieces.tiles) > 1:
        yield from _sketch(nets, canvas, styles, strength, check_stop)
    (content,) = pieces.moments([canvas.look.there(canvas.mask)], check_stop)
    parts = [(exchanged(nets, content, styles, strength), None)]
    for number, (tile, made) in enumerate(pieces.mapped(nets.decoder, parts), 1):
        canvas.put(tile, made)
        last = number == len(pieces.tiles)
        note = f"{canvas.picture.shape[3]} x {canvas.picture.shape[2]} px"
        yield Step(canvas.image(), done=1.0 if last else 0.5 + 0.5 * number / len(pieces.tiles), note=note,
                   preview=canvas.glance() if len(pieces.tiles) > 1 else None)  # fmt: skip
        check_stop()


def _sketch(
    nets: Networks,
    canvas: Canvas,
    styles: Sequence[tuple[float, Moments]],
    strength: float,
    check_stop: Callable[[], None],
) -> Iterator[Step]:
    small = canvas.small(SKETCH)
    for step in paint(nets, small, styles, strength, check_stop):
        del step
    canvas.begin(small.painted)
    yield Step(canvas.image(), done=0.05, note="sketch", preview=small.glance())
