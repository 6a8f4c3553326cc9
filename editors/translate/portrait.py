"""From a drawing to a code of the puppets: the encoder's difference between what is wanted and what is there.

A code whose picture is known moves by E(wanted) - E(seen), where E is the label encoder, ``wanted`` the drawing with
the colours asked for, and ``seen`` the parts and colours of the code's own picture. What E cannot see stays: identity,
light, the shape of what labels leave open. Said again of the new picture, and again, it comes nearer (as ReStyle does,
Alaluf et al. 2021). A portrait from nothing starts at a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from editors.translate.palettes import PARTS
from editors.translate.parsing import cells
from nets.judges import Judges
from nets.label_encoder import LabelEncoder, Look, lines_of, look_at_labels, look_at_lines
from nets.stylegan2 import Generator

STEP = (1.0, 0.8, 0.6, 0.5)
"""How far each round goes; later ones less, since the encoder's errors are its own at every look."""

FARTHEST = 1.1
"""Standard deviations from the mean of W, over which codes are drawn back: further out nothing looks like a face."""
COLOUR_COUNTS = 0.15
"""What a difference of colours counts beside the share of cells that show another part."""
EVERYBODY = (
    "background",
    "skin",
    "nose",
    "eye white",
    "iris",
    "brow",
    "upper lip",
    "lower lip",
    "hair",
    "neck",
    "cloth",
)


@dataclass(frozen=True)
class Wanted:
    """What is drawn.

    Attributes:
        parts: part numbers [1, s, s], or None for a sketch.
        lines: [1, 1, 2 s, 2 s] in 0..1, or None for labels.
        colours: [1, P, 4], as `nets.label_encoder.colours_of` gives them: of each part, where it is asked for.
    """

    parts: Tensor | None
    lines: Tensor | None
    colours: Tensor

    def look(self, colours: Tensor) -> Look:
        """What the encoder sees of it, with these colours."""
        if self.parts is not None:
            return look_at_labels(self.parts, of_parts(colours, self.parts), colours.shape[1])
        assert self.lines is not None
        return look_at_lines(self.lines, of_everybody(colours))

    def seen(self, parts: Tensor, colours: Tensor) -> Look:
        """What the encoder sees of a picture with these parts, in the way that this drawing is seen."""
        if self.parts is not None:
            return look_at_labels(parts, of_parts(colours, parts), colours.shape[1])
        return look_at_lines(lines_of(parts), of_everybody(colours))


def of_parts(colours: Tensor, parts: Tensor) -> Tensor:
    """Colours [1, P, 4] of those parts alone that a map [1, s, s] has: a beard's colour would say that there is one."""
    there = torch.zeros(colours.shape[1]).index_fill_(0, parts.unique().long().cpu(), 1.0)
    return colours * there[None, :, None].to(colours)


def of_everybody(colours: Tensor) -> Tensor:
    """Colours [1, P, 4] of those parts alone that every portrait has; lines do not tell which others are meant."""
    there = torch.tensor([float(name in EVERYBODY) for name in PARTS.names])
    return colours * there[None, :, None].to(colours)


@dataclass(frozen=True)
class Networks:
    """What is needed: generator, label encoder and judges."""

    generator: Generator
    encoder: LabelEncoder
    judges: Judges

    @torch.no_grad()
    def draw(self, w_plus: Tensor) -> Tensor:
        """The picture of w_plus [1, num_ws, w_dim], [1, 3, h, w] in -1..1."""
        made: Tensor = self.generator.synthesis(w_plus, noise_mode="const").float().clamp(-1, 1)
        return made


def merged(colours: Tensor, over: Tensor) -> Tensor:
    """Colours [1, P, 4], with those in ``over`` that are known there laid over them."""
    return torch.where(over[..., 3:] > 0, over, colours)


@torch.no_grad()
def moved(
    nets: Networks,
    start: Tensor,
    wanted: Wanted,
    rounds: int,
    check_stop: Callable[[], None],
    own_colours: bool = False,
) -> tuple[Tensor, Tensor]:
    """The code [1, num_ws, w_dim] that draws what is wanted, and its picture [1, 3, h, w] in -1..1.

    ``own_colours``: the start's own colours are kept, whatever `wanted` says of parts that it has; what is new takes
    the colours in `wanted`. Of all rounds the one is taken whose parts come nearest.
    """
    w_plus, picture = start, nets.draw(start)
    best, least = (w_plus, picture), float("inf")
    colours, limit = wanted.colours, max(FARTHEST, float(_from_mean(nets, start).max()))
    for number in range(rounds + 1):
        parts, seen, _ = cells(nets.judges, picture)
        if own_colours and number == 0:
            colours = merged(wanted.colours, seen)
        off = _apart(wanted, parts) + COLOUR_COUNTS * _off_colour(of_parts(colours, parts), seen)
        if number and (off < least or number == 1):
            best, least = (w_plus, picture), off
        if number == rounds:
            break
        check_stop()
        step = nets.encoder(wanted.look(colours)) - nets.encoder(wanted.seen(parts, seen))
        w_plus = w_plus + STEP[min(number, len(STEP) - 1)] * step[:, None]
        shrink = (limit / _from_mean(nets, w_plus)).clamp(max=1)[..., None]
        w_plus = torch.lerp(nets.encoder.centre.expand_as(w_plus), w_plus, shrink)
        picture = nets.draw(w_plus)
    return best


def _from_mean(nets: Networks, w_plus: Tensor) -> Tensor:
    """How far each row is from the mean of W, in standard deviations: about 1 for seeds, [1, num_ws]."""
    return ((w_plus - nets.encoder.centre) / nets.encoder.deviation).square().mean(2).sqrt()


def _apart(wanted: Wanted, parts: Tensor) -> float:
    """How far the parts of a picture are from what is wanted: shares of cells, or mean difference of lines."""
    if wanted.parts is not None:
        return float((wanted.parts != parts).float().mean())
    assert wanted.lines is not None
    one, two = (torch.nn.functional.avg_pool2d(x, 5, 1, 2) for x in (wanted.lines, lines_of(parts)))
    return float((one - two).abs().mean())


def _off_colour(wanted: Tensor, seen: Tensor) -> float:
    """Mean difference (0..2) of colours [1, P, 4] over parts whose colour is known in both."""
    both = wanted[..., 3:] * seen[..., 3:]
    return float(((wanted - seen)[..., :3].abs() * both).sum() / (3 * both.sum()).clamp(min=1))
