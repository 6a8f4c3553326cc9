"""Trains the inversion encoder of a generator, from the judges' network.

``python -m training.encoder.train --config training/configs/encoder.json --data DIR --run DIR --generator
assets/weights/puppets_128 --judges assets/weights/puppets_judges``. First the new layers learn which w belongs to a
picture, from features that are computed once: the labels give it, w = E(controls), and generated pictures bring theirs.
Turned heads are found like any other that way. Then everything learns through the frozen generator: weighted pictures
and features must agree, w must stay near its label, deltas small. ``--weights FOLDER`` starts from an exported encoder
and goes on with that second part, for a generator that changed and whose W did not; where W moved as well,
``--controls FOLDER`` names the E that the exported encoder knows, and a straight map between the two comes first.
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

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.judges import FeatureDistance
from training.compiled import drawing
from training.controls import features
from training.dataset import Dataset
from training.encoder.data import Examples
from training.encoder.net import follow, new_encoder, read_encoder
from training.generator.losses import psnr, pyramid
from training.generator.student import read_controls, read_generator
from training.judges.export import read_judges


class Trainer:
    """One run: the encoder, and how many pictures went through the generator."""

    def __init__(
        self, config: dict[str, Any], data: Dataset, run: Path, generator: Path, judges: Path, compiled: bool = False
    ) -> None:
        self.config, self.run = config, run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.random = np.random.default_rng(config["seed"])
        self.generator, self.judges = read_generator(generator), read_judges(judges)
        self.examples = Examples(data, config["held_out"], self.generator, read_controls(generator), self.judges)
        draw = drawing(self.generator)
        self.draw = torch.compile(draw, dynamic=False, fullgraph=True) if compiled else draw
        self.net = new_encoder(config["encoder"], self.judges, self.generator)
        known = self.examples.w[0, torch.from_numpy(self.examples.usable)]
        self.net.centre.copy_(known.mean(0))
        self.net.deviation.copy_(known.std(0).clamp(min=0.02))
        idle = "judges.read", "judges.present"
        trained = [p for name, p in self.net.named_parameters() if not name.startswith(idle)]
        self.optimiser = torch.optim.AdamW(trained, config["learning_rate"], betas=(0.9, 0.98), weight_decay=0.01)
        self.features = FeatureDistance(self.judges)
        self.images, self.seconds, self.head = 0, 0.0, False
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.images, self.seconds, self.head = state["images"], state["seconds"], True
        self.random = np.random.default_rng(self.config["seed"] + self.images)

    def start(self, weights: Path, controls: Path | None = None) -> None:
        """Begins with an exported encoder, whose W is this generator's, or that of the E in the folder ``controls``."""
        before = read_encoder(weights)
        if controls is None:
            self.net.load_state_dict(before.state_dict())
        else:
            known = torch.from_numpy(self.examples.usable[:8000])
            seen = features(self.examples.data.params[known])
            follow(self.net, before, read_controls(controls)(seen), self.examples.w[0, known])
        self.head = True

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save(state | {"images": self.images, "seconds": self.seconds}, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    @torch.no_grad()
    def look(self) -> tuple[Tensor, Tensor, Tensor]:
        """What the judges see in many pictures, once: summaries, coarsest features (half precision) and w."""
        head, rows = self.config["head"], []
        batches = [(k, False) for k in range(-(-head["renders"] // 64))] + [
            (k, True) for k in range(-(-head["generated"] // 64))
        ]
        for _, generated in batches:
            pictures, w, _ = self.examples.draw(self.random, 64, float(generated))
            with torch.autocast("cpu", torch.bfloat16):
                seen, sixteenth = self.net.see(pictures.contiguous(memory_format=torch.channels_last))
            rows.append((seen.float(), sixteenth.half(), w))
        seen, sixteenth, w = (torch.cat(column) for column in zip(*rows, strict=True))
        return seen, sixteenth, (w - self.net.centre) / self.net.deviation

    def fit_head(self) -> float:
        """Trains the new layers alone on w; returns R² over pictures kept back."""
        head = self.config["head"]
        seen, sixteenth, wanted = self.look()
        new = [p for name, p in self.net.named_parameters() if not name.startswith("judges.")]
        optimiser = torch.optim.AdamW(new, head["learning_rate"], betas=(0.9, 0.99), weight_decay=0.05)
        order = torch.randperm(len(seen))
        kept, learned = order[: len(seen) // 20], order[len(seen) // 20 :]
        scale = seen.std(0).clamp(min=1e-3)
        for step in range(head["steps"]):
            optimiser.param_groups[0]["lr"] = head["learning_rate"] * (
                0.51 + 0.49 * math.cos(math.pi * step / head["steps"])
            )
            index = learned[torch.randint(len(learned), (head["batch"],))]
            blurred = seen[index] + 0.05 * scale * torch.randn(len(index), seen.shape[1])
            with torch.autocast("cpu", torch.bfloat16):
                w, _ = self.net.tell(blurred, sixteenth[index].float())
            loss = functional.smooth_l1_loss(w.float(), wanted[index], beta=0.3)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            w = torch.cat([self.net.tell(seen[i], sixteenth[i].float())[0] for i in kept.split(256)])
        self.head = True
        return 1 - ((w - wanted[kept]).square().sum() / (wanted[kept] - wanted[kept].mean(0)).square().sum()).item()

    def step(self) -> dict[str, float]:
        """One update through the generator; returns the losses."""
        pictures, w, weight = self.examples.draw(self.random, self.config["batch"], self.config["generated_share"])
        rate = self.config["learning_rate"] * (
            0.5 + 0.5 * math.cos(math.pi * min(1.0, self.images / self.config["images"]))
        )
        self.optimiser.param_groups[0]["lr"] = rate * min(1.0, (self.images + 1) / 800) + 1e-7
        with torch.autocast("cpu", torch.bfloat16):
            found, deltas = self.net.codes(pictures.contiguous(memory_format=torch.channels_last))
            found, deltas = found.float(), deltas.float()
            w_plus = self.net.centre + self.net.deviation * (found[:, None] + deltas)
        made = self.draw(w_plus)
        with torch.autocast("cpu", torch.bfloat16):
            apart = self.features(made, pictures)
        wanted = (w - self.net.centre) / self.net.deviation
        rows = {
            "picture": pyramid(made.float(), pictures, weight),
            "features": apart.float().mean(),
            "w": functional.smooth_l1_loss(found, wanted, beta=0.3),
            "deltas": deltas.square().mean(),
        }
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack([self.config["weights"][name] * value for name, value in rows.items()]).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.images += len(pictures)
        return {name: value.item() for name, value in rows.items()}

    @torch.no_grad()
    def measure(self, count: int = 128) -> dict[str, float]:
        """PSNR of inverted held-out renders, of the turned ones among them, and of w from the labels: the ceiling."""
        index = self.examples.held[:count]
        pictures, w, _ = self.examples.rendered(index)
        made = torch.cat([self.generator.synthesis(self.net(p)) for p in pictures.split(16)])
        known = torch.cat([self.generator.synthesis(self.generator.mapping.rows(one)) for one in w.split(16)])
        turned = self.examples.data.params[torch.from_numpy(index), 0].abs() > math.radians(25)
        return {"psnr": round(psnr(made, pictures), 2), "turned": round(psnr(made[turned], pictures[turned]), 2),
                "from_labels": round(psnr(known, pictures), 2)}  # fmt: skip

    def train(self, report_every: int = 1200) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, rows = time.process_time() - self.seconds, []
        if not self.head:
            r2 = self.fit_head()
            self.seconds = time.process_time() - begun
            self.save()
            yield {"head_r2": round(r2, 4), "seconds": round(self.seconds), **self.measure()}
        while self.images < self.config["images"]:
            rows.append(self.step())
            if self.images % report_every < self.config["batch"] or self.images >= self.config["images"]:
                self.seconds = time.process_time() - begun
                self.save()
                loss = {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}
                rows = []
                yield {"images": self.images, "seconds": round(self.seconds), "loss": loss, **self.measure()}


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/encoder.json"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    parser.add_argument("--judges", type=Path, default=Path("assets/weights/puppets_judges"))
    parser.add_argument("--weights", type=Path, help="folder of an exported encoder to start from")
    parser.add_argument(
        "--controls", type=Path, help="folder of the E whose W those weights know, if it is another one"
    )
    parser.add_argument("--eager", action="store_true", help="do not compile (slower, but starts at once)")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    trainer = Trainer(config, Dataset(args.data), args.run, args.generator, args.judges, not args.eager)
    if args.weights and not trainer.head:
        trainer.start(args.weights, args.controls)
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
