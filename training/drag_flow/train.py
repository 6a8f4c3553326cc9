"""Trains the latent drag of a generator: ``python -m training.drag_flow.train --run DIR --out assets/weights/DIR``.

Its layers first learn where the landmarks of a w lie, then which step in w brings given points to given places. The
same command continues a run that was cut off, and writes the weights with their card when it is done.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nets.drag_flow import DragFlow, Flow, FlowConfig
from training.controls import ControlEncoder
from training.drag_flow.data import Puppets, asked, kept
from training.drag_flow.export import export
from training.generator.student import read_controls
from training.puppets.landmarks import COUNT

SIDE = 128  # pixels of the picture that figures are given for
HALF = SIDE / 2


def new_flow(config: dict[str, Any], examples: Puppets) -> DragFlow:
    """An untrained network, told how w is spread."""
    net = DragFlow(FlowConfig(examples.w.shape[1], COUNT, **config))
    w = examples.w.float()
    net.centre.copy_(w.mean(0))
    net.deviation.copy_(w.std(0).clamp(min=0.02))
    return net


class Trainer:
    """One run: the network, its optimiser, and how many steps of both parts it has taken."""

    def __init__(self, config: dict[str, Any], run: Path, controls: ControlEncoder) -> None:
        self.config, self.run, held = config, run, config["held_out"]
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        begun = time.process_time()
        found = kept(run / "puppets.pt", config["puppets"], config["seed"], controls, config["moved"])
        self.held, self.examples = found.take(slice(held)), found.take(slice(held, None))
        self.net = new_flow(config["flow"], self.examples)
        self.random = torch.Generator().manual_seed(config["seed"])
        self.placed, self.steps, self.seconds = 0, 0, time.process_time() - begun
        self.optimiser = self._optimiser()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))

    def _optimiser(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.net.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=0.01)

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.placed, self.steps, self.seconds = state["placed"], state["steps"], state["seconds"]
        self.random.manual_seed(self.config["seed"] + self.placed + self.steps)

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "placed": self.placed}
        torch.save(state | {"steps": self.steps, "seconds": self.seconds}, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def some(self, count: int) -> Puppets:
        """Random pairs; each way round."""
        chosen = self.examples.take(torch.randint(len(self.examples.w), (count,), generator=self.random))
        turned = torch.rand((), generator=self.random) < 0.5
        return Puppets(chosen.moved_w, chosen.moved_marks, chosen.w, chosen.marks) if turned else chosen

    def _update(self, loss: Tensor, part: nn.Module, rate: float, share: float) -> None:
        """One step of one part; the learning rate falls along half a cosine as `share` goes from 0 to 1."""
        self.optimiser.param_groups[0]["lr"] = rate * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=list(part.parameters()))
        nn.utils.clip_grad_norm_(part.parameters(), 1.0)
        self.optimiser.step()

    def place(self) -> float:
        """A step towards knowing where the landmarks of a w are; returns the mean error in pixels."""
        task, chosen = self.config["place"], self.some(self.config["place"]["batch"])
        away = (self.net.where(chosen.w) - chosen.marks).norm(dim=2).mean()
        self._update(away, self.net.place, task["learning_rate"], self.placed / task["steps"])
        self.placed += 1
        return HALF * away.item()

    def losses(self, chosen: Puppets, count: int) -> tuple[dict[str, Tensor], Flow]:
        """How far asked points end from their targets, all landmarks and w from those of the moved puppet."""
        handles, targets = asked(chosen, self.net, count, self.random)
        flow = self.net(chosen.w, handles, targets)
        return {
            "asked": HALF * (flow.ends - targets).norm(dim=2).mean(),
            "marks": HALF * (flow.marks - chosen.moved_marks).norm(dim=2).mean(),
            "w": functional.smooth_l1_loss(flow.w / self.net.deviation, chosen.moved_w / self.net.deviation, beta=0.3),
        }, flow

    def step(self) -> dict[str, float]:
        """One update of the layers that move; returns the losses."""
        counts = self.config["pairs"]
        count = counts[int(torch.randint(len(counts), (), generator=self.random))]
        rows, _ = self.losses(self.some(self.config["batch"]), count)
        total = torch.stack([self.config["weights"][name] * value for name, value in rows.items()]).sum()
        self._update(total, self.net.move, self.config["learning_rate"], self.steps / self.config["steps"])
        self.steps += 1
        return {name: value.item() for name, value in rows.items()}

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Mean errors in pixels over held-out pairs, as the network's own landmarks see them, by number of points."""
        kept_state = self.random.get_state()
        self.random.manual_seed(7)
        away = HALF * (self.net.where(self.held.w) - self.held.marks).norm(dim=2).mean()
        unmoved = HALF * (self.held.marks - self.held.moved_marks).norm(dim=2).mean()
        rows = {"place_px": away.item(), "unmoved_px": unmoved.item()}
        for count in (1, 5, COUNT):
            found, _ = self.losses(self.held, count)
            rows |= {f"asked_{count}_px": found["asked"].item(), f"marks_{count}_px": found["marks"].item()}
        self.random.set_state(kept_state)
        return {name: round(value, 3) for name, value in rows.items()}

    def train(self, report_every: int = 500) -> Iterator[dict[str, Any]]:
        """Trains both parts to their end; yields a report at every checkpoint."""
        begun, rows = time.process_time() - self.seconds, []
        while self.placed < self.config["place"]["steps"] or self.steps < self.config["steps"]:
            if self.placed < self.config["place"]["steps"]:
                rows.append({"place": self.place()})
            else:
                rows.append(self.step())
            last = self.placed + self.steps == self.config["place"]["steps"] + self.config["steps"]
            if (self.placed + self.steps) % report_every == 0 or last:
                self.seconds = time.process_time() - begun
                self.save()
                loss = {name: round(sum(row[name] for row in rows if name in row) / len(rows), 4) for name in rows[-1]}
                rows = []
                yield {"steps": self.placed + self.steps, "seconds": round(self.seconds), **loss, **self.measure()}


def main() -> None:
    """Reads the command line, trains and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/drag_flow.json"))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    parser.add_argument("--out", type=Path, default=Path("assets/weights/puppets_drag_flow"))
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    trainer = Trainer(config, args.run, read_controls(args.generator))
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), flush=True)
            print(json.dumps(report), file=log, flush=True)
    facts = {"steps": trainer.placed + trainer.steps, "processor_seconds": round(trainer.seconds)}
    export(trainer.net, args.out, args.generator, config, {"trained_on": facts, "held_out": trainer.measure()})


if __name__ == "__main__":
    main()
