"""The loop of all networks here that learn against a discriminator, and what they have in common.

A maker and a judge take turns (Goodfellow et al. 2014) for so much time of the processor; the judge's scores are those
of least squares (Mao et al. 2017). The learning rate falls in the second half of the time; what is kept is the running
mean of the maker's weights. Every minute there is a checkpoint, and a run whose checkpoint is there goes on from it.
"""

from __future__ import annotations

import abc
import argparse
import copy
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.optimiser import Optimisers

Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Pace:
    """How fast both learn.

    Attributes:
        maker, judge: learning rates.
        kept: how much of the running mean stays at each step.
        muon: the maker's matrices and convolutions learn by Muon (`training.optimiser`) instead of Adam.
    """

    maker: float
    judge: float
    kept: float
    muon: bool = False


class Adam:
    """Adam as GANs use it, told its learning rate at every step, as `Optimisers` are."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float) -> None:
        self.own = torch.optim.Adam(weights, lr, betas=(0.5, 0.999))
        self.state_dict, self.load_state_dict = self.own.state_dict, self.own.load_state_dict

    def step(self, lr: float) -> None:
        """Updates all weights at this learning rate and forgets their gradients."""
        self.own.param_groups[0]["lr"] = lr
        self.own.step()
        self.own.zero_grad(set_to_none=True)


class Contest(abc.ABC):
    """A maker, its judge, and their optimisers.

    Args:
        maker: the network that is wanted.
        judge: the discriminator.
        pace: see `Pace`.
        beside: networks that learn with the maker and are thrown away.
        seed: of `random`.
    """

    def __init__(
        self, maker: nn.Module, judge: nn.Module, pace: Pace, beside: nn.Module | None = None, seed: int = 7
    ) -> None:
        self.maker, self.judge = (net.to(memory_format=torch.channels_last) for net in (maker, judge))
        self.beside = nn.Module() if beside is None else beside
        self.pace, self.steps = pace, 0
        self.average = copy.deepcopy(self.maker).requires_grad_(False)
        self.random = np.random.default_rng(seed)
        learning = [*self.maker.parameters(), *self.beside.parameters()]
        self.making = Optimisers(learning, pace.maker) if pace.muon else Adam(learning, pace.maker)
        self.judging = Adam(self.judge.parameters(), pace.judge)

    @abc.abstractmethod
    def makers_losses(self, share: float) -> Losses:
        """Draws what is learned from, and says what is wrong with what the maker makes of it, at a share of time."""

    @abc.abstractmethod
    def judges_losses(self) -> Losses:
        """What the judge gets wrong of the same pictures; nothing where it rests."""

    def step(self, share: float) -> dict[str, float]:
        """One update of both, at that share (0..1) of the time; every loss as a number."""
        slower = min(1.0, 2 * (1 - share) + 0.01, (self.steps + 1) / 50)
        self.judge.requires_grad_(False)
        found = self.makers_losses(share)
        torch.stack(list(found.values())).sum().backward()
        self.making.step(self.pace.maker * slower)
        self.judge.requires_grad_(True)
        judged = self.judges_losses()
        if judged:
            torch.stack(list(judged.values())).sum().backward()
            self.judging.step(self.pace.judge * slower)
        self.steps += 1
        with torch.no_grad():
            keep = min(self.pace.kept, 1 - 1 / (1 + 0.1 * self.steps))
            own, now = (list(net.state_dict().values()) for net in (self.average, self.maker))
            torch._foreach_lerp_(own, now, 1 - keep)  # statistics of batches too
        return {name: value.item() for name, value in (found | judged).items()}

    def state(self) -> dict[str, Any]:
        """What a run needs to go on."""
        return {
            "maker": self.maker.state_dict(), "judge": self.judge.state_dict(), "beside": self.beside.state_dict(),
            "making": self.making.state_dict(), "judging": self.judging.state_dict(), "steps": self.steps,
            "numpy": self.random.bit_generator.state, "torch": torch.get_rng_state(),
        }  # fmt: skip

    def resume(self, net: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Goes on from a running mean and a `state`."""
        self.average.load_state_dict(net)
        for name in ("maker", "judge", "beside", "making", "judging"):
            getattr(self, name).load_state_dict(state[name])
        self.steps, self.random.bit_generator.state = state["steps"], state["numpy"]
        torch.set_rng_state(state["torch"])


def in_half(net: nn.Module, x: Tensor) -> Tensor:
    """A network's answer, computed in bfloat16 where that is quicker."""
    with torch.autocast("cpu", torch.bfloat16):
        made: Tensor = net(x)
    return made.float()


def time_arguments(parser: argparse.ArgumentParser, seconds: float) -> None:
    """The options that say how long."""
    parser.add_argument("--seconds", type=float, default=seconds, help="of the processor, in all runs")
    parser.add_argument("--until", type=float, help="end when so many of them are spent; the same command goes on")


def train(
    contest: Contest,
    seconds: float,
    path: Path,
    facts: dict[str, Any],
    until: float | None = None,
    every: float = 60.0,
) -> None:
    """Trains until so many seconds of the processor were spent in all, from the checkpoint at ``path`` if it is there.

    Args:
        contest: what learns.
        seconds: in all runs together.
        path: of the checkpoint: ``net`` (the running mean), ``steps``, ``seconds``, the facts, and what a run needs.
        facts: what else the checkpoint should say.
        until: end already when so many were spent.
        every: seconds between two checkpoints, and two lines of the log.
    """
    spent = before = 0.0
    last = seconds if until is None else min(until, seconds)
    if path.exists():
        kept = torch.load(path, weights_only=True)
        contest.resume(kept["net"], kept["state"])
        spent = before = kept["seconds"]
    begun, told, seen = time.process_time(), -every, list[dict[str, float]]()
    while spent < last:
        seen.append(contest.step(spent / seconds))
        spent = before + time.process_time() - begun
        if spent - told >= every or spent >= last:
            told = spent
            mean = {name: round(float(np.mean([row[name] for row in seen])), 3) for name in seen[0]}
            print(json.dumps({"seconds": round(spent), "steps": contest.steps, "loss": mean}), flush=True)
            seen = []
            keep(contest, path, facts | {"steps": contest.steps, "seconds": round(spent)})


def keep(contest: Contest, path: Path, facts: dict[str, Any]) -> None:
    """Writes the checkpoint in one piece."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(facts | {"net": contest.average.state_dict(), "state": contest.state()}, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)
