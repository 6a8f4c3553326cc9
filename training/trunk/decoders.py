"""Trains decoders from the photographs' trunk back to pictures.

``python -m training.trunk.decoders --pictures DIR --run DIR`` starts, or goes on from the run's checkpoint. DIR was
filled by `training.trunk.pictures`, the trunk written by `training.trunk.convert`. It rests; first the plain decoders
learn to undo relu1_1 … relu4_1 (Li et al. 2017), then one of relu4_1 practises on features whose statistics were
exchanged (Huang and Belongie 2017). ``python -m training.trunk.export`` writes them out.
"""

from __future__ import annotations

import argparse
import json
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
from training.staged import StagedTrainer
from training.trunk.convert import read_trunk
from training.trunk.pictures import Pictures

TRUNK = Path(__file__).resolve().parents[2] / "assets" / "weights" / "vgg16_edges"
Moments = list[tuple[Tensor, Tensor]]


class Trainer(StagedTrainer):
    """One run: first the plain decoders, then the one of exchanged statistics."""

    STAGES = ("plain", "styled")
    FALLING = 0.5

    def __init__(self, config: dict[str, Any], trunk: Path, pictures: Pictures, run: Path) -> None:
        self.pictures = pictures
        torch.manual_seed(config["seed"])
        self.trunk = Coloured(read_trunk(trunk))
        net = Decoders(replace(self.trunk.net.config, decoder=config["decoder"], coloured=True))
        for decoder in (*net.plain, net.styled):  # what is added to the colours varies by about 0.2
            decoder.last.weight.data.mul_(0.2 if decoder.tap > 1 else 0.0)
        self.styles: list[Moments] = []
        super().__init__(config, net, run)

    def optimisers(self) -> Optimisers:
        """For what this stage trains."""
        trained = self.net.plain if self.stage == "plain" else self.net.styled
        return Optimisers(list(trained.parameters()), self.config[self.stage]["learning_rate"])

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

    def losses(self, drawn: Tensor) -> dict[str, Tensor]:
        """Those of this stage."""
        return self.plain_losses(drawn) if self.stage == "plain" else self.styled_losses(drawn)

    def next_stage(self) -> None:
        """The averages go on; the decoder of exchanged statistics starts from the plain one."""
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
        return super().train(report_every)


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
