"""A training of two stages, which resumes from its checkpoint.

The feature network and the decoders of the photographs' trunk have this in common. What each of them learns, and from
which pictures, is its own.
"""

from __future__ import annotations

import copy
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.optimiser import Optimisers


class StagedTrainer(ABC):
    """One run: the network, its moving average, which is exported, and how many pictures they have seen.

    Attributes:
        STAGES: the names of both stages, by which the config says what each is trained with.
        FALLING: the share of a stage during whose last part the learning rate falls.
    """

    STAGES: tuple[str, str]
    FALLING: float

    def __init__(self, config: dict[str, Any], net: nn.Module, run: Path, device: str = "cpu") -> None:
        self.config, self.run, self.device = config, run, torch.device(device)
        run.mkdir(parents=True, exist_ok=True)
        self.net = net.to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.images, self.seconds, self.stage = 0, 0.0, self.STAGES[0]
        self.optimiser = self.optimisers()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))
        self.random = np.random.default_rng(config["seed"] + self.images)

    @abstractmethod
    def optimisers(self) -> Optimisers:
        """For what this stage trains."""

    @abstractmethod
    def draw(self) -> Any:
        """Pictures of all kinds, in the proportions of this stage; `count_of` says how many they are."""

    def count_of(self, drawn: Any) -> int:
        """How many pictures `draw` gave."""
        return len(drawn)

    @abstractmethod
    def losses(self, drawn: Any) -> dict[str, Tensor]:
        """Those of this stage."""

    @abstractmethod
    def next_stage(self) -> None:
        """From the first stage to the second."""

    @abstractmethod
    def held_out(self) -> list[float]:
        """What the reports say of pictures that were not learnt: PSNR in dB from each tap."""

    def reported(self) -> None:
        """Called after each checkpoint; pictures may be exchanged here."""
        return  # most exchange none

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.images, self.seconds, self.stage = state["images"], state["seconds"], state["stage"]
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser = self.optimisers()
        self.optimiser.load_state_dict(state["optimiser"])

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "images": self.images}
        state |= {"optimiser": self.optimiser.state_dict(), "seconds": self.seconds, "stage": self.stage}
        torch.save(state, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def step(self) -> dict[str, float]:
        """One update; returns each loss."""
        config = self.config[self.stage]
        seen = self.images - (0 if self.stage == self.STAGES[0] else self.config[self.STAGES[0]]["images"])
        left = max(0.0, 1 - seen / config["images"])
        rate = config["learning_rate"] * min(1.0, left / self.FALLING + 0.02)
        drawn = self.draw()
        count = self.count_of(drawn)
        with torch.autocast(self.device.type, torch.bfloat16):
            found = self.losses(drawn)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.net.parameters() if p.grad is not None], 5.0)
        self.optimiser.step(rate * min(1.0, (seen + 1) / config["warm_up"]))
        self.images += count
        keep = 0.5 ** (count / min(self.config["ema_images"], 1 + 0.1 * seen))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}

    def train(self, report_every: int) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, seen = time.process_time() - self.seconds, []
        first, whole = self.config[self.STAGES[0]]["images"], sum(self.config[s]["images"] for s in self.STAGES)
        while self.images < whole:
            if self.stage == self.STAGES[0] and self.images >= first:
                self.stage = self.STAGES[1]
                self.next_stage()
            before = self.images
            seen.append(self.step())
            if self.images // report_every > before // report_every or self.images >= whole:
                self.seconds = time.process_time() - begun
                self.save()
                self.reported()
                names = sorted({name for row in seen for name in row})
                loss = {n: round(float(np.mean([row[n] for row in seen if n in row])), 4) for n in names}
                seen = []
                yield {"images": self.images, "seconds": round(self.seconds), "stage": self.stage,
                       "psnr_db": self.held_out(), "loss": loss}  # fmt: skip
