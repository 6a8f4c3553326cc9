"""From an aligned picture to a code, and from there to a generator of its own.

From a first guess (`editors.inversion.start`) on: optimisation in W+ (Abdal et al. 2019), then pivotal tuning (Roich et
al. 2021); each stage goes on from the best of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from editors.inversion.start import FAR, deviation
from nets.inversion import (
    Distance,
    PyramidDistance,
    WeightedSum,
    enlarged,
    half_height,
    optimise,
    pivotal_tuning,
)
from nets.inversion.going_on import State, plain, tensor
from nets.stylegan2 import Generator

Delta = Mapping[str, Tensor]
TUNING_RATE = 0.003 * 128
"""Adam's step for a generator of one pixel: about the paper's 3e-4 at 1024 pixels."""
SMALL, FASTER = 256, 3
"""Up to so many pixels three times that is a decibel nearer after the same time, and nothing breaks."""
HALF = 0.6
"""Share of a tuning that compares at half size: 25 dB in half the time."""
ALIGN = 10.0
"""What a landmark that lies off by the picture's side counts in the search for a code, beside `PyramidDistance`."""
ALIGNED_HOLD = 0.2
"""Share of the hold that is left where landmarks guide the search: they keep it in the generator's world."""


@dataclass(frozen=True)
class Found:
    """Where an inversion is.

    Attributes:
        w_plus: [1, num_ws, w_dim], the best so far.
        image: [1, C, H, W] in -1..1, what the generator draws there.
        done: evaluations so far, of all stages.
        stage: ``"start"``, ``"sketch"`` (see `editors.inversion.sketch`), ``"code"`` or ``"tuning"``.
        delta: makes the state delta of the tuned generator; None before tuning.
        going: makes what its loop needs to go on from here, before the next evaluation; None where that is not offered.
    """

    w_plus: Tensor
    image: Tensor
    done: int
    stage: str
    delta: Callable[[], Delta] | None = None
    going: Callable[[], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Effort:
    """How much is done: evaluations and step sizes of both stages, and how firmly a far start is held.

    Without `hold`, the code of a picture from another world leaves the generator's own: a blur that looks nearer, and
    that no edit knows what to do with. A picture that the generator can draw is hardly held at all.
    """

    steps: int
    tuning: int
    learning_rate: float
    tuning_rate: float
    hold: float = 1.5


def face_weight(size: int) -> Tensor:
    """What pixels of an aligned face count when tuning, [1, 1, size, size]: eyes and mouth are small, but matter."""
    at = (torch.arange(size) + 0.5) / size
    off = ((at[None] - 0.5) / 0.2).square() + ((at[:, None] - 0.6) / 0.24).square()
    return (1 + 4 * torch.exp(-off.square()))[None, None]


def tuning_rate(size: int) -> float:
    """Adam's step for a generator of that many pixels."""
    return TUNING_RATE / size * (FASTER if size <= SMALL else 1)


def invert(
    generator: Generator,
    image: Tensor,
    start: Tensor,
    effort: Effort,
    state: Mapping[str, Any] | None = None,
    weight: Tensor | None = None,
    loss: Distance | None = None,
    guide: Distance | None = None,
) -> Iterator[Found]:
    """The two stages, one `Found` per evaluation, beginning with the start itself.

    Args:
        generator: is not changed.
        image: what is wanted, [1, C, H, W] in -1..1.
        start: w_plus to begin with, [1, num_ws, w_dim].
        effort: how much is done.
        state: what `Found.going` gave in an earlier call with the same arguments; the same evaluations follow.
        weight: what each pixel counts when tuning, see `face_weight`.
        loss: what tuning minimises instead of our own distance with that weight.
        guide: how far eyes, mouth and outline lie from where they should be; edits then work where they belong.
    """
    state = state or {}
    if "from" in state:
        start = tensor(state["from"], image)
    with torch.no_grad():
        before = Found(start, generator.synthesis(start), 0, "start")
    if not state:
        yield before
    last = before
    if "code" in state:
        found = state["code"]
        code, made = (tensor(found[name], image) for name in ("code", "image"))
        last = Found(code, enlarged(made, image), int(found["step"]), "code")
    if "pivot" in state:
        last = Found(tensor(state["pivot"], image), before.image, effort.steps, "code")
    else:
        for last in _coded(generator, image, before, effort, weight, guide, state.get("code")):
            yield last
    loss = loss or PyramidDistance(weight=weight)
    yield from _tuned(generator, image, last, effort, loss, state.get("tuning"))


def _coded(
    generator: Generator,
    image: Tensor,
    before: Found,
    effort: Effort,
    weight: Tensor | None,
    guide: Distance | None,
    going: State | None,
) -> Iterator[Found]:
    if effort.steps <= 0:
        return
    rate, unit = effort.learning_rate, deviation(generator)
    far = float(PyramidDistance()(before.image, image).mean())
    foreign = min(1.0, far / FAR) ** 2
    distance: Distance = PyramidDistance()
    pull, height = effort.hold * foreign, None
    if guide is not None and far >= FAR:
        pull, height = pull * ALIGNED_HOLD, half_height(generator.synthesis)
        distance = WeightedSum([(1.0, PyramidDistance(weight=weight)), (ALIGN, guide)])
    how = {"learning_rate": rate, "spread": unit, "pull": pull, "distance": distance, "height": height}
    for progress in optimise(generator, image, before.w_plus, steps=effort.steps, before=going, **how):
        made = enlarged(progress.image, image)
        if height and progress.step == effort.steps:  # the stage ends with what the generator really draws
            with torch.no_grad():
                made = generator.synthesis(progress.w_plus)

        def state(make: Callable[[], dict[str, Any]] = progress.state) -> dict[str, Any]:
            return plain({"from": before.w_plus}) | {"code": make()}

        yield Found(progress.w_plus, made, progress.step, "code", going=state)


def _tuned(
    generator: Generator, image: Tensor, before: Found, effort: Effort, distance: Distance, going: State | None
) -> Iterator[Found]:
    if effort.tuning <= 0:
        return
    rate = effort.tuning_rate or tuning_rate(generator.config.resolution[0])
    how = {"steps": effort.tuning, "learning_rate": rate, "distance": distance, "half": HALF, "before": going}
    for progress in pivotal_tuning(generator, image, before.w_plus, **how):

        def state(make: Callable[[], dict[str, Any]] = progress.state) -> dict[str, Any]:
            return plain({"from": before.w_plus, "pivot": before.w_plus}) | {"tuning": make()}

        done, delta = effort.steps + progress.step, progress.delta
        yield replace(before, image=progress.image, done=done, stage="tuning", delta=delta, going=state)


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
