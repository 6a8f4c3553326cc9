"""Trains portrait ↔ ink sketch without pairs: ``python -m training.translation.unpaired --method ssal --run DIR``.

Two methods with the same generators, discriminators, data and processor time, so that they can be compared:

- ``cyclegan``: Zhu et al. 2017. What went there and back must be what it was (λ 10), a member of the other world stays
  as it is (half of that), and a discriminator with a pool of fifty pictures judges each world, by least squares.
- ``ssal``: SSAL-style, our reading of a description whose code nobody published. No way back. Structure: what was alike
  inside the picture stays alike (`training.translation.structure`). Colour: means and deviations of channels are those
  of a member of the other world. Contrast: a place resembles its own place before, not others (Park et al. 2020). And
  the same discriminators.

How both are trained is `training.translation.loop`'s.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.translation import PatchGan, Resnet, ResnetConfig
from training.translation.loop import Contest, Losses, Pace, in_half, time_arguments, train
from training.translation.structure import Contrast, colour_statistics, self_similarity
from training.translation.worlds import Worlds
from training.trunk.convert import read_trunk

CONFIG = ResnetConfig(width=24, blocks=4, up="nearest")
WAYS = {"to_ink": ("portraits", "sketches"), "to_portrait": ("sketches", "portraits")}
PACE = Pace(4e-4, 2e-4, 0.997)
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


class Unpaired(Contest):
    """Both generators and their discriminators, by one of the two methods."""

    def __init__(self, method: str, worlds: Worlds, trunk: FeatureNet, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.method, self.worlds, self.trunk = method, worlds, trunk
        makers = nn.ModuleDict({way: Resnet(CONFIG) for way in WAYS})
        judges = nn.ModuleDict({way: PatchGan(width=24) for way in WAYS})
        for layer in itertools.chain(makers.modules(), judges.modules()):
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0, 0.02)
        contrasts = {way: Contrast(CONFIG) for way in WAYS} if method == "ssal" else {}
        super().__init__(makers, judges, PACE, nn.ModuleDict(contrasts), seed)
        self.pools = {way: Pool(self.random) for way in WAYS}  # empty again where a run goes on
        self.members: dict[str, Tensor] = {}
        self.made: dict[str, Tensor] = {}

    def run(self, way: str, pictures: Tensor) -> Tensor:
        """Pictures of the other world."""
        return in_half(self.maker.get_submodule(way), pictures)

    def judged(self, way: str, pictures: Tensor) -> Tensor:
        """Scores of pictures of the world that this way leads to."""
        return in_half(self.judge.get_submodule(way), pictures)

    def makers_losses(self, share: float) -> Losses:
        """Those of the discriminators, and of the method."""
        members = {way: self.worlds.drawn(before, self.random, 1) for way, (before, _) in WAYS.items()}
        self.members = {way: one.contiguous(memory_format=torch.channels_last) for way, one in members.items()}
        made = {way: self.run(way, one) for way, one in self.members.items()}
        self.made = {way: one.detach() for way, one in made.items()}
        found = {f"{way}_real": (self.judged(way, one) - 1).square().mean() for way, one in made.items()}
        return found | (self.style(made) if self.method == "ssal" else self.cycle(made))

    def cycle(self, made: dict[str, Tensor]) -> Losses:
        """CycleGAN's."""
        found = {}
        for way, back in (("to_ink", "to_portrait"), ("to_portrait", "to_ink")):
            member = self.members[way]
            found[f"{way}_cycle"] = CYCLE * (self.run(back, made[way]) - member).abs().mean()
            found[f"{way}_same"] = CYCLE / 2 * (self.run(back, member) - member).abs().mean()
        return found

    def style(self, made: dict[str, Tensor]) -> Losses:
        """Those of SSAL-style, our reading."""
        found = {}
        for way, other in (("to_ink", "to_portrait"), ("to_portrait", "to_ink")):
            before, after = self.members[way], made[way]
            maker, contrast = self.maker.get_submodule(way), self.beside.get_submodule(way)
            with torch.autocast("cpu", torch.bfloat16):
                found[f"{way}_structure"] = STRUCTURE * self_similarity(self.trunk, before, after, self.random)
                found[f"{way}_contrast"] = CONTRAST * contrast(maker, before, after, self.random)
            found[f"{way}_colour"] = COLOUR * colour_statistics(after, self.members[other])
        return found

    def judges_losses(self) -> Losses:
        """Of members of each world, and of what was made now or earlier."""
        found, others = {}, {"to_ink": "to_portrait", "to_portrait": "to_ink"}
        for way, other in others.items():
            old = self.pools[way].exchanged(self.made[way])
            real = (self.judged(way, self.members[other]) - 1).square().mean()
            found[f"{way}_judge"] = (real + self.judged(way, old).square().mean()) / 2
        return found


def main() -> None:
    """Reads the command line and trains; a run that was ended goes on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=("ssal", "cyclegan"), required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=320, help="portraits, and as many sketches")
    time_arguments(parser, 300)
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    contest = Unpaired(args.method, Worlds.of(args.run, args.count), read_trunk(args.trunk))
    facts = {"method": args.method, "count": args.count}
    train(contest, args.seconds, args.run / f"{args.method}.pt", facts, args.until)


if __name__ == "__main__":
    main()
