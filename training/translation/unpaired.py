"""Trains portrait ↔ ink sketch without pairs: ``python -m training.translation.unpaired --method ssal --run DIR``.

Two methods with the same generators, discriminators, data and processor time, so that they can be compared:

- ``cyclegan``: Zhu et al. 2017. What went there and back must be what it was (λ 10), a member of the other world stays
  as it is (half of that), and a discriminator with a pool of fifty pictures judges each world, by least squares.
- ``ssal``: SSAL-style, our reading of a description whose code nobody published. No way back. Structure: what was alike
  inside the picture stays alike (`training.translation.structure`). Colour: means and deviations of channels are those
  of a member of the other world. Contrast: a place resembles its own place before, not others (Park et al. 2020). And
  the same discriminators.

The learning rate falls in the second half of the time; what is kept is the running mean of the weights.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.translation import PatchGan, Resnet, ResnetConfig
from training.translation.structure import Contrast, colour_statistics, self_similarity
from training.translation.worlds import Worlds
from training.trunk.convert import read_trunk

CONFIG = ResnetConfig(width=24, blocks=4, up="nearest")
WAYS = {"to_ink": ("portraits", "sketches"), "to_portrait": ("sketches", "portraits")}
RATE, JUDGES_RATE, KEPT = 4e-4, 2e-4, 0.997
POOL = 50
STRUCTURE, COLOUR, CONTRAST, CYCLE = 2.0, 2.0, 0.5, 10.0
"""Weights beside the discriminator's 1."""


class Pool:
    """Pictures made earlier, which the discriminator sees as often as new ones (Shrivastava et al. 2017)."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random, self.kept = random, list[Tensor]()

    def exchanged(self, made: Tensor) -> Tensor:
        """The new pictures, or as often some older ones in their place."""
        if len(self.kept) < POOL:
            self.kept.append(made)
            return made
        if self.random.random() < 0.5:
            return made
        place = int(self.random.integers(POOL))
        old, self.kept[place] = self.kept[place], made
        return old


class Trainer:
    """Both generators and their discriminators, by one of the two methods."""

    def __init__(self, method: str, worlds: Worlds, trunk: FeatureNet, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.method, self.worlds, self.trunk = method, worlds, trunk
        self.random = np.random.default_rng(seed)
        self.makers = nn.ModuleDict({way: Resnet(CONFIG) for way in WAYS}).to(memory_format=torch.channels_last)
        self.judges = nn.ModuleDict({way: PatchGan(width=24) for way in WAYS}).to(memory_format=torch.channels_last)
        for layer in itertools.chain(self.makers.modules(), self.judges.modules()):
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0, 0.02)
        self.average = copy.deepcopy(self.makers).requires_grad_(False)
        contrasts = {way: Contrast(CONFIG) for way in WAYS} if method == "ssal" else {}
        self.contrasts = nn.ModuleDict(contrasts)
        made = [*self.makers.parameters(), *self.contrasts.parameters()]
        self.making = torch.optim.Adam(made, RATE, betas=(0.5, 0.999))
        self.judging = torch.optim.Adam(self.judges.parameters(), RATE, betas=(0.5, 0.999))
        self.pools = {way: Pool(self.random) for way in WAYS}
        self.steps = 0

    def run(self, way: str, pictures: Tensor) -> Tensor:
        """Pictures of the other world."""
        with torch.autocast("cpu", torch.bfloat16):
            made: Tensor = self.makers[way](pictures)
        return made.float()

    def judged(self, way: str, pictures: Tensor) -> Tensor:
        """Scores of pictures of the world that this way leads to."""
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = self.judges[way](pictures)
        return scores.float()

    def cycle(self, found: dict[str, Tensor], members: dict[str, Tensor], made: dict[str, Tensor]) -> None:
        """CycleGAN's losses."""
        for way, back in (("to_ink", "to_portrait"), ("to_portrait", "to_ink")):
            found[f"{way}_cycle"] = CYCLE * (self.run(back, made[way]) - members[way]).abs().mean()
            found[f"{way}_same"] = CYCLE / 2 * (self.run(back, members[way]) - members[way]).abs().mean()

    def style(self, found: dict[str, Tensor], members: dict[str, Tensor], made: dict[str, Tensor]) -> None:
        """Those of SSAL-style, our reading."""
        for way, other in (("to_ink", "to_portrait"), ("to_portrait", "to_ink")):
            before, after = members[way], made[way]
            with torch.autocast("cpu", torch.bfloat16):
                found[f"{way}_structure"] = STRUCTURE * self_similarity(self.trunk, before, after, self.random)
                contrast = self.contrasts[way]
                found[f"{way}_contrast"] = CONTRAST * contrast(self.makers[way], before, after, self.random)
            found[f"{way}_colour"] = COLOUR * colour_statistics(after, members[other])

    def step(self, share: float) -> dict[str, float]:
        """One update of everything, at that share of the time."""
        for optimiser, rate in ((self.making, RATE), (self.judging, JUDGES_RATE)):
            optimiser.param_groups[0]["lr"] = rate * min(1.0, 2 * (1 - share) + 0.01, (self.steps + 1) / 50)
        members = {way: self.worlds.drawn(before, self.random, 1) for way, (before, _) in WAYS.items()}
        members = {way: one.contiguous(memory_format=torch.channels_last) for way, one in members.items()}
        made = {way: self.run(way, one) for way, one in members.items()}
        self.judges.requires_grad_(False)
        found = {f"{way}_real": (self.judged(way, one) - 1).square().mean() for way, one in made.items()}
        (self.style if self.method == "ssal" else self.cycle)(found, members, made)
        self.making.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        self.making.step()
        self.judges.requires_grad_(True)
        others = {"to_ink": members["to_portrait"], "to_portrait": members["to_ink"]}
        for way, one in made.items():
            old = self.pools[way].exchanged(one.detach())
            real = (self.judged(way, others[way]) - 1).square().mean()
            found[f"{way}_judge"] = (real + self.judged(way, old).square().mean()) / 2
        self.judging.zero_grad(set_to_none=True)
        torch.stack([found[f"{way}_judge"] for way in WAYS]).sum().backward()
        self.judging.step()
        self.steps += 1
        with torch.no_grad():
            keep = min(KEPT, 1 - 1 / (1 + 0.1 * self.steps))
            torch._foreach_lerp_(list(self.average.parameters()), list(self.makers.parameters()), 1 - keep)
        return {name: value.item() for name, value in found.items()}


