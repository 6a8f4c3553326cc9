"""Trains decoders from the photographs' trunk back to pictures.

``python -m training.trunk.decoders --pictures DIR --run DIR`` starts, or goes on from the run's checkpoint. DIR was
filled by `training.trunk.pictures`, the trunk written by `training.trunk.convert`. It rests; first the plain decoders
learn to undo relu1_1 … relu4_1 (Li et al. 2017), then one of relu4_1 practises on features whose statistics were
exchanged (Huang and Belongie 2017). ``python -m training.trunk.export`` writes them out.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features import Coloured, Decoders, exchange, mean_std
from nets.features.config import DECODED
from training.features.losses import plain_loss, roughened
from training.generator.losses import psnr
from training.optimiser import Optimisers
from training.trunk.convert import read_trunk
from training.trunk.pictures import Pictures

TRUNK = Path(__file__).resolve().parents[2] / "assets" / "weights" / "vgg16_edges"
Moments = list[tuple[Tensor, Tensor]]


class Trainer:
    """One run: decoders, their moving average, which is exported, and how many pictures they have seen."""

    def __init__(self, config: dict[str, Any], trunk: Path, pictures: Pictures, run: Path) -> None:
        self.config, self.run, self.pictures = config, run, pictures
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.trunk = Coloured(read_trunk(trunk))
        self.net = Decoders(replace(self.trunk.net.config, decoder=config["decoder"], coloured=True)).to(
            memory_format=torch.channels_last
        )
        for decoder in (*self.net.plain, self.net.styled):  # what is added to the colours varies by about 0.2
            decoder.last.weight.data.mul_(0.2 if decoder.tap > 1 else 0.0)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.images, self.seconds, self.stage = 0, 0.0, "plain"
        self.styles: list[Moments] = []
        self.optimiser = self.optimisers()
        if (run / "checkpoint.pt").exists():
            self.load(torch.load(run / "checkpoint.pt", weights_only=True))
        self.random = np.random.default_rng(config["seed"] + self.images)

    def optimisers(self) -> Optimisers:
        """For what this stage trains."""
        trained = self.net.plain if self.stage == "plain" else self.net.styled
        return Optimisers(list(trained.parameters()), self.config[self.stage]["learning_rate"])

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

    def draw(self) -> Tensor:
        """Pictures of all kinds, in the proportions of this stage."""
        config = self.config[self.stage]
        counts = {kind: config[kind] for kind in ("photographs", "paintings", "puppets")}
        return self.pictures.batch(self.random, counts, self.config["size"])

    def plain_losses(self, wanted: Tensor) -> dict[str, Tensor]:
        """Reconstruction from relu4_1, and of half the pictures from relu3_1 or relu2_1.

        Beside relu1_1 lie the picture's own colours at full size: nothing is left to learn there.
        """
        with torch.no_grad():
            taps = self.trunk(wanted)
        found, height, width = {}, *wanted.shape[2:]
        for tap, rows in (
            (DECODED, slice(None)),
            (int(self.random.choice((2, 3), p=(0.35, 0.65))), slice(None, None, 2)),
        ):
            level = roughened(taps[tap - 1][rows], self.config["plain"]["noise"])
            found[f"relu{tap}"] = plain_loss(self.net.plain[tap - 1](level, height, width), wanted[rows])
        return found

    @torch.no_grad()
    def gather_styles(self) -> None:
        """Means and deviations of pieces of paintings and photographs, once a stage."""
        config, random = self.config["styled"], np.random.default_rng(5)
        for number in range(config["styles"]):
            kind = "photographs" if number % 4 == 3 else "paintings"
            piece = self.pictures.piece(random, kind, config["style_size"])[None]
            self.styles.append([mean_std(tap) for tap in self.trunk(piece)])

    def styled_losses(self, content: Tensor) -> dict[str, Tensor]:
        """Equations 11 to 13 of Huang and Belongie 2017; and what has its own statistics is to come back as it was."""
        if not self.styles:
            self.gather_styles()
        chosen = [self.styles[int(n)] for n in self.random.integers(0, len(self.styles), len(content))]
        style = [tuple(torch.cat(rows) for rows in zip(*level, strict=True)) for level in zip(*chosen, strict=True)]
        height, width = content.shape[2:]
        with torch.no_grad():
            own = self.trunk(content)[-1].float()
            target = exchange(own, *style[-1])
        few = slice(0, len(content) // 4)
        made = self.net.styled(torch.cat([target, own[few]]), height, width)
        made, back = made.split([len(content), len(content[few])])
        seen = [tap.float() for tap in self.trunk(made.clamp(-1.2, 1.2))]
        apart = [F.smooth_l1_loss(x, y) for tap, of in zip(seen, style, strict=True)
                 for x, y in zip(mean_std(tap), of, strict=True)]  # fmt: skip
        return {
            "content": F.mse_loss(seen[-1], target) / target.var().clamp(min=1e-3),
            "style": self.config["styled"]["style"] * torch.stack(apart).sum(),
            "back": 2 * plain_loss(back, content[few]),
            "range": (made.float().abs() - 1).clamp(min=0).mean(),
        }

    def step(self) -> dict[str, float]:
        """One update; returns each loss."""
        config = self.config[self.stage]
        seen = self.images - (0 if self.stage == "plain" else self.config["plain"]["images"])
        rate = config["learning_rate"] * min(1.0, (1 - seen / config["images"]) / 0.5 + 0.02)
        pictures = self.draw()
        with torch.autocast("cpu", torch.bfloat16):
            found = (self.plain_losses if self.stage == "plain" else self.styled_losses)(pictures)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.net.parameters() if p.grad is not None], 5.0)
        self.optimiser.step(rate * min(1.0, (seen + 1) / config["warm_up"]))
        self.images += len(pictures)
        keep = 0.5 ** (len(pictures) / min(self.config["ema_images"], 1 + 0.1 * seen))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}

    def next_stage(self) -> None:
        """The averages go on; the decoder of exchanged statistics starts from the plain one."""
        self.stage = "styled"
        self.average.styled.load_state_dict(self.average.plain[-1].state_dict())
        self.net.load_state_dict(self.average.state_dict())
        self.optimiser = self.optimisers()

    @torch.no_grad()
    def held_out(self) -> list[float]:
        """PSNR in dB of pieces of photographs from each tap; the pieces, not the photographs, are new."""
        wanted = self.pictures.batch(np.random.default_rng(99), {"photographs": 12}, self.config["size"])
        taps = self.trunk(wanted)
        return [round(psnr(d(taps[d.tap - 1], *wanted.shape[2:]), wanted), 2) for d in self.average.plain]

    def train(self, report_every: int = 200) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, seen = time.process_time() - self.seconds, []
        plain, whole = self.config["plain"]["images"], sum(self.config[s]["images"] for s in ("plain", "styled"))
        while self.images < whole:
            if self.stage == "plain" and self.images >= plain:
                self.next_stage()
            before = self.images
            seen.append(self.step())
            if self.images // report_every > before // report_every or self.images >= whole:
                self.seconds = time.process_time() - begun
                self.save()
                names = sorted({name for row in seen for name in row})
                loss = {n: round(float(np.mean([row[n] for row in seen if n in row])), 4) for n in names}
                seen = []
                yield {"images": self.images, "seconds": round(self.seconds), "stage": self.stage,
                       "psnr_db": self.held_out(), "loss": loss}  # fmt: skip


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/trunk_decoders.json"))
    parser.add_argument("--trunk", type=Path, default=TRUNK)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    args = parser.parse_args()
    trainer = Trainer(json.loads(args.config.read_text()), args.trunk, Pictures(args.pictures), args.run)
    with (args.run / "log.jsonl").open("a") as log:
        for report in trainer.train():
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
