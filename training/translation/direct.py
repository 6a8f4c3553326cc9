"""Trains a direct network from label maps to portraits: ``python -m training.translation.direct --run DIR``.

What pix2pix does (Isola et al. 2017): a U-Net sees the label map and, painted into every part, its mean colour, and a
discriminator judges pieces of 70 pixels together with what was asked for. Beside it the difference of pixels, and of
features (Wang et al. 2018). Pictures are renders with exact labels. It stands beside the label encoder in
``benchmarks/translate.py --direct``: what it draws has no code, and is not bound to what a generator can draw.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.label_encoder import colours_of
from nets.translation import PatchGan, Unet, UnetConfig
from training.puppets.paint import PARTS
from training.translation.loop import Contest, Losses, Pace, in_half, time_arguments, train
from training.translation.worlds import SIDE, rendered_into, spread
from training.trunk.convert import read_trunk

CONFIG = UnetConfig(inputs=len(PARTS) + 3, width=24, levels=5)
SEED, BATCH = 5105, 4
PACE = Pace(8e-4, 2e-4, 0.995)
PIXELS, FEATURES, REAL = 20.0, 2.0, 0.5
"""Weights of the losses."""


def asked(parts: Tensor, colours: Tensor) -> Tensor:
    """What the network sees, [n, P + 3, s, s]: part numbers [n, s, s] one by one, and colours [n, P, 4] in place."""
    shares = F.one_hot(parts.long(), len(PARTS)).permute(0, 3, 1, 2).float()
    return torch.cat([shares, torch.einsum("nkhw,nkc->nchw", shares, colours[..., :3])], 1)


class Direct(Contest):
    """The U-Net against its discriminator.

    Args:
        pictures: uint8 [n, 3, s, s].
        parts: exact part numbers uint8 [n, s, s].
        trunk: whose features count.
    """

    def __init__(self, pictures: Tensor, parts: Tensor, trunk: FeatureNet, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.pictures, self.parts, self.trunk = pictures, parts, trunk
        maker, judge = Unet(CONFIG), PatchGan(3 + CONFIG.inputs, width=24)
        for layer in itertools.chain(maker.modules(), judge.modules()):
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, 0, 0.02)
        super().__init__(maker, judge, PACE, seed=seed)
        self.now: tuple[Tensor, Tensor, Tensor] | None = None

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Random pictures and what is asked for, half of them in the mirror; colours a little off, as people's are."""
        index = torch.from_numpy(self.random.integers(0, len(self.pictures), BATCH))
        pictures, parts = spread(self.pictures[index]), self.parts[index]
        if self.random.random() < 0.5:
            pictures, parts = pictures.flip(-1), parts.flip(-1)
        colours = colours_of(pictures, parts, len(PARTS))
        colours = colours + 0.04 * torch.randn(colours.shape) * colours[..., 3:]
        return pictures.contiguous(memory_format=torch.channels_last), asked(parts, colours)

    def features(self, made: Tensor, pictures: Tensor) -> Tensor:
        """Mean difference of features of a piece of 64 pixels."""
        top, left = (int(self.random.integers(0, made.shape[-1] - 63)) for _ in range(2))
        piece = (slice(None), slice(None), slice(top, top + 64), slice(left, left + 64))
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = self.trunk(pictures[piece], 3)
            new = self.trunk(made[piece], 3)
        return torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(old, new, strict=True)]).mean()

    def makers_losses(self, share: float) -> Losses:
        """Of pixels, of features, and of the discriminator."""
        pictures, wanted = self.drawn()
        made = in_half(self.maker, wanted)
        self.now = pictures, wanted, made.detach()
        return {
            "pixels": PIXELS * (made - pictures).abs().mean(),
            "features": FEATURES * self.features(made, pictures),
            "real": REAL * (in_half(self.judge, torch.cat([made, wanted], 1)) - 1).square().mean(),
        }

    def judges_losses(self) -> Losses:
        """Of true pictures and of those made, seen with what was asked for."""
        assert self.now is not None
        pictures, wanted, made = self.now
        real, false = (in_half(self.judge, torch.cat([one, wanted], 1)) for one in (pictures, made))
        return {"judge": ((real - 1).square().mean() + false.square().mean()) / 2}


def read_direct(path: Path) -> Unet:
    """The network of a checkpoint."""
    net = Unet(CONFIG)
    net.load_state_dict(torch.load(path, weights_only=True)["net"])
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def main() -> None:
    """Reads the command line and trains; a run that was ended goes on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200, help="renders")
    time_arguments(parser, 150)
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    contest = Direct(*rendered_into(args.run, SEED, args.count, SIDE), read_trunk(args.trunk))
    train(contest, args.seconds, args.run / "direct.pt", {"renders": args.count}, args.until)


if __name__ == "__main__":
    main()
