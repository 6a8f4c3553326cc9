"""Trains the fast style network on the photographs' trunk.

``python -m training.fast_style.train --pictures DIR --run DIR`` starts, or goes on from the run's checkpoint. DIR was
filled by `training.trunk.pictures`; the styles are bundled style pictures. Every style comes equally often (Dumoulin,
Shlens and Kudlur 2017, with the losses of Johnson et al. 2016). ``python -m training.fast_style.export`` writes the
weights.
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
from PIL import Image
from torch import Tensor

from nets.fast_style import FastStyle, FastStyleConfig, Objective, Weights, grain, parameters_by_style
from nets.features.moments import Moments, palette_map
from training.optimiser import Optimisers
from training.trunk.convert import read_trunk
from training.trunk.decoders import TRUNK
from training.trunk.pictures import ASSETS, Pictures


def style_picture(name: str, size: int) -> Tensor:
    """A bundled style picture [1, 3, size, size] in -1..1."""
    image = Image.open(ASSETS / "styles" / f"{name}.webp").convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1


class Rows(torch.optim.Adam):
    """Adam for what each style has of its own: rows are no matrix, and Muon would mix the styles."""

    def __init__(self, rows: list[torch.nn.Parameter]) -> None:
        super().__init__(rows, lr=0.0, betas=(0.9, 0.99))

    def update(self, lr: float) -> None:
        """As `Optimisers.step`."""
        self.param_groups[0]["lr"] = lr
        self.step()
        self.zero_grad(set_to_none=True)


class Trainer:
    """One run: the network, its moving average, which is exported, and how many pictures it has seen."""

    def __init__(self, config: dict[str, Any], trunk: Path, pictures: Pictures, run: Path) -> None:
        self.config, self.run, self.pictures = config, run, pictures
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.trunk = read_trunk(trunk)
        sizes = {name: config[name] for name in ("styles", "widths", "blocks")}
        self.net = FastStyle(FastStyleConfig(**sizes)).to(memory_format=torch.channels_last)
        self.begin()
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        rows = [value for _, value in parameters_by_style(self.net)]
        known = {id(value) for value in rows}
        shared = [value for value in self.net.parameters() if id(value) not in known]
        self.shared, self.rows = Optimisers(shared, config["learning_rate"]), Rows(rows)
        self.images, self.seconds, self.order = 0, 0.0, list[int]()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))
        self.random = np.random.default_rng(config["seed"] + self.images)
        styles = [(style_picture(name, config["style_size"]), None) for name in config["styles"]]
        weights = Weights(content=config["content"], style=config["style"], smooth=config["smooth"])
        self.objective = Objective(self.trunk, styles, weights)

    @torch.no_grad()
    def begin(self) -> None:
        """The styles begin apart, and each one's colour map as the one from the colours of photographs to its own."""
        for name, value in parameters_by_style(self.net):
            value.add_(0.2 * torch.randn_like(value) if "norm" in name else 0)
        random, photographs = np.random.default_rng(6), Moments()
        for _ in range(64):
            photographs.add(self.pictures.piece(random, "photographs", 32)[None])
        for number, name in enumerate(self.config["styles"]):
            style = Moments()
            style.add(style_picture(name, 128))
            affine = palette_map(photographs, style)
            self.net.matrix[number].copy_(affine.matrix)
            self.net.offset[number].copy_(affine.offset)
        self.palettes = self.net.matrix.detach().clone(), self.net.offset.detach().clone()

    def recoloured(self, content: Tensor, styles: Tensor) -> Tensor:
        """Photographs in the colours that their styles began with: what a painting of them is to keep."""
        matrix, offset = self.palettes
        moved = matrix[styles] @ content.flatten(2) + offset[styles][..., None]
        return moved.view_as(content).clamp(-1, 1)

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.images, self.seconds = state["images"], state["seconds"]
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.shared.load_state_dict(state["shared"])
        self.rows.load_state_dict(state["rows"])

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "images": self.images}
        state |= {"shared": self.shared.state_dict(), "rows": self.rows.state_dict(), "seconds": self.seconds}
        torch.save(state, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def drawn(self, count: int) -> Tensor:
        """Numbers of that many styles; every one comes once before any comes again."""
        while len(self.order) < count:
            self.order += self.random.permutation(len(self.config["styles"])).tolist()
        drawn, self.order = self.order[:count], self.order[count:]
        return torch.tensor(drawn)

    def step(self) -> dict[str, float]:
        """One update; returns each loss."""
        config = self.config
        rate = config["learning_rate"] * min(1.0, (1 - self.images / config["images"]) / 0.5 + 0.02)
        counts = {kind: config[kind] for kind in ("photographs", "puppets")}
        content = self.pictures.batch(self.random, counts, config["size"])
        content = content[torch.from_numpy(self.random.permutation(len(content)))]
        styles = self.drawn(len(content))
        with torch.autocast("cpu", torch.bfloat16):
            places = [tuple(self.random.integers(0, grain.SIDE, 2).tolist()) for _ in content]
            made = self.net(content, torch.eye(len(config["styles"]))[styles], at=places)
            found = self.objective(made, self.recoloured(content, styles), styles)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        rate *= min(1.0, (self.images + 1) / config["warm_up"])
        self.shared.step(rate)
        self.rows.update(rate * config["rows"])  # each is of one style, and heard seldom
        self.images += len(content)
        keep = 0.5 ** (len(content) / min(config["ema_images"], 1 + 0.1 * self.images))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}

    def train(self, report_every: int = 200) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, seen = time.process_time() - self.seconds, []
        while self.images < self.config["images"]:
            before = self.images
            seen.append(self.step())
            if self.images // report_every > before // report_every or self.images >= self.config["images"]:
                self.seconds = time.process_time() - begun
                self.save()
                loss = {name: round(float(np.mean([row[name] for row in seen])), 4) for name in seen[0]}
                seen = []
                yield {"images": self.images, "seconds": round(self.seconds), "loss": loss}


def main() -> None:
    """Reads the command line; trains or exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/fast_style.json"))
    parser.add_argument("--trunk", type=Path, default=TRUNK)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    args = parser.parse_args()
    config, pictures = json.loads(args.config.read_text()), Pictures(args.pictures)
    trainer = Trainer(config, args.trunk, pictures, args.run)
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
