"""A film of a generator's pictures, carried over to the photograph they came from."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.carrier import Carrier
from nets.carry.flow import length
from nets.carry.movement import Movement
from nets.carry.settled import Asked
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import between, picture

LOOKS = 9
"""Pictures of a film that are looked at beforehand, to know how far it moves."""
NEIGHBOURS = (6.0, 4.0, 1.0)
"""What a frame counts in its own mean, and those one and two frames away from it, where nothing else speaks."""
ALIKE = 0.0015
"""Mean difference of two movements, in shares of the side, from which on they hardly are the same."""
MAPS = ("field", "change", "fresh", "lids", "glasses", "behind", "mouth", "eyes")


def carried_film(
    over: Carrier,
    generator: Generator,
    start: Tensor,
    codes: Tensor,
    frames: Iterable[Tensor],
    longest: int,
    asked: Callable[[Tensor], Asked | None] = lambda code: None,
) -> Iterator[Tensor]:
    """The photograph in the place of every frame, [3, h, w] in 0..1.

    Each frame is carried over from the first picture by itself, so a film that ends as it began does so in the
    photograph too; and all in the same number of steps, as many as the farthest needs, so that none of them jumps.

    Args:
        over: the photograph's carrier.
        generator: what drew the frames.
        start: the code of the first picture, [num_ws, w_dim].
        codes: of the frames, [N, num_ws, w_dim].
        frames: the generator's pictures [3, s, s] in 0..1, of the carrier's size.
        longest: the longer side of the film in pixels, at most.
        asked: tells what a code [num_ws, w_dim] was to do, see `settled`.
    """
    looks = torch.linspace(0, len(codes) - 1, min(LOOKS, len(codes))).round().long().unique()
    steps = max(over.steps_to(picture(generator, codes[look : look + 1])) for look in looks.tolist())
    reads = (
        over.read((frame * 255).round() / 255, between=partial(between, generator, start, code), steps=steps)
        for code, frame in zip(codes, frames, strict=True)
    )
    for read, code in zip(steady(reads), codes, strict=True):
        yield _sized(over.ground.carried(read, asked(code)).image, longest)


def steady(reads: Iterable[Movement]) -> Iterator[Movement]:
    """The movements of a film's frames, without the trembling of what is read frame by frame.

    Each is a mean with its neighbours, as far as they are alike: what moves quickly stays as it is, and so does a frame
    in which nothing happened.
    """
    source, past = iter(reads), deque[Movement](maxlen=len(NEIGHBOURS) - 1)
    ahead = deque(islice(source, len(NEIGHBOURS)))
    while ahead:
        now = ahead.popleft()
        yield _averaged(now, [*enumerate(reversed(past), 1), *enumerate(ahead, 1)])
        past.append(now)
        ahead.extend(islice(source, 1))


def _averaged(now: Movement, others: list[tuple[int, Movement]]) -> Movement:
    """The mean of a movement and others, so many frames away."""
    if not bool(now.field.any()) and not bool(now.fresh.any()) and not bool(now.change.any()):
        return now
    weights = [NEIGHBOURS[0]]
    for away, other in others:
        off = float(length(other.field - now.field, -1).mean()) / ALIKE
        weights.append(NEIGHBOURS[away] * math.exp(-off * off))
    total, rows = sum(weights), [now, *(other for _, other in others)]

    def mean(name: str) -> Tensor:
        maps = (weight * getattr(row, name) for weight, row in zip(weights, rows, strict=True))
        return torch.stack(list(maps)).sum(0) / total

    left, right = (sum(w * row.closed[eye] for w, row in zip(weights, rows, strict=True)) / total for eye in (0, 1))
    apart, widened = (
        sum(weight * getattr(row, name) for weight, row in zip(weights, rows, strict=True)) / total
        for name in ("apart", "widened")
    )
    return now._replace(**{name: mean(name) for name in MAPS}, closed=(left, right), apart=apart, widened=widened)


def _sized(image: Tensor, longest: int) -> Tensor:
    scale = longest / max(image.shape[1:])
    if scale >= 1:
        return image
    return F.interpolate(image[None], [max(2, round(side * scale)) for side in image.shape[1:]], mode="area")[0]
