"""A further style, learned out of one picture from the nearest one that is known.

Its palette and its paint are known at once (`nets.fast_style.paint`), so that it can paint from the first step on; its
strokes are learned. They begin as those of the known style that comes closest in the new palette and on the new paint,
or as none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nets.fast_style.lesson import KERNELS, Lesson, Taught, pieces
from nets.fast_style.network import FastStyle
from nets.fast_style.objective import Objective
from nets.fast_style.paint import KNOWN, STROKES, known_at_once
from nets.fast_style.palette import looked_up
from nets.fast_style.rows import parameters_by_style, rows_of, with_styles

NAME = "taught"
RESTRAINT = 25.0
"""What strokes over the paint cost, by their mean square: loud marks, which a loss falls for soonest, are dear."""

JUDGED = 4
"""Pieces that every judgement looks at; they are not learned from."""


class Pupil:
    """A network with the new style alone, and what its rows are judged by.

    Args:
        net: the network, which is not changed.
        objective: of the new style, as its only one.
        photographs: [3, h, w] in -1..1, each at least as large as a piece.
        style: the picture [1, 3, h, w] in -1..1, and which of its pixels are there ([1, 1, h, w]; None: all).
        lesson: how to learn.
    """

    def __init__(
        self,
        net: FastStyle,
        objective: Objective,
        photographs: Sequence[Tensor],
        style: tuple[Tensor, Tensor | None],
        lesson: Lesson,
    ) -> None:
        self.objective, self.photographs, self.lesson = objective, photographs, lesson
        self.judged = pieces(photographs, lesson.size, np.random.default_rng([lesson.seed, 0]), JUDGED)
        known = known_at_once(photographs, *style)
        self.palette, starts = known["palette"], [rows_of(net, name) | known for name in net.config.styles]
        still = starts[0] | {name: torch.zeros_like(starts[0][name]) for name in STROKES}
        starts = [rows for rows in starts if any(rows[name].any() for name in STROKES)]
        starts.append(still)  # what only lays paint, and has to learn strokes
        nets = [with_styles(net, {NAME: rows}, alone=True) for rows in starts]
        losses = [self.loss(each, self.judged).item() for each in nets]
        self.net = nets[int(np.argmin(losses))]  # the style that comes closest, in the new one's colours
        self.free = {name: value for name, value in parameters_by_style(self.net) if name not in KNOWN}
        self.first = self.best = min(losses)
        self.rows = self.now()

    def loss(self, net: FastStyle, content: Tensor, seed: int = 0) -> Tensor:
        """The sum of all losses, and the price of strokes; `seed` as in `Objective`."""
        alone, at = content.new_ones(1, 1), [(64 * n, 0) for n in range(len(content))]
        made = net(content, alone, at=at)
        with torch.no_grad():
            ground = net.ground(content, alone)
            painted = ground + net.painted(content, ground, alone, at)
        styles = torch.zeros(len(content), dtype=torch.long, device=content.device)
        wanted = looked_up(self.palette[None], content).clamp(-1, 1)
        losses = torch.stack(list(self.objective(made, wanted, styles, seed=seed, coloured=painted).values()))
        return losses.sum() + RESTRAINT * (made - painted).square().mean()

    def now(self) -> dict[str, Tensor]:
        """The rows as they are."""
        return rows_of(self.net, NAME)

    @torch.no_grad()
    def judge(self) -> bool:
        """Whether the rows are the best so far, which are kept."""
        loss = self.loss(self.net, self.judged).item()
        if not loss < self.best:
            return False
        self.best, self.rows = loss, self.now()
        return True

    def state(self, step: int, optimiser: torch.optim.Optimizer) -> dict[str, Any]:
        """Plain data that `resume` takes."""
        moments = {name: optimiser.state[value] for name, value in self.free.items()}
        return {
            "step": step,
            "best": self.best,
            "rows": _arrays(self.rows),
            "now": _arrays(self.now()),
            "means": _arrays({name: row["exp_avg"] for name, row in moments.items()}),
            "squares": _arrays({name: row["exp_avg_sq"] for name, row in moments.items()}),
        }

    @torch.no_grad()
    def resume(self, state: Mapping[str, Any], optimiser: torch.optim.Optimizer) -> int:
        """Go on from what `state` gave; returns the number of steps that are done."""
        self.best = float(state["best"])
        self.rows = {name: torch.from_numpy(np.array(row)) for name, row in state["rows"].items()}
        for name, value in self.free.items():
            value.copy_(torch.from_numpy(np.array(state["now"][name]))[None])
            optimiser.state[value] = {
                "step": torch.tensor(float(state["step"])),
                "exp_avg": torch.from_numpy(np.array(state["means"][name])).to(value),
                "exp_avg_sq": torch.from_numpy(np.array(state["squares"][name])).to(value),
            }
        return int(state["step"])


@torch.inference_mode(False)
@torch.enable_grad()
def teach(pupil: Pupil, state: Mapping[str, Any] | None = None) -> Iterator[Taught]:
    """Learn the rows, one `Taught` a step.

    Args:
        pupil: as it was made.
        state: of an earlier `Taught` with an equal pupil.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    lesson = pupil.lesson
    for value in pupil.free.values():
        value.requires_grad_(True)
    slow = {name for name, value in pupil.free.items() if value.ndim == 3}
    groups = [
        {"params": [value for name, value in pupil.free.items() if (name in slow) == of_kernels], "share": share}
        for of_kernels, share in ((True, KERNELS), (False, 1.0))
    ]
    optimiser = torch.optim.Adam(groups, lesson.learning_rate)
    done = pupil.resume(state, optimiser) if state else 0
    for step in range(done + 1, lesson.steps + 1):
        random = np.random.default_rng([lesson.seed, step])
        loss = pupil.loss(pupil.net, pieces(pupil.photographs, lesson.size, random, lesson.batch), step)
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"the loss is not finite after {step - 1} steps; lower the learning rate")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(pupil.free.values(), 5.0)
        fall = 0.55 + 0.45 * math.cos(math.pi * (step - 1) / lesson.steps)
        for group in optimiser.param_groups:
            group["lr"] = lesson.learning_rate * fall * group["share"]
        optimiser.step()
        due = step % lesson.judged_every == 0 or step == lesson.steps
        better = pupil.judge() if due else False
        yield Taught(step, lesson.steps, pupil.best, pupil.rows, better, pupil.state(step, optimiser))


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    return {name: value.detach().cpu().numpy().copy() for name, value in tensors.items()}
