"""A film of a generator's pictures, carried over to the photograph they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.carrier import Carrier
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import between, picture

LOOKS = 9
"""Pictures of a film that are looked at beforehand, to know how far it moves."""


def carried_film(
    over: Carrier, generator: Generator, start: Tensor, codes: Tensor, frames: Iterable[Tensor], longest: int
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
    """
    looks = torch.linspace(0, len(codes) - 1, min(LOOKS, len(codes))).round().long().unique()
    steps = max(over.steps_to(picture(generator, codes[look : look + 1])) for look in looks.tolist())
    for code, frame in zip(codes, frames, strict=True):
        way = partial(between, generator, start, code)
        yield _sized(over.carried((frame * 255).round() / 255, between=way, steps=steps).image, longest)


def _sized(image: Tensor, longest: int) -> Tensor:
    scale = longest / max(image.shape[1:])
    if scale >= 1:
        return image
    return F.interpolate(image[None], [max(2, round(side * scale)) for side in image.shape[1:]], mode="area")[0]
