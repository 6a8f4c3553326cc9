"""Distils the puppet renderer into a StyleGAN2 synthesis network.

``python -m training.generator.train --config FILE --data DIR --run DIR`` starts, or resumes from the run's checkpoint;
``--weights FOLDER`` starts from exported weights alone, of a smaller picture too. The schedule is a share of a budget
in seconds, so one command serves a processor and a GPU. Route: controls → w (`training.controls`) → picture, small ones
first through the skip architecture's intermediate picture. The mapping z → w is fitted afterwards, by
`training.generator.mapping`.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.controls import WIDTH, features
from training.dataset import Dataset
from training.generator.adversary import DISCRIMINATOR, Adversary
from training.generator.control_readout import Reading
from training.generator.figures import drawn_figures, smaller_figures
from training.generator.losses import focused, local_distribution, missed, pyramid
from training.generator.student import Student, load_student
from training.generator.texture import WINDOW, loosened, texture
from training.optimiser import Optimisers
from training.puppets import INDEX
from training.puppets.sheet import save, sheet
from training.schedule import learning_rate, stage_size
from training.source import FAINT, Source

EVERY = 4
"""Steps between updates of the moving average."""


class Trainer:
    """One run: its student, the moving average that is exported, its clock."""

    def __init__(
        self, config: dict[str, Any], data: list[Dataset], run: Path, device: str, swift: bool = False
    ) -> None:
        self.config, self.run, self.device = config, run, torch.device(device)
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.random = np.random.default_rng(config["seed"])
        self.finer = "trained_from" in config
        share = config.get("mirrored", 0.5)
        like_first = [one is data[0] or self.finer for one in data]
        self.sources = [
            Source(one, first * config["held_out"], first * share, config.get("oftener"), config.get("part_weights"))
            for one, first in zip(data, like_first, strict=True)
        ]
        self.student = Student(config["generator"]).to(self.device)
        self.student.controls.fit_scale(features(data[0].params[:1024]))
        self.average = copy.deepcopy(self.student).requires_grad_(False)
        self.pairs = list(self.average.parameters()), list(self.student.parameters())
        if config.get("fixed_controls"):  # W stays as it is, for encoders and directions that know it
            self.student.controls.requires_grad_(False)
        if self.finer:  # E, the mapping and coarser blocks stay as they are
            self.student.freeze_below(config["trained_from"])
        if config.get("controls_learn"):
            self.student.controls.requires_grad_(True)
        self.reading = Reading(self.student.generator.config.w_dim).to(self.device) if "reading" in config else None
        trained = [one for one in self.student.trained() if one.requires_grad or not self.finer]
        self.optimiser = Optimisers(trained, config["learning_rate"])
        self.adversary = Adversary(WIDTH, config["adversary"], self.device) if "adversary" in config else None
        self.draw, self.error, self.grain = self.student.draw_swiftly, pyramid, texture
        if swift:
            self.draw, self.error = (torch.compile(f, dynamic=False, fullgraph=True) for f in (self.draw, self.error))
        self.seconds, self.images, self.full = 0.0, 0, self.student.generator.config.resolution[0]
        self.refresh()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))

    def refresh(self) -> None:
        """Takes in what was rendered meanwhile."""
        for source in self.sources:
            source.refresh()

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.adversary is not None and "adversary" in state:
            self.adversary.load_state_dict(state["adversary"])
        if self.reading is not None and "reading" in state:
            self.reading.load_state_dict(state["reading"])
        self.seconds, self.images = state["seconds"], state["images"]
        self.random = np.random.default_rng(self.config["seed"] + self.images)

    def save(self) -> None:
        """Writes the checkpoint in one piece: a crash leaves the previous one."""
        state = {"student": self.student.state_dict(), "average": self.average.state_dict()}
        state |= {"optimiser": self.optimiser.state_dict(), "seconds": self.seconds, "images": self.images}
        if self.adversary is not None:
            state["adversary"] = self.adversary.state_dict()
        if self.reading is not None:
            state["reading"] = self.reading.state_dict()
        torch.save(state, self.run / "checkpoint.new")
        os.replace(self.run / "checkpoint.new", self.run / "checkpoint.pt")

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features, pictures, weight maps and parts of random puppets; the pictures' size is at most ``size``.

        A second, coarser and larger set teaches what the controls mean: it serves all steps that it is large enough
        for, and half of the others, at half its size (it was rendered without anti-aliasing). Where a
        generator learns to draw larger, large renders are few, and half of the batches are of a smaller set as it is.
        """
        source = self.sources[0]
        if self.finer and len(self.sources) > 1:
            source = self.sources[int(self.random.random() < self.config.get("smaller", 0.5))]
            count = self.of_size("batch", source.size)
            return tuple(t.to(self.device) for t in source.batch(self.random, count, source.size))  # type: ignore[return-value]
        if len(self.sources) > 1 and len(self.sources[1].usable):
            coarse = self.sources[1]
            if size <= coarse.size // 2 or self.random.random() < 0.5:
                source, size = coarse, min(size, coarse.size // 2)
        return tuple(t.to(self.device) for t in source.batch(self.random, self.config["batch"], size))  # type: ignore[return-value]

    def of_size(self, name: str, size: int) -> Any:
        """A setting, which may be one for all sizes of pictures or one for each."""
        setting = self.config[name]
        return setting[str(size)] if isinstance(setting, dict) and str(size) in setting else setting

    def step(self, size: int, share: float) -> float:
        """One update; returns the loss."""
        seen, wanted, weight, parts = self.batch(size)
        noise = self.config["feature_noise"] * torch.randn_like(seen) * self.student.controls.deviation
        own = not self.finer or self.config.get("each_size_drawn", False)
        made = self.draw(seen + noise, wanted.shape[-1] if own else size)
        leaf = made.detach().requires_grad_()
        fold = made.shape[-1] // wanted.shape[-1]
        freckled = seen[:, INDEX["freckles"]] > 2 * FAINT - 1  # features hold the controls from -1 to 1
        loss = self.loss(functional.avg_pool2d(leaf, fold) if fold > 1 else leaf, wanted, weight, parts, freckled)
        (gradient,) = torch.autograd.grad(loss, leaf)
        if self.adversary is not None and share >= self.config["adversary"]["from"]:
            known = (seen - self.student.controls.mean) / self.student.controls.deviation
            gradient = gradient + self.adversary.gradient(made, wanted, known, parts, gradient)
        made.backward(gradient)
        if self.reading is not None:
            (self.config["reading"] * self.reading.loss(self.student.controls, seen)).backward()
            self.reading.update()
        self.optimiser.step(learning_rate(self.config["learning_rate"], share, self.images))
        self.images += len(wanted)
        if self.images // len(wanted) % EVERY == 0:
            keep = 0.5 ** (EVERY * len(wanted) / min(self.config["ema_images"], 1 + 0.05 * self.images))
            with torch.no_grad():
                torch._foreach_lerp_(self.pairs[0], self.pairs[1], 1 - keep)
        return loss.item()

    def loss(self, made: Tensor, wanted: Tensor, weight: Tensor, parts: Tensor, freckled: Tensor) -> Tensor:
        """The distance between pixels, and those between distributions and textures where the configuration asks."""
        size, wish = wanted.shape[-1], self.config.get("texture")
        if focus := self.config.get("focus"):
            weight = focused(weight, made.detach(), wanted, focus)
        if wish is None:
            loss: Tensor = self.error(made, wanted, weight)
        else:
            free, left = loosened(parts, freckled, wish)
            if tolerance := wish.get("missed"):  # what is not there at all is no strand in another place
                left = torch.maximum(left, (missed(made.detach(), wanted) / tolerance).clamp(max=1))
            bound = weight * left
            loss = self.error(made, wanted, weight, size.bit_length() - 4, bound, wish.get("held", 1))
            where = free * (weight > 0) + wish.get("elsewhere", 0.0) * weight * (free == 0)
            corner = int(self.random.integers(WINDOW)), int(self.random.integers(WINDOW))
            loss = loss + wish["strength"] * self.grain(made, wanted, where, corner)
            weight = bound
        if "distribution" not in self.config:
            return loss
        wish = self.of_size("distribution", size)
        block = int(self.random.choice(wish["blocks"]))
        corner = int(self.random.integers(block)), int(self.random.integers(block))
        return loss + wish["strength"] * local_distribution(made, wanted, weight, corner, block)

    def begin_reading(self) -> None:
        """Fits the linear reading of w to the E that training starts from."""
        if self.reading is not None:
            self.reading.start(self.student.controls, features(self.sources[-1].data.params[:4096]).to(self.device))

    def measure(self, count: int = 64) -> tuple[dict[str, Any], Tensor]:
        """What the moving average draws of held-out puppets: figures, and the first pictures."""
        size = stage_size(self.seconds / self.config["seconds"], self.config["stages"])
        held = min(count, self.config["held_out"])
        figures, pictures = drawn_figures(self.average, self.sources[0].data, held, size, self.full)
        if self.config.get("each_size_drawn"):
            figures |= smaller_figures(self.average, self.sources[1].data, held, self.reading)
        return figures, pictures

    def train(self, seconds: float, report_every: float = 240) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        clock, reported = time.monotonic(), 0.0
        begun, images = self.seconds, self.images
        while self.seconds < seconds:
            share = self.seconds / self.config["seconds"]
            size = stage_size(share, self.config["stages"])
            loss = self.step(size, share)
            self.seconds = begun + time.monotonic() - clock
            if self.seconds - begun - reported >= report_every or self.seconds >= seconds:
                rate = (self.images - images) / max(self.seconds - begun - reported, 1e-6)
                figures, pictures = self.measure()
                save(sheet(pictures * 0.5 + 0.5, 16), self.run / "sheet.png")
                self.save()
                self.refresh()
                self.seconds = begun + time.monotonic() - clock
                reported, images = self.seconds - begun, self.images
                yield {"seconds": round(self.seconds), "images": self.images, "size": size, "rate": round(rate, 1),
                       "loss": round(loss, 4), "cpu": round(time.process_time()),
                       "adversary": round(self.adversary.loss, 3) if self.adversary else None, **figures}  # fmt: skip


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, nargs="+", help="a set, and perhaps a coarser, larger one")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of exported weights to start from")
    parser.add_argument("--controls", type=Path, help="folder of E, when the weights draw another generator's W")
    parser.add_argument("--eager", action="store_true", help="do not compile (slower, but starts at once)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    trainer = Trainer(config, [Dataset(folder) for folder in args.data], args.run, args.device, not args.eager)
    if args.weights and not trainer.images:
        load_student(trainer.student, args.weights, args.controls)
        trainer.average.load_state_dict(trainer.student.state_dict())
        trainer.begin_reading()
        if trainer.adversary is not None and (args.weights / DISCRIMINATOR).exists():
            trainer.adversary.read(args.weights / DISCRIMINATOR)
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train(config["seconds"]):
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
