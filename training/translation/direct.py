"""Trains the direct network from label maps to portraits: ``python -m training.translation.direct --run DIR``.

The network (`nets.translation.label_unet`) sees the label map and, painted into every part, its tint. What it makes is
compared with the render by pixels, by features of the trunk (Johnson et al. 2016) and by the features of the
discriminator (Wang et al. 2018), which judges pieces of 70 pixels together with what was asked for (Isola et al. 2017).
Pictures are renders with exact labels, at the size they are drawn at afterwards; each step sees pieces of some.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.translation import PatchGan
from nets.translation.label_unet import LabelUnet, LabelUnetConfig, asked
from nets.translation.tints import TINT, tints_of
from training.puppets import Renderer
from training.puppets.paint import PARTS
from training.translation.loop import Contest, Losses, Pace, in_half, time_arguments, train
from training.translation.worlds import rendered_into, spread
from training.trunk.convert import read_trunk

CONFIG = Path("training/configs/direct.json")
BRIGHTER = 4.0
"""How much larger the discriminator sees what was added to the filling."""


def fresh(config: dict[str, Any]) -> LabelUnet:
    """The network before training: it leaves the filling as it is."""
    net = LabelUnet(LabelUnetConfig(tuple(PARTS), tuple(config["widths"]), config["deep"], config["size"]))
    nn.init.zeros_(net.last.weight)
    nn.init.zeros_(net.last.bias)
    return net


def usual(tints: Tensor, looks: int) -> Tensor:
    """Flat tints of each part, of some of the portraits [n, P, TINT + 3] that have it: [looks, P, TINT + 3]."""
    found = []
    for part in tints.unbind(1):
        known = part[part[:, -1] > 0]
        known = part[:1] if not len(known) else known
        found.append(known[torch.arange(looks) * len(known) // looks])
    chosen = torch.stack(found, 1)
    chosen[..., 3:TINT] = 0
    return chosen


class Direct(Contest):
    """The network against its discriminator.

    Args:
        config: as in ``training/configs/direct.json``.
        pictures: uint8 [n, 3, s, s].
        parts: exact part numbers uint8 [n, s, s].
        trunk: whose features count.
    """

    def __init__(
        self, config: dict[str, Any], pictures: Tensor, parts: Tensor, trunk: FeatureNet, seed: int = 7
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.pictures, self.parts, self.trunk = config, pictures, parts, trunk
        pieces = zip(pictures.split(8), parts.split(8), strict=True)
        self.tints = torch.cat([tints_of(spread(a), b, len(PARTS)) for a, b in pieces])
        maker = fresh(config)
        maker.usual.copy_(usual(self.tints, maker.config.looks))
        judge = PatchGan(3 + maker.config.inputs, width=config["judge"], norm="none")
        pace = Pace(config["maker"], config["judging"], config["kept"], muon=True)
        super().__init__(maker, judge, pace, seed=seed)
        self.now: tuple[Tensor, Tensor, Tensor] | None = None

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Pieces of random pictures and what is asked for, half of them in the mirror; tints as people give them."""
        config = self.config
        index = torch.from_numpy(self.random.integers(0, len(self.pictures), config["batch"]))
        tints = self.tints[index].clone()
        known = tints[..., -1:]
        tints[..., :3] += config["colours"] * torch.randn(*tints.shape[:2], 3) * known
        flat = (torch.rand(len(tints), 1, 1) < config["flat"]).float()
        tints[..., 3:TINT] *= 1 - flat
        seen = asked(self.parts[index], tints)
        side = min(config["piece"], seen.shape[-1])
        top, left = (int(self.random.integers(0, seen.shape[-1] - side + 1)) for _ in range(2))
        piece = (slice(None), slice(None), slice(top, top + side), slice(left, left + side))
        pictures, seen = spread(self.pictures[index])[piece], seen[piece]
        if self.random.random() < 0.5:
            pictures, seen = pictures.flip(-1), seen.flip(-1)
        last = torch.channels_last
        return pictures.contiguous(memory_format=last), seen.bfloat16().contiguous(memory_format=last)

    def features(self, made: Tensor, pictures: Tensor) -> Tensor:
        """Mean difference of the trunk's features at three depths, of a smaller piece."""
        side = min(self.config["featured"], made.shape[-1])
        top, left = (int(self.random.integers(0, made.shape[-1] - side + 1)) for _ in range(2))
        piece = (slice(None), slice(None), slice(top, top + side), slice(left, left + side))
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = self.trunk(pictures[piece], 3)
            new = self.trunk(made[piece], 3)
        return torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(old, new, strict=True)]).mean()

    def judged(self, pictures: Tensor, seen: Tensor) -> list[Tensor]:
        """What every layer of the discriminator makes of pictures, the parts, and what was added to the filling."""
        added = BRIGHTER * (pictures - seen[:, -3:])  # where shading lies: with it the discriminator learns much faster
        with torch.autocast("cpu", torch.bfloat16):
            found: list[Tensor] = self.judge.features(torch.cat([pictures, seen[:, :-3], added], 1))
        return [one.float() for one in found]

    def makers_losses(self, share: float) -> Losses:
        """Of pixels and features, and after a while of the discriminator: its scores, and what its layers see."""
        config = self.config
        pictures, seen = self.drawn()
        made = in_half(self.maker, seen)
        losses = {
            "pixels": config["pixels"] * (made - pictures).abs().mean(),
            "features": config["features"] * self.features(made, pictures),
        }
        self.now = None if share < config["alone"] else (pictures, seen, made.detach())
        if self.now is None:
            return losses
        false = self.judged(made, seen)
        with torch.no_grad():
            true = self.judged(pictures, seen)
        apart = [(a - b).abs().mean() for a, b in zip(false[:-1], true[:-1], strict=True)]
        return losses | {
            "matched": config["matched"] * torch.stack(apart).mean(),
            "real": config["real"] * (false[-1] - 1).square().mean(),
        }

    def judges_losses(self) -> Losses:
        """Of true pictures and of those made, seen with what was asked for; nothing before its time."""
        if self.now is None:
            return {}
        pictures, seen, made = self.now
        real, false = (self.judged(one, seen)[-1] for one in (pictures, made))
        return {"judge": ((real - 1).square().mean() + false.square().mean()) / 2}


def main() -> None:
    """Reads the command line and trains; a run that was ended goes on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=CONFIG)
    time_arguments(parser, json.loads(CONFIG.read_text())["seconds"])
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    config = json.loads(args.config.read_text())
    draw = Renderer("cpu", compiled=True)
    renders = rendered_into(args.run, config["seed"], config["renders"], config["size"], draw=draw)
    contest = Direct(config, *renders, read_trunk(args.trunk))
    train(contest, args.seconds, args.run / "direct.pt", {"renders": config["renders"]}, args.until)


if __name__ == "__main__":
    main()
