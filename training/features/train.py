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
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from training.staged import StagedTrainer


class Trainer(StagedTrainer):
    """One run: first all learn together, then the trunk rests and the decoders practise."""

    STAGES = ("joint", "styled")
    FALLING = 0.3

    def __init__(
        self, config: dict[str, Any], renders: Dataset, pictures: Pictures, run: Path, device: str = "cpu"
    ) -> None:
        torch.manual_seed(config["seed"])
        self.renders, self.pictures = LabelledSet(renders, config["held_out"]), pictures
        super().__init__(config, Learner(FeaturesConfig(**config["features"])), run, device)

    def optimisers(self) -> Optimisers:
        """For what this stage trains."""
        self.net.trunk.requires_grad_(self.stage == "joint")
        self.net.trunk.perceptual.requires_grad_(False)
        trained = self.net if self.stage == "joint" else self.net.decoders
        weights = [p for p in trained.parameters() if p.requires_grad]
        return Optimisers(weights, self.config[self.stage]["learning_rate"])

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

    def count_of(self, drawn: Mixture) -> int:
        """How many pictures there are."""
        return len(drawn.pictures)

    def next_stage(self) -> None:
        """The averages go on, the trunk's channels get a mean of 1."""
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

    def reported(self) -> None:
        """Pictures that were made meanwhile are learnt, too."""
        self.pictures.refresh()

    def train(self, report_every: int = 500) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        return super().train(report_every)


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
