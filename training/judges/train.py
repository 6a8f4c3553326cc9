"""Trains the judges on renders with exact labels.

``python -m training.judges.train --config training/configs/judges.json --data DIR --run DIR`` starts, or resumes from
the run's checkpoint; ``--weights FOLDER`` starts from exported weights alone, also from ones without a closer look. The
budget is in pictures, so that the same command makes the same network on two processor cores and on a GPU.
``python -m training.judges.export`` writes it out.

No generated picture is shown in training: the judges must not learn to overlook what a generator gets wrong.
"""

from __future__ import annotations

import argparse
import copy
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

from nets.judges.network import Raw
from training.dataset import Dataset
from training.judges.data import Batch, LabelledSet, nobody
from training.judges.export import read_judges
from training.judges.new import new_judges
from training.puppets.paint import PARTS

EMPTY = 2
"""Pictures of each batch in which nobody is."""


def losses(raw: Raw, b: Batch, count: int) -> dict[str, Tensor]:
    """Each head's loss, weighted; the pictures from number ``count`` on are empty and concern presence alone."""
    somebody = torch.zeros_like(raw.present)
    somebody[:count] = 1
    points, size = b.points, math.isqrt(raw.heat.shape[2])
    off = (raw.points[:count] - points).abs().sum(2)
    first = (raw.first[:count] - points).abs().sum(2)
    weight = torch.where(b.visible, 1.0, 0.35)
    scale = raw.log_error[:count]
    part_weight = torch.tensor([0.6 if name in ("background", "hair", "cloth", "skin") else 1.5 for name in PARTS])
    # squares, not magnitudes: of what is rarely there, the mean says more than the median, which says it never is
    control = functional.smooth_l1_loss(raw.controls[:count], b.controls, beta=1.0, reduction="none")
    control = control * b.relevance * b.posed[:, None]
    return {
        "points": 40 * (off * weight).mean(),
        "first": 15 * (first * weight).mean(),
        "heat": 0.1 * heat_loss(raw.heat[:count], points, size),
        "visible": 0.1 * functional.binary_cross_entropy_with_logits(raw.visible[:count], b.visible.float()),
        "error": 0.05 * (off.detach() * (-scale).exp() + scale).mean(),
        "parts": functional.cross_entropy(raw.parts[:count].float(), b.parts, part_weight.to(raw.parts.device)),
        "controls": 12 * control.sum() / (b.relevance * b.posed[:, None]).sum().clamp(min=1),
        "present": 0.1 * functional.binary_cross_entropy_with_logits(raw.present, somebody),
    }


def heat_loss(heat: Tensor, points: Tensor, size: int) -> Tensor:
    """Cross entropy of heat maps [n, l, size²] with the four cells around each point, where it is in the picture."""
    place = (points + 1) * (size / 2) - 0.5
    inside = (place.min(2)[0] >= 0) & (place.max(2)[0] <= size - 1)
    place = place.clamp(0, size - 1.001)
    cell = place.floor()
    part = place - cell
    log_share = heat - heat.logsumexp(2, keepdim=True)
    total = heat.new_zeros(heat.shape[:2])
    for dx in (0, 1):
        for dy in (0, 1):
            share = (part[..., 0] if dx else 1 - part[..., 0]) * (part[..., 1] if dy else 1 - part[..., 1])
            index = ((cell[..., 1] + dy) * size + cell[..., 0] + dx).long()
            total = total - share * log_share.gather(2, index[..., None])[..., 0]
    return (total * inside).sum() / inside.sum().clamp(min=1)


class Trainer:
    """One run: the network, the moving average that is exported, how many pictures it has seen."""

    def __init__(self, config: dict[str, Any], data: Dataset, run: Path, device: str = "cpu") -> None:
        self.config, self.run, self.device = config, run, torch.device(device)
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.random = np.random.default_rng(config["seed"])
        self.set = LabelledSet(data, config["held_out"])
        self.net = new_judges(config["judges"]).to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), config["learning_rate"], betas=(0.9, 0.98), weight_decay=0.02, fused=True
        )
        self.images, self.seconds = 0, 0.0
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.images, self.seconds = state["images"], state["seconds"]
        self.random = np.random.default_rng(self.config["seed"] + self.images)

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "images": self.images}
        torch.save(state | {"optimiser": self.optimiser.state_dict(), "seconds": self.seconds}, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def step(self) -> dict[str, float]:
        """One update; returns each head's loss."""
        count, share = self.config["batch"], self.images / self.config["images"]
        b = self.set.draw(self.random, count)
        pictures = torch.cat([b.pictures, nobody(b.pictures[:EMPTY], self.random)])
        b = Batch(*(t.to(self.device) for t in b))
        rate = self.config["learning_rate"] * (0.5 + 0.5 * math.cos(math.pi * min(1.0, share))) + 1e-6
        self.optimiser.param_groups[0]["lr"] = rate * min(1.0, (self.images + 1) / self.config["warm_up"])
        pictures = pictures.to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            raw = self.net.raw(pictures)
        found = losses(raw, b, count)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.images += count
        keep = 0.5 ** (count / min(self.config["ema_images"], 1 + 0.1 * self.images))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}

    @torch.no_grad()
    def calibrate(self, batches: int = 24) -> None:
        """Measures what the evidence looks like on which controls are read."""
        self.average.standardise.measuring = []
        for _ in range(batches):
            pictures = self.set.draw(self.random, self.config["batch"]).pictures
            with torch.autocast(self.device.type, torch.bfloat16):
                self.average.look(pictures.to(self.device, memory_format=torch.channels_last))
        self.average.standardise.settle()
        for ours, theirs in zip(self.net.buffers(), self.average.buffers(), strict=True):
            ours.copy_(theirs)

    def train(self, report_every: int = 8000) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        from training.judges.figures import figures, readings

        begun, seen = time.process_time() - self.seconds, []
        # later, or of judges that have learned, it would only disturb the layers that read what is standardised
        young = self.config["images"] / 2 if self.config.get("calibrates", True) else 0
        if self.images == 0 < young:
            self.calibrate()
        while self.images < self.config["images"]:
            seen.append(self.step())
            if self.images % report_every < self.config["batch"] or self.images >= self.config["images"]:
                if self.images < young:
                    self.calibrate()
                self.seconds = time.process_time() - begun
                self.save()
                self.set.refresh()
                loss = {name: round(float(np.mean([row[name] for row in seen])), 4) for name in seen[0]}
                seen = []
                held = self.set.batch(self.set.data.finished()[: min(256, self.config["held_out"])])
                measured = figures(readings(self.average, held.pictures), held, self.average.config)
                kept = ("landmark_px", "landmark_visible_px", "part_iou", "control_r2")
                yield {"images": self.images, "seconds": round(self.seconds), "renders": len(self.set.usable),
                       "loss": loss, **{name: measured[name] for name in kept}}  # fmt: skip


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/judges.json"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of exported weights to start from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    trainer = Trainer(json.loads(args.config.read_text()), Dataset(args.data), args.run, args.device)
    if args.weights and not trainer.images:
        for net in (trainer.net, trainer.average):
            known = net.load_state_dict(read_judges(args.weights).state_dict(), strict=False)
            if known.unexpected_keys or any(not name.startswith("closer.") for name in known.missing_keys):
                raise SystemExit(f"--weights: {args.weights} has judges of other sizes than --config")
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
