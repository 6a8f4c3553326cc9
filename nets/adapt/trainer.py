"""One trainer for every way to adapt a generator: a copy of the synthesis network learns, the mapping stays.

So a code means the same person before and after, and directions found before work after (Gal et al. 2022, section 3;
Zhang et al. 2022, section 4.4). What is learned is given as a difference of weights, which is small when few layers
train.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from nets.adapt.pool import FIRST_SEED
from nets.inversion.delta import state_delta
from nets.inversion.half import half_height, image_at
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes
from nets.stylegan2.synthesis import Synthesis

BETAS = (0.0, 0.99)
"""Of Adam: no momentum, as generators are trained (Karras et al. 2020). So a state needs the second moments alone."""

FINEST = {"fine": 4, "middle": 8}
"""Layers train from the block on that is so many times smaller than the picture; ``"all"`` trains every one."""

FALL = 0.4
"""Share of the steps, the last ones, over which the step size falls to 0."""


class Objective(Protocol):
    """What an adapted picture should be like."""

    def begin(self, synthesis: Synthesis) -> None:
        """Change the copy before its first step, in its steps to colours only."""

    def people(self, w_plus: Tensor) -> Tensor:
        """Whom a step looks at, of codes [N, num_ws, w_dim] that were drawn for it."""

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar.

        Args:
            made: pictures of the trained copy [N, 3, h, w] in -1..1, at full or at half size.
            w_plus: their codes [N, num_ws, w_dim].
            step, share: the number of this step from 1, and what share of all that is.
        """

    def state(self) -> Mapping[str, Any]:
        """Plain data that `resume` takes; empty where nothing is gathered from step to step."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        steps: of Adam.
        learning_rate: its step size, falling to 0 over the last 40 %.
        layers: ``"fine"``, ``"middle"`` or ``"all"``: see `FINEST`.
        small: share of the steps, the first ones, that compare pictures of half the size, at a third of the cost.
        batch: people a step.
        truncation_psi: of their codes.
        seed: which people.
        label: class of the pictures, for a generator that has classes.
    """

    steps: int = 120
    learning_rate: float = 0.004
    layers: str = "middle"
    small: float = 0.75
    batch: int = 2
    truncation_psi: float = 0.8
    seed: int = 0
    label: int | None = None


class Adapted(NamedTuple):
    """Where training is after `step` of `steps`.

    loss: of this step. generator: the adapted one, live: it changes with the next step. delta: what was learned so
    far, name → difference, in half precision. state: plain data to go on from.
    """

    step: int
    steps: int
    loss: float
    generator: Generator
    delta: Callable[[], dict[str, Tensor]]
    state: Callable[[], dict[str, Any]]


def trained(synthesis: Synthesis, layers: str) -> dict[str, nn.Parameter]:
    """The tensors that train, by name. Of coarser blocks only the step to colours does: the palette needs it.

    Raises:
        ValueError: another word for `layers`.
    """
    if layers == "all":
        return dict(synthesis.named_parameters())
    if layers not in FINEST:
        raise ValueError(f"layers: {layers!r} is not one of {', '.join([*FINEST, 'all'])}")
    heights = synthesis.config.heights
    found = {}
    for name, parameter in synthesis.named_parameters():
        part = name.split(".")
        coloured = part[2:] in (["rgb", "weight"], ["rgb", "bias"])
        if part[0] == "blocks" and (int(part[1]) * FINEST[layers] >= heights[-1] or coloured):
            found[name] = parameter
    return found


@torch.inference_mode(False)
@torch.enable_grad()
def adapt(
    generator: Generator,
    objective: Objective,
    plan: Plan,
    state: Mapping[str, Any] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Adapted]:
    """Train a copy of the synthesis network, one `Adapted` a step. The generator itself is not changed.

    Args:
        state: what `Adapted.state` gave in an earlier call with the same generator, objective and plan.
        stopping: asked a few times within each step; once it says so, the step that was begun is given up, and what
            the one before gave is the last.

    Raises:
        ValueError: a number is out of its range. FloatingPointError: the loss is not finite.
    """
    if plan.steps < 1 or plan.batch < 1 or not 0 < plan.learning_rate < math.inf:
        raise ValueError("steps and batch must be at least 1, and learning_rate above 0")
    synthesis = copy.deepcopy(generator.synthesis).requires_grad_(False)
    free = trained(synthesis, plan.layers)
    for parameter in free.values():
        parameter.requires_grad_(True)
    optimiser = torch.optim.Adam(free.values(), plan.learning_rate, betas=BETAS)
    done = 0
    if state:
        done = _resume(free, optimiser, objective, state)
    else:
        with torch.no_grad():
            objective.begin(synthesis)
    half, adapted = half_height(synthesis), _with(generator, synthesis)
    for step in range(done + 1, plan.steps + 1):
        w_plus = objective.people(codes(generator, _seeds(plan, step), plan.truncation_psi, plan.label))
        made = image_at(synthesis, w_plus, half if step <= plan.small * plan.steps else None)
        if stopping():
            return
        loss = objective(made, w_plus, step, step / plan.steps)
        if stopping():
            return
        if not math.isfinite(now := loss.item()):
            raise FloatingPointError(f"the loss is not finite after {step - 1} steps; lower the learning rate")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if stopping():
            return
        rate = plan.learning_rate * min(1.0, (plan.steps - step + 1) / (FALL * plan.steps))
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
        yield Adapted(
            step,
            plan.steps,
            now,
            adapted,
            lambda: _delta(generator, free),
            lambda step=step: _state(step, free, optimiser, objective),  # type: ignore[misc]
        )


def _seeds(plan: Plan, step: int) -> list[int]:
    first = FIRST_SEED + plan.seed % 100_000 * 10_000 + step * plan.batch
    return [(first + n) % 2**32 for n in range(plan.batch)]


def _with(generator: Generator, synthesis: Synthesis) -> Generator:
    """A generator with that synthesis and the same mapping."""
    adapted = copy.copy(generator)
    adapted._modules = dict(generator._modules)
    adapted.synthesis = synthesis
    return adapted


def _delta(generator: Generator, free: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    before = {name: generator.synthesis.get_parameter(name) for name in free}
    return {f"synthesis.{name}": value for name, value in state_delta(before, free).items()}


def _state(
    step: int, free: Mapping[str, nn.Parameter], optimiser: torch.optim.Adam, objective: Objective
) -> dict[str, Any]:
    known = {name: optimiser.state[value] for name, value in free.items() if value in optimiser.state}
    return {
        "step": step,
        "weights": {name: _array(value) for name, value in free.items()},
        "squares": {name: _array(row["exp_avg_sq"]) for name, row in known.items()},
        "counts": {name: _array(row["step"]) for name, row in known.items()},  # layers join in with the full size
        "objective": dict(objective.state()),
    }


def _resume(
    free: Mapping[str, nn.Parameter], optimiser: torch.optim.Adam, objective: Objective, state: Mapping[str, Any]
) -> int:
    step = int(state["step"])
    with torch.no_grad():
        for name, value in free.items():
            value.copy_(torch.from_numpy(np.array(state["weights"][name])))
            if name in state["squares"]:
                squares = torch.from_numpy(np.array(state["squares"][name])).to(value)
                count = torch.tensor(float(state["counts"][name]))
                kept = {"step": count, "exp_avg": torch.zeros_like(value), "exp_avg_sq": squares}
                optimiser.state[value] = kept
    objective.resume(state["objective"])
    return step


def _array(value: Tensor) -> np.ndarray:
    return value.detach().float().cpu().numpy().copy()
