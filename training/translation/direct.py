"""Trains the direct network from label maps to portraits: ``python -m training.translation.direct --run DIR``.

What pix2pix does (Isola et al. 2017), with what pix2pixHD added (Wang et al. 2018): the network sees the label map and,
painted into every part, its mean colour; discriminators judge pieces at two sizes, together with what was asked for,
and what they see in the picture must be what they see in the truth; so must what a trunk sees. Pictures are renders
with exact labels. These are shown as people paint them, or as coarse as the judges parse them, every other time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.label_encoder import colours_of
from nets.translation import Scales
from nets.translation.direct import Direct, DirectConfig
from training.generator.losses import part_weights, pyramid
from training.puppets.paint import PART, PARTS
from training.translation.drawings import painted
from training.translation.loop import Contest, Losses, Pace, in_half, time_arguments, train
from training.translation.worlds import rendered_into, spread
from training.trunk.convert import read_trunk

SEED, SIDE = 5105, 256
CONFIG = DirectConfig(PARTS, size=SIDE)
PACE = Pace(1e-3, 2e-4, 0.998, muon=True)
PIXELS, FEATURES, MATCHED, REAL = 6.0, 2.0, 4.0, 1.0
"""Weights of the losses: of pixels, of the trunk's features, of the discriminators' features, and of their scores."""
ALONE = 0.3
"""Share of the time before the discriminators: first what is where, then how it looks."""
SMALL = 0.5
"""Share of the time in which pieces of half the side are learned from instead of one whole picture."""
SEEN = 112
"""Pixels of a side of the piece that the trunk looks at."""
THIN = ("brow", "glasses", "earring")
"""Parts that survive where a map is made coarse: the judges see them too."""


def coarse(parts: Tensor, by: int) -> Tensor:
    """Part numbers [n, s, s] as if they had been told at a ``by``-th of the size and enlarged smoothly."""
    shares = F.one_hot(parts.long(), len(PARTS)).permute(0, 3, 1, 2).float()
    small = F.avg_pool2d(shares, by)
    found = F.interpolate(small, parts.shape[1:], mode="bilinear", align_corners=False).argmax(1)
    thin = torch.isin(parts.long(), torch.tensor([PART[name] for name in THIN]))
    return torch.where(thin, parts.long(), found)


class DirectContest(Contest):
    """The direct network against discriminators at two sizes.

    Args:
        pictures: uint8 [n, 3, s, s].
        parts: exact part numbers uint8 [n, s, s].
        trunk: whose features count.
        config: of the network.
    """

    def __init__(
        self, pictures: Tensor, parts: Tensor, trunk: FeatureNet, config: DirectConfig = CONFIG, seed: int = 7
    ) -> None:
        torch.manual_seed(seed)
        self.pictures, self.parts, self.trunk = pictures, parts, trunk
        judge = Scales(2, inputs=3 + config.inputs, width=24)
        for layer in judge.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0, 0.02)
        maker = Direct(config)
        maker.usual.copy_(self.usual())
        for last in (*(block.two for block in maker.blocks), maker.to_rgb):
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]
        super().__init__(maker, judge, PACE, seed=seed)
        self.draws = torch.Generator().manual_seed(seed)
        self.now: tuple[Tensor, Tensor, Tensor] | None = None

    def usual(self, most: int = 64) -> Tensor:
        """Mean colours [P, 3] of parts over pictures that have them."""
        some = spread(self.pictures[:most])
        colours = torch.cat([
            colours_of(picture, part, len(PARTS))
            for picture, part in zip(some.split(1), self.parts[:most].split(1), strict=True)
        ])  # fmt: skip
        return colours[..., :3].sum(0) / colours[..., 3:].sum(0).clamp(min=1)

    def drawn(self, share: float) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures in -1..1, their exact parts, and what is asked for; half of them in the mirror."""
        count = 4 if share < ALONE else 2 if share < SMALL else 1
        index = torch.from_numpy(self.random.integers(0, len(self.pictures), count))
        pictures, parts = spread(self.pictures[index]), self.parts[index].long()
        colours = colours_of(pictures, parts, len(PARTS))
        colours = colours + 0.04 * torch.randn(colours.shape, generator=self.draws) * colours[..., 3:]
        told = (torch.rand(colours.shape[:2], generator=self.draws) < 0.97)[..., None]
        shown = parts
        manner = self.random.random()
        if manner < 0.3:
            shown = painted(parts, self.draws)
        elif manner < 0.6:
            shown = coarse(parts, 2 if manner < 0.45 else 4)
        wanted = self.maker.asked(shown, colours * told)
        if share < SMALL:
            side = pictures.shape[-1] // 2
            top, left = (int(n) * 8 for n in self.random.integers(0, side // 8 + 1, 2))
            piece = (..., slice(top, top + side), slice(left, left + side))
            pictures, parts, wanted = pictures[piece], parts[piece], wanted[piece]
        if self.random.random() < 0.5:
            pictures, parts, wanted = pictures.flip(-1), parts.flip(-1), wanted.flip(-1)
        return pictures, parts, wanted.contiguous(memory_format=torch.channels_last)

    def judged(self, pictures: Tensor, wanted: Tensor) -> list[list[Tensor]]:
        """What every layer of the discriminators makes of pictures and of what was asked for, at both sizes."""
        seen = torch.cat([pictures, wanted], 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            found: list[list[Tensor]] = self.judge.features(seen)
        return [[layer.float() for layer in scale] for scale in found]

    def features(self, made: Tensor, pictures: Tensor) -> Tensor:
        """Mean difference of the trunk's features of a piece, in units of their mean."""
        side = min(SEEN, made.shape[-1])
        top, left = (int(n) for n in self.random.integers(0, made.shape[-1] - side + 1, 2))
        piece = (..., slice(top, top + side), slice(left, left + side))
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = self.trunk(pictures[piece], 3)
            new = self.trunk(made[piece], 3)
        return torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(old, new, strict=True)]).mean()

    def makers_losses(self, share: float) -> Losses:
        """Of pixels, features, and the discriminators."""
        pictures, parts, wanted = self.drawn(share)
        made = in_half(self.maker.drawn, wanted)
        lost = {
            "pixels": PIXELS * pyramid(made, pictures, part_weights(parts), 3),
            "features": FEATURES * self.features(made, pictures),
        }
        self.now = None if share < ALONE else (pictures, wanted, made.detach())
        return lost if self.now is None else lost | self.against(made, pictures, wanted)

    def against(self, made: Tensor, pictures: Tensor, wanted: Tensor) -> Losses:
        """What the discriminators say of pictures that were made, and how else they see the true ones."""
        found, true = self.judged(made, wanted), [layers[:-1] for layers in self.judged(pictures, wanted)]
        matched = [
            (a - b.detach()).abs().mean() / b.detach().abs().mean()
            for scale, other in zip(found, true, strict=True)
            for a, b in zip(scale[:-1], other, strict=True)
        ]
        return {
            "matched": MATCHED * torch.stack(matched).mean(),
            "real": REAL * torch.stack([(layers[-1] - 1).square().mean() for layers in found]).mean(),
        }

    def judges_losses(self) -> Losses:
        """Of true pictures and of those made, by least squares; nothing before their time."""
        if self.now is None:
            return {}
        pictures, wanted, made = self.now
        real, false = self.judged(pictures, wanted), self.judged(made, wanted)
        lost = [((a[-1] - 1).square().mean() + b[-1].square().mean()) / 2 for a, b in zip(real, false, strict=True)]
        return {"judge": torch.stack(lost).sum()}


def read_direct(path: Path) -> Direct:
    """The network of a checkpoint."""
    net = Direct(CONFIG)
    net.load_state_dict(torch.load(path, weights_only=True)["net"])
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def main() -> None:
    """Reads the command line and trains; a run that was ended goes on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300, help="renders")
    time_arguments(parser, 1200)
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    pictures, parts = rendered_into(args.run, SEED, args.count, SIDE)
    contest = DirectContest(pictures, parts, read_trunk(args.trunk))
    train(contest, args.seconds, args.run / "direct.pt", {"renders": args.count}, args.until)


if __name__ == "__main__":
    main()
