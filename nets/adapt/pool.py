"""Portraits that stand for all that a generator draws: what its colours are, where its mean lies."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from nets.adapt.sizes import rgb
from nets.inversion.half import half_height, image_at
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes

FIRST_SEED = 10_000
"""Seeds from here on are trained on, and those just before it are looked at here; nobody's gallery shows them."""

AT_ONCE = 4
_drawn: WeakKeyDictionary[Generator, dict[tuple[object, ...], Tensor]] = WeakKeyDictionary()


@torch.inference_mode(False)
@torch.no_grad()
def portraits(generator: Generator, count: int, psi: float, label: int | None = None, least: int = 0) -> Tensor:
    """[count, 3, h, w] in 0..1, of half the size where that is not below `least` pixels. They are kept with it."""
    key = (count, psi, label, least)
    known = _drawn.setdefault(generator, {})
    if key not in known:
        half = half_height(generator.synthesis)
        half = half if half is not None and half >= least else None
        pool = codes(generator, range(FIRST_SEED - count, FIRST_SEED), psi, label)
        known.clear()
        known[key] = torch.cat([rgb(image_at(generator.synthesis, w, half)) for w in pool.split(AT_ONCE)])
    return known[key]
