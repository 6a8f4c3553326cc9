"""Trains the encoder from labels or lines to w: ``python -m training.translation.labels --run DIR --minutes 25``.

First pairs are drawn with the embedded generator (`training.translation.pairs`), then the network learns w in the
metric of `training.generator.code_metric`, and in the last part of the time pictures and re-parsed parts count too,
through the frozen generator and judges. Time is processor time; a run that is started again goes on.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.label_encoder import LabelEncoder, LabelEncoderConfig, Look, colours_of, look_at_labels, look_at_lines
from training.controls import features
from training.generator.code_metric import metric
from training.generator.losses import part_weights, pyramid
from training.generator.student import Student, read_controls, read_generator
from training.judges.export import read_judges
from training.puppets import from_latent
from training.translation.drawings import drawn, painted
from training.translation.pairs import Pairs

HELD_OUT = 256
THROUGH = 0.6
"""Share of the training time from which pictures count too."""


class Trainer:
    """One run."""

    def __init__(self, run: Path, generator: Path, judges: Path, count: int) -> None:
        self.run = run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(5)
        self.draws, self.random = torch.Generator().manual_seed(5), np.random.default_rng(5)
        self.generator, self.judges = read_generator(generator), read_judges(judges)
        controls = read_controls(generator)
        self.pairs = Pairs(run / "pairs", count)
        self.pairs.fill(self.generator, controls, self.judges)
        names = self.judges.config.parts
        self.count = len(names)
        self.net = LabelEncoder(LabelEncoderConfig(names, self.generator.config.w_dim))
        self.net.to(memory_format=torch.channels_last)
        self.net.centre.copy_(self.pairs.w.mean(0))
        self.net.deviation.copy_(self.pairs.w.std(0).clamp(min=0.02))
        student = Student(dataclasses.asdict(self.generator.config))
        student.generator, student.controls = self.generator, controls
        with torch.no_grad():
            seen = features(from_latent(torch.randn(3000, 96, generator=self.draws)))
            self.metric = metric(student, controls(seen), seen, 12)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), 2e-3, betas=(0.9, 0.98), weight_decay=0.01)
        self.steps, self.seconds = 0, 0.0
        if (run / "checkpoint.pt").exists():
            state = torch.load(run / "checkpoint.pt", weights_only=True)
            self.net.load_state_dict(state["net"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps, self.seconds = state["steps"], state["seconds"]
            self.random, self.draws = np.random.default_rng(self.steps), self.draws.manual_seed(self.steps)

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save(state | {"steps": self.steps, "seconds": self.seconds}, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def look(self, pictures: Tensor, parts: Tensor, lined: Tensor) -> Look:
        """What the network sees of a batch: lines where ``lined``, labels elsewhere, with some of the colours."""
        colours = colours_of(functional.avg_pool2d(pictures, 2), parts, self.count)
        noise = 0.05 * torch.randn(*colours.shape[:2], 3, generator=self.draws)
        colours = torch.cat([colours[..., :3] + noise * colours[..., 3:], colours[..., 3:]], 2)
        told = torch.rand(len(parts), self.count, 1, generator=self.draws) < 0.85
        told &= torch.rand(len(parts), 1, 1, generator=self.draws) < 0.8
        colours = colours * told
        labels = look_at_labels(painted(parts, self.draws), colours, self.count)
        lines = look_at_lines(drawn(pictures, parts, self.draws), colours, self.count)
        return Look(torch.where(lined[:, None, None, None], lines.map, labels.map), labels.colours)

    def step(self, share: float, batch: int = 32, through: int = 8) -> dict[str, float]:
        """One update; returns the losses."""
        index = np.sort(self.random.choice(np.arange(HELD_OUT, self.pairs.count), batch, replace=False))
        pictures, parts, w = self.pairs.batch(index, flip=self.random.random() < 0.5)
        lined = torch.rand(batch, generator=self.draws) < 0.45
        look = self.look(pictures, parts, lined)
        with torch.autocast("cpu", torch.bfloat16):
            found = self.net.standard(Look(look.map.contiguous(memory_format=torch.channels_last), look.colours))
        found = self.net.centre + self.net.deviation * found.float()
        rows = {"w": ((found - w) @ self.metric).square().sum(1).mean()}
        if share > THROUGH:
            some = torch.randperm(batch, generator=self.draws)[:through]
            with torch.autocast("cpu", torch.bfloat16):
                made = self.generator.synthesis(self.generator.mapping.rows(found[some]))
                again = self.judges.raw(made).parts.float()
            weight = part_weights(parts[some])
            apart = functional.cross_entropy(again, parts[some], reduction="none")[:, None]
            large = functional.interpolate(weight, scale_factor=2.0)
            rows["parts"] = (apart * weight).sum() / weight.sum()
            rows["picture"] = pyramid(made.float(), pictures[some], large)
        weights = {"w": 1.0, "parts": 0.15, "picture": 1.0}
        self.optimiser.param_groups[0]["lr"] = 2e-3 * min(1, (self.steps + 1) / 60) * (
            0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))
        )
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack([weights[name] * value for name, value in rows.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.steps += 1
        return {name: value.item() for name, value in rows.items()}

    @torch.no_grad()
    def measure(self, count: int = 64) -> dict[str, float]:
        """Error in w's metric, and the share of pixels whose part is found again, from labels and from lines."""
        pictures, parts, w = self.pairs.batch(np.arange(count))
        facts = {}
        for name, lined in (("labels", False), ("lines", True)):
            look = self.look(pictures, parts, torch.full((count,), lined))
            found = self.net.eval()(look)
            made = torch.cat([self.generator.synthesis(self.generator.mapping.rows(o)) for o in found.split(16)])
            again = self.judges.raw(made.clamp(-1, 1)).parts.argmax(1)
            facts[f"{name}_w"] = round(((found - w) @ self.metric).square().sum(1).mean().item(), 4)
            facts[f"{name}_again"] = round((again == parts).float().mean().item(), 4)
        self.net.train()
        return facts

    def train(self, minutes: float, every: int = 200) -> Iterator[dict[str, Any]]:
        """Trains until the processor time is spent; yields a report at every checkpoint."""
        begun, rows = time.process_time() - self.seconds, []
        while self.seconds < 60 * minutes:
            rows.append(self.step(self.seconds / (60 * minutes)))
            self.seconds = time.process_time() - begun
            if self.steps % every == 0 or self.seconds >= 60 * minutes:
                self.save()
                means = {k: round(float(np.mean([r[k] for r in rows if k in r])), 4) for k in rows[-1]}
                yield {"steps": self.steps, "seconds": round(self.seconds), **means, **self.measure()}
                rows = []


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15, help="of processor time, after the pairs are drawn")
    parser.add_argument("--pairs", type=int, default=12000)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    parser.add_argument("--judges", type=Path, default=Path("assets/weights/puppets_judges"))
    args = parser.parse_args()
    trainer = Trainer(args.run, args.generator, args.judges, args.pairs)
    print(json.dumps({"pairs_and_metric_seconds": round(time.process_time())}), flush=True)
    for report in trainer.train(args.minutes):
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
