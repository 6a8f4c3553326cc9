"""Where the search for a code begins, if no encoder tells: the mean, or the nearest of many samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from nets.inversion import PyramidDistance
from nets.stylegan2 import Generator

CHUNK = 8  # samples drawn at a time
PER_CLASS = 32  # samples that tell the mean of a class
REFINE, REFINE_RATE = 40, 0.05  # Adam's steps in Z from the nearest sample

FAR = 0.3
"""Distance of a start from which on it is held as firmly as asked: there is nothing in this generator's world."""


def deviation(generator: Generator, samples: int = 256) -> Tensor:
    """Standard deviation of w [w_dim] over samples of the mapping network."""
    with torch.no_grad():
        w = generator.mapping(generator.z(range(samples)), _labels(generator, samples))[:, 0]
        return w.std(0).clamp(min=1e-3)


def mean_code(generator: Generator) -> Tensor:
    """w_plus [1, num_ws, w_dim] of the mean picture."""
    return generator.mapping.rows(generator.mapping.w_avg[None].float())


@torch.no_grad()
def apart(generator: Generator, w_plus: Tensor, image: Tensor) -> float:
    """How far what the generator draws at a code is from a picture."""
    return float(PyramidDistance()(generator.synthesis(w_plus), image).mean())


def nearest(
    generator: Generator,
    image: Tensor,
    candidates: int,
    seed: int,
    stopping: Callable[[], object] = bool,
    kind: int | None = None,
) -> tuple[Tensor, int | None]:
    """w_plus of the nearest of so many samples to `image` [1, C, H, W], improved in Z, where it cannot leave its world.

    `stopping` is called between evaluations, and may raise. `kind`: the class to draw; None draws classes in turn.
    Returns the code and its class, None for a generator without classes.
    """
    distance, random = PyramidDistance(), np.random.RandomState(seed)
    best, found, label = float("inf"), None, None
    with torch.no_grad():
        for first in range(0, candidates, CHUNK):
            stopping()
            count = min(CHUNK, candidates - first)
            z = torch.from_numpy(random.randn(count, generator.config.z_dim)).to(image.device, torch.float32)
            labels = _labels(generator, count, first, kind)
            far = distance(generator.synthesis(generator.mapping(z, labels)), image.expand(count, -1, -1, -1))
            if float(far.min()) < best:
                at = int(far.argmin())
                best, found, label = float(far[at]), z[at][None], None if labels is None else labels[at][None]
    if found is None:
        return mean_code(generator), None
    return _refined(generator, image, found, label, stopping), None if label is None else int(label.argmax())


@torch.no_grad()
def likely_class(generator: Generator, w_plus: Tensor) -> int | None:
    """The class whose mean of w is nearest to a code [1, num_ws, w_dim]; None for a generator without classes."""
    best, found = float("inf"), None
    z = generator.z(range(PER_CLASS))
    for label in range(generator.config.c_dim):
        labels = _labels(generator, PER_CLASS, kind=label)
        far = float((generator.mapping.w(z, labels).mean(0) - w_plus[0].mean(0).to(z)).square().sum())
        if far < best:
            best, found = far, label
    return found


@torch.enable_grad()
def _refined(
    generator: Generator, image: Tensor, z: Tensor, label: Tensor | None, stopping: Callable[[], object]
) -> Tensor:
    """The nearest w_plus on a way downhill from z. The mapping looks at z's direction only: it stays on its sphere."""
    distance, z = PyramidDistance(), z.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([z], REFINE_RATE)
    best, kept = float("inf"), None
    for _ in range(REFINE):
        stopping()
        w_plus = generator.mapping(z, label)
        far = distance(generator.synthesis(w_plus), image).sum()
        if far.item() < best:
            best, kept = far.item(), w_plus.detach()
        (z.grad,) = torch.autograd.grad(far, z)
        optimiser.step()
    return mean_code(generator) if kept is None else kept


def _labels(generator: Generator, count: int, first: int = 0, kind: int | None = None) -> Tensor | None:
    """Labels for a conditional generator: all of one class, or all classes in turn, counted from `first`."""
    classes = generator.config.c_dim
    if not classes:
        return None
    at = torch.arange(first, first + count) % classes if kind is None else torch.full((count,), kind)
    return torch.nn.functional.one_hot(at, classes).float()
