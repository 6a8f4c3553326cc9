"""Pivotal tuning: w_plus stays, and a copy of the generator learns to draw the picture there.

Roich et al. 2021, "Pivotal Tuning for Latent-based Editing of Real Images". Equation 3 is the reconstruction, equations
5 and 6 the locality regularisation, which keeps the rest of the space as it was.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nets.inversion.delta import state_delta
from nets.inversion.distance import Distance, PyramidDistance
from nets.inversion.going_on import State, moments, plain, set_moments, tensor
from nets.inversion.half import enlarged, half_height, image_at, shrunk
from nets.inversion.optimise import _check, schedule
from nets.stylegan2 import Generator
from nets.stylegan2.synthesis import Synthesis


class TuningProgress(NamedTuple):
    """Where tuning is after `step` of `steps` evaluations.

    loss: distance now; best: the lowest so far. image [N, C, H, W]: of the best so far, detached.
    delta: call it for the best weights so far, as name → difference from the generator's tensors, in half precision
        unless another dtype is given. It costs a copy of the weights, so ask for it once, at the end.
    state: call it before the next step for what `pivotal_tuning` needs as `before` to go on from here. It costs four
        copies of the weights.
    """

    step: int
    steps: int
    loss: float
    best: float
    image: Tensor
    delta: Callable[..., dict[str, Tensor]]
    state: Callable[[], dict[str, Any]]


class _Best:
    """The best weights so far, and what they draw at the pivot."""

    def __init__(self, generator: Generator, image: Tensor) -> None:
        self.generator, self.image = generator, image
        self.loss, self.kept = math.inf, dict[str, Tensor]()

    def resumed(self, before: State) -> _Best:
        """As it was when `plain` was called."""
        self.loss, self.image = float(before["loss"]), tensor(before["image"], self.image)
        self.kept = {name: tensor(value, self.image) for name, value in before["kept"].items()}
        return self

    def plain(self) -> dict[str, Any]:
        """For another call."""
        return {"loss": self.loss, **plain({"image": self.image}), "kept": plain(self.kept)}

    def offer(self, loss: float, made: Tensor, tuned: Synthesis) -> None:
        """Keep a copy of these weights if they are better."""
        if loss < self.loss:
            self.loss, self.image = loss, made.detach()
            self.kept = {name: value.detach().clone() for name, value in tuned.named_parameters()}

    def delta(self) -> Callable[..., dict[str, Tensor]]:
        """See `TuningProgress.delta`; bound to the weights that are the best now."""
        return partial(_delta, self.generator, self.kept)


def _delta(generator: Generator, kept: dict[str, Tensor], dtype: torch.dtype = torch.float16) -> dict[str, Tensor]:
    before = {name: generator.synthesis.get_parameter(name) for name in kept}
    return {f"synthesis.{name}": value for name, value in state_delta(before, kept, dtype).items()}


class _Locality:
    """Equations 5 and 6: near the pivot, but not at it, the tuned network draws what the original one draws."""

    def __init__(self, generator: Generator, pivot: Tensor, reach: float, distance: Distance, seed: int) -> None:
        self.generator, self.pivot, self.reach, self.distance = generator, pivot, reach, distance
        self.random = torch.Generator().manual_seed(seed)

    def __call__(self, tuned: Synthesis) -> Tensor:
        """Mean distance at one random code per pivot."""
        config, n = self.generator.config, len(self.pivot)
        with torch.no_grad():
            c = None
            if config.c_dim:
                labels = torch.randint(config.c_dim, (n,), generator=self.random)
                c = torch.nn.functional.one_hot(labels, config.c_dim).float().to(self.pivot.device)
            z = torch.randn(n, config.z_dim, generator=self.random).to(self.pivot.device)
            away = self.generator.mapping(z, c) - self.pivot
            length = away.square().sum(2, keepdim=True).mean(1, keepdim=True).sqrt().clamp(min=1e-8)
            near = self.pivot + self.reach * away / length
            wanted = self.generator.synthesis(near)
        return self.distance(tuned(near), wanted).mean()


@torch.inference_mode(False)
@torch.enable_grad()
def pivotal_tuning(
    generator: Generator,
    image: Tensor,
    w_plus: Tensor,
    *,
    steps: int = 150,
    learning_rate: float = 1e-3,
    distance: Distance | None = None,
    target: float = 0.0,
    locality: float = 0.0,
    reach: float = 30.0,
    locality_every: int = 4,
    seed: int = 0,
    half: float = 0.0,
    before: State | None = None,
) -> Iterator[TuningProgress]:
    """Fine-tunes a copy of the synthesis network at the pivot `w_plus` by Adam.

    Args:
        generator: is not changed.
        image: what is wanted at the pivot, [N, C, H, W] in -1..1, of the generator's size.
        w_plus: the pivot, [N, num_ws, w_dim]; several pictures share one tuned network.
        steps: evaluations; the first is of the untuned network.
        learning_rate: step of Adam at its height. The paper's is 3e-4, for 350 steps of a 1024 pixel network.
        distance: what is minimised; `PyramidDistance()` when None.
        target: tuning ends when the distance is this low (the paper stops at LPIPS 0.06).
        locality: weight of the locality regularisation, off at 0 as in the published code; the paper's is 0.1.
        reach: how far from the pivot it looks, in units of w; the paper's alpha is 30.
        locality_every: it is taken at every so many steps, with that many times its weight.
        seed: of its random codes.
        half: share of the steps, the first ones, that compare at half size, at a third of the cost. The best of them is
            where the full size begins.
        before: what `TuningProgress.state` gave in an earlier call with the same arguments; the same steps follow.

    Yields:
        TuningProgress after every evaluation.

    Raises:
        ValueError: a shape does not fit, or a number is out of its range. FloatingPointError: the loss is not finite.
    """
    _check(generator, image, w_plus, steps, learning_rate)
    if locality < 0 or locality_every < 1:
        raise ValueError("locality: must not be negative, and locality_every at least 1")
    wanted, pivot = image.detach().clone(), w_plus.detach().clone()
    distance = distance or PyramidDistance()
    tuned = copy.deepcopy(generator.synthesis).requires_grad_(True)
    optimiser = torch.optim.Adam(tuned.parameters(), learning_rate, betas=(0.9, 0.999))
    elsewhere = _Locality(generator, pivot, reach, distance, seed) if locality else None
    best = _Best(generator, wanted)
    height = half_height(generator.synthesis)
    first = int(steps * half) if height else 0
    small = shrunk(wanted, height)
    if before is not None:
        _resume(tuned, optimiser, elsewhere, before)
        best = best.resumed(before["best"])
    for step in range(int(before["step"]) + 1 if before else 1, steps + 1):
        if step == first + 1:
            best = _Best(generator, wanted)  # a distance at another size is another one
        made = image_at(tuned, pivot, height if step <= first else None)
        loss = distance(made, small if step <= first else wanted).mean()
        now = loss.item()
        if not math.isfinite(now):
            raise FloatingPointError(f"the distance is not finite after {step - 1} steps; lower the learning rate")
        best.offer(now, enlarged(made, wanted), tuned)
        over = step == steps or now <= target
        if not over:
            if elsewhere is not None and step % locality_every == 0:
                loss = loss + locality * locality_every * elsewhere(tuned)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.param_groups[0]["lr"] = learning_rate * schedule(step / steps)
            optimiser.step()
        state = partial(_state, step, tuned, optimiser, elsewhere, best)
        yield TuningProgress(step, steps, now, best.loss, best.image, best.delta(), state)
        if over:
            return


def _state(
    step: int, tuned: Synthesis, optimiser: torch.optim.Adam, elsewhere: _Locality | None, best: _Best
) -> dict[str, Any]:
    values = dict(tuned.named_parameters())
    random = None if elsewhere is None else elsewhere.random.get_state().numpy().copy()
    return {
        "step": step, "tuned": plain(values), "adam": moments(optimiser, values), "random": random,
        "best": best.plain(),
    }  # fmt: skip


@torch.no_grad()
def _resume(tuned: Synthesis, optimiser: torch.optim.Adam, elsewhere: _Locality | None, before: State) -> None:
    values = dict(tuned.named_parameters())
    for name, value in values.items():
        value.copy_(tensor(before["tuned"][name], value))
    set_moments(optimiser, values, before["adam"])
    if elsewhere is not None:
        elsewhere.random.set_state(torch.from_numpy(before["random"]))
