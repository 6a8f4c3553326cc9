"""From an aligned picture to a code, and from there to a generator of its own.

A first guess (an encoder, or the nearest of many samples), optimisation in W+ (Abdal et al. 2019) and pivotal tuning
(Roich et al. 2021); each stage goes on from the best of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nets.inversion import PyramidDistance, optimise, pivotal_tuning, with_delta
from nets.stylegan2 import Generator

Delta = Mapping[str, Tensor]
CHUNK = 8  # samples drawn at a time


@dataclass(frozen=True)
class Found:
    """Where an inversion is.

    Attributes:
        w_plus: [1, num_ws, w_dim], the best so far.
        image: [1, C, H, W] in -1..1, what the generator draws there.
        done: evaluations so far, of all stages.
        stage: ``"start"``, ``"code"`` or ``"tuning"``.
        delta: makes the state delta of the tuned generator; None before tuning.
    """

    w_plus: Tensor
    image: Tensor
    done: int
    stage: str
    delta: Callable[[], Delta] | None = None

    def state(self) -> dict[str, Any]:
        """As plain data from which `invert` goes on."""
        delta = {name: value.numpy() for name, value in self.delta().items()} if self.delta else None
        return {"w_plus": self.w_plus.cpu().numpy(), "done": self.done, "delta": delta}


@dataclass(frozen=True)
class Effort:
    """How much is done: evaluations and step sizes of both stages, and how firmly the code stays near its start."""

    steps: int
    tuning: int
    learning_rate: float
    tuning_rate: float
    hold: float = 0.0


def deviation(generator: Generator, samples: int = 256) -> Tensor:
    """Standard deviation of w [w_dim] over samples of the mapping network."""
    with torch.no_grad():
        w = generator.mapping(generator.z(range(samples)), _labels(generator, samples))[:, 0]
        return w.std(0).clamp(min=1e-3)


def mean_code(generator: Generator) -> Tensor:
    """w_plus [1, num_ws, w_dim] of the mean picture."""
    return generator.mapping.rows(generator.mapping.w_avg[None].float())


def nearest(generator: Generator, image: Tensor, candidates: int, seed: int, truncation_psi: float = 0.8) -> Tensor:
    """w_plus of the sample, of so many, whose picture is nearest to `image` [1, C, H, W]."""
    distance, best, kept = PyramidDistance(), float("inf"), mean_code(generator)
    random = np.random.RandomState(seed)
    with torch.no_grad():
        while candidates > 0:
            count = min(CHUNK, candidates)
            candidates -= count
            z = torch.from_numpy(random.randn(count, generator.config.z_dim)).to(image.device, torch.float32)
            w_plus = generator.mapping(z, _labels(generator, count), truncation_psi)
            apart = distance(generator.synthesis(w_plus), image.expand(count, -1, -1, -1))
            if float(apart.min()) < best:
                best, kept = float(apart.min()), w_plus[apart.argmin()][None]
    return kept


def invert(
    generator: Generator, image: Tensor, start: Tensor, effort: Effort, state: Mapping[str, Any] | None = None
) -> Iterator[Found]:
    """The two stages, one `Found` per evaluation, beginning with the start itself.

    Args:
        generator: is not changed.
        image: what is wanted, [1, C, H, W] in -1..1.
        start: w_plus to begin with, [1, num_ws, w_dim].
        effort: how much is done.
        state: what `Found.state` gave in an earlier call; it goes on from there.
    """
    before = _resumed(generator, image, state)
    if before is None:
        with torch.no_grad():
            before = Found(start, generator.synthesis(start), 0, "start")
        yield before
    last = before
    for last in _coded(generator, image, before, effort):
        yield last
    yield from _tuned(generator, image, last, effort)


def _coded(generator: Generator, image: Tensor, before: Found, effort: Effort) -> Iterator[Found]:
    left = effort.steps - before.done if before.delta is None else 0
    if left <= 0:
        return
    rate, unit = effort.learning_rate, deviation(generator)
    for progress in optimise(
        generator, image, before.w_plus, steps=left, learning_rate=rate, spread=unit, pull=effort.hold
    ):
        yield Found(progress.w_plus, progress.image, before.done + progress.step, "code")


def _tuned(generator: Generator, image: Tensor, before: Found, effort: Effort) -> Iterator[Found]:
    earlier = before.delta() if before.delta else {}
    base = with_delta(generator, earlier) if earlier else generator
    left = effort.steps + effort.tuning - before.done
    if effort.tuning <= 0 or left <= 0:
        return
    for progress in pivotal_tuning(base, image, before.w_plus, steps=left, learning_rate=effort.tuning_rate):

        def delta(make: Callable[[], Delta] = progress.delta) -> Delta:
            return _sum(earlier, make())

        done = before.done + progress.step
        yield replace(before, image=progress.image, done=done, stage="tuning", delta=delta)


def _sum(first: Delta, second: Delta) -> dict[str, Tensor]:
    names = first.keys() | second.keys()
    half = torch.float16
    return {
        name: sum((part[name].float() for part in (first, second) if name in part), torch.zeros(())).to(half)
        for name in sorted(names)
    }


def _resumed(generator: Generator, image: Tensor, state: Mapping[str, Any] | None) -> Found | None:
    if state is None:
        return None
    w_plus = torch.from_numpy(np.array(state["w_plus"])).to(image)
    delta = {name: torch.from_numpy(np.array(value)) for name, value in (state["delta"] or {}).items()}
    with torch.no_grad():
        drawn = (with_delta(generator, delta) if delta else generator).synthesis(w_plus)
    stage = "tuning" if delta else "code"
    return Found(w_plus, drawn, int(state["done"]), stage, (lambda: delta) if delta else None)


def _labels(generator: Generator, count: int) -> Tensor | None:
    """Labels in turn for a conditional generator."""
    classes = generator.config.c_dim
    if not classes:
        return None
    return torch.nn.functional.one_hot(torch.arange(count) % classes, classes).float()


def picture(image: Tensor) -> Tensor:
    """[1, C, H, W] in -1..1 as [3, H, W] in 0..1 on the CPU; grey is repeated."""
    return (image[0].detach().float() / 2 + 0.5).clamp(0, 1).expand(3, -1, -1).cpu()


def error_map(made: Tensor, wanted: Tensor) -> Tensor:
    """Where two pictures [3, H, W] in 0..1 differ: from black for equal over red and yellow to white, a third apart."""
    heat = ((made - wanted).abs().mean(0) * 9).clamp(0, 3)
    return torch.stack([heat.clamp(0, 1), (heat - 1).clamp(0, 1), (heat - 2).clamp(0, 1)])


def levels(image: Tensor) -> NDArray[np.uint8]:
    """[3, H, W] in 0..1 as uint8 [H, W, 3]."""
    pixels: NDArray[np.uint8] = (image * 255 + 0.5).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    return pixels