def train(trainer: Trainer, seconds: float, run: Path, every: float = 60.0) -> None:
    """Trains for that much processor time; every minute a line of the log and a checkpoint."""
    begun, told, seen = time.process_time(), 0.0, list[dict[str, float]]()
    while (spent := time.process_time() - begun) < seconds:
        seen.append(trainer.step(spent / seconds))
        if spent - told >= every or not told:
            told = spent
            mean = {name: round(float(np.mean([row[name] for row in seen])), 3) for name in seen[0]}
            print(json.dumps({"seconds": round(spent), "steps": trainer.steps, "loss": mean}), flush=True)
            seen = []
            keep(trainer, spent, run)
    keep(trainer, time.process_time() - begun, run)


def keep(trainer: Trainer, spent: float, run: Path) -> None:
    """Writes the checkpoint in one piece."""
    state: dict[str, Any] = {
        "net": trainer.average.state_dict(), "method": trainer.method, "steps": trainer.steps,
        "seconds": round(spent), "count": len(trainer.worlds.portraits),
    }  # fmt: skip
    torch.save(state, run / "new.pt")
    os.replace(run / "new.pt", run / f"{trainer.method}.pt")


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=("ssal", "cyclegan"), required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=320, help="portraits, and as many sketches")
    parser.add_argument("--seconds", type=float, default=300, help="of the processor")
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    trainer = Trainer(args.method, Worlds.of(args.run, args.count), read_trunk(args.trunk))
    train(trainer, args.seconds, args.run)


if __name__ == "__main__":
    main()
