"""Trains the feature network and its decoders, without any photograph or published network.

``python -m training.features.train --config training/configs/features.json --data DIR --run DIR`` starts, or resumes
from the run's checkpoint; ``--weights FOLDER`` starts from exported weights alone. DIR was filled by `training.dataset`
(renders with labels; ``--renders`` where it lies elsewhere) and `training.features.data`.

First all learn together (see `features_losses.joint_losses`). Then the trunk is scaled to unit means and rests, and
its decoders practise on it, one of them on features whose statistics were exchanged. ``python -m
training.features.export`` writes it all out.
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

from nets.features import FeaturesConfig
from training.dataset import Dataset
from training.features.data import Pictures
from training.features.heads import Learner, normalise
from training.features.losses import Mixture, joint_losses, styled_losses
from training.generator.losses import psnr
from training.judges.data import LabelledSet
from training.optimiser import Optimisers


class Trainer:
    """One run: the networks, the moving averages that are exported, how many pictures they have seen."""

    def __init__(
        self, config: dict[str, Any], renders: Dataset, pictures: Pictures, run: Path, device: str = "cpu"
    ) -> None:
        self.config, self.run, self.device = config, run, torch.device(device)
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.random = np.random.default_rng(config["seed"])
        self.renders, self.pictures = LabelledSet(renders, config["held_out"]), pictures
        net = Learner(FeaturesConfig(**config["features"]))
        self.net = net.to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.images, self.seconds, self.stage = 0, 0.0, "joint"
        self.optimiser = self.optimisers()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))

    def optimisers(self) -> Optimisers:
        """For what this stage trains."""
        self.net.trunk.requires_grad_(self.stage == "joint")
        self.net.trunk.perceptual.requires_grad_(False)
        trained = self.net if self.stage == "joint" else self.net.decoders
        weights = [p for p in trained.parameters() if p.requires_grad]
        return Optimisers(weights, self.config[self.stage]["learning_rate"])

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.images, self.seconds, self.stage = state["images"], state["seconds"], state["stage"]
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser = self.optimisers()
        self.optimiser.load_state_dict(state["optimiser"])
        self.random = np.random.default_rng(self.config["seed"] + self.images)

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "images": self.images}
        state |= {"optimiser": self.optimiser.state_dict(), "seconds": self.seconds, "stage": self.stage}
        torch.save(state, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def draw(self) -> Mixture:
        """Pictures of all kinds, in the proportions of this stage."""
        counts, size = self.config[self.stage], self.config["size"]
        faces = self.renders.draw(self.random, counts["renders"])
        paintings, rows = self.pictures.draw(self.random, "paintings", counts["paintings"], size)
        others = [self.pictures.draw(self.random, name, counts[name], size)[0] for name in ("puppets", "leaves")]
        pictures = torch.cat([faces.pictures, paintings, *others])
        where = {"device": self.device, "memory_format": torch.channels_last}
        families = self.pictures.labels(rows).to(self.device)
        return Mixture(pictures.to(**where), type(faces)(*(t.to(self.device) for t in faces)), families)

    def losses(self, mix: Mixture) -> dict[str, Tensor]:
        """Those of this stage."""
        config = self.config[self.stage]
        if self.stage == "joint":
            return joint_losses(self.net, mix, self.random, config["noise"])
        count, size = len(mix.pictures), self.config["size"]
        style, _ = self.pictures.draw(self.random, "paintings", config["style_paintings"], size)
        style = torch.cat([style.to(self.device), mix.pictures.flip(0)])[:count]
        return styled_losses(self.net, mix.pictures, style, self.random, config["style"])

    def step(self) -> dict[str, float]:
        """One update; returns each loss."""
        config = self.config[self.stage]
        seen = self.images - (0 if self.stage == "joint" else self.config["joint"]["images"])
        left = max(0.0, 1 - seen / config["images"])
        rate = config["learning_rate"] * min(1.0, left / 0.3 + 0.02)
        mix = self.draw()
        with torch.autocast(self.device.type, torch.bfloat16):
            found = self.losses(mix)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.net.parameters() if p.grad is not None], 5.0)
        self.optimiser.step(rate * min(1.0, (seen + 1) / config["warm_up"]))
        self.images += len(mix.pictures)
        keep = 0.5 ** (len(mix.pictures) / min(self.config["ema_images"], 1 + 0.1 * seen))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}

    def rest_trunk(self) -> None:
        """From the first stage to the second: the averages go on, the trunk's channels get a mean of 1."""
        self.stage = "styled"
        normalise(self.average.trunk, self.average.decoders, torch.cat([self.draw().pictures for _ in range(8)]))
        self.average.decoders.styled.load_state_dict(self.average.decoders.plain[-1].state_dict())
        self.net.load_state_dict(self.average.state_dict())
        self.optimiser = self.optimisers()

    @torch.no_grad()
    def held_out(self, count: int = 48) -> list[float]:
        """PSNR in dB of held-out renders from each tap."""
        wanted = self.renders.data.batch(self.renders.data.finished()[:count])[1].to(self.device)
        taps = self.average.trunk(wanted)
        return [round(psnr(d(taps[d.tap - 1], *wanted.shape[2:]), wanted), 2) for d in self.average.decoders.plain]

    def train(self, report_every: int = 500) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, seen = time.process_time() - self.seconds, []
        joint, whole = self.config["joint"]["images"], sum(self.config[s]["images"] for s in ("joint", "styled"))
        while self.images < whole:
            if self.stage == "joint" and self.images >= joint:
                self.rest_trunk()
            before = self.images
            seen.append(self.step())
            if self.images // report_every > before // report_every or self.images >= whole:
                self.seconds = time.process_time() - begun
                self.save()
                self.pictures.refresh()
                names = sorted({name for row in seen for name in row})
                loss = {n: round(float(np.mean([row[n] for row in seen if n in row])), 4) for n in names}
                seen = []
                yield {"images": self.images, "seconds": round(self.seconds), "stage": self.stage,
                       "psnr_db": self.held_out(), "loss": loss}  # fmt: skip


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/features.json"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--renders", type=Path, help="folder of the renders, where it is another")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of exported weights to start from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    sets = Dataset(args.renders or args.data), Pictures(args.data)
    trainer = Trainer(json.loads(args.config.read_text()), *sets, args.run, args.device)
    if args.weights and not trainer.images:
        from training.features.export import read_decoders, read_features

        for net in (trainer.net, trainer.average):
            net.trunk.load_state_dict(read_features(args.weights).state_dict())
            net.decoders.load_state_dict(read_decoders(args.weights).state_dict())
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
