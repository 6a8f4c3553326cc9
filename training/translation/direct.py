"""Trains a direct network from label maps to portraits: ``python -m training.translation.direct --run DIR``.

What pix2pix does (Isola et al. 2017): a U-Net sees the label map and, painted into every part, its mean colour, and a
discriminator judges pieces of 70 pixels together with what was asked for. Beside it the difference of pixels, and of
features (Wang et al. 2018). Pictures are renders with exact labels. It stands beside the label encoder in
``benchmarks/translate.py --direct``: what it draws has no code, and is not bound to what a generator can draw.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.label_encoder import colours_of
from nets.translation import PatchGan, Unet, UnetConfig
from training.puppets.paint import PARTS
from training.translation.worlds import rendered, spread
from training.trunk.convert import read_trunk

CONFIG = UnetConfig(inputs=len(PARTS) + 3, width=24, levels=5)
SEED, BATCH, RATE, KEPT = 5105, 4, 8e-4, 0.995
PIXELS, FEATURES, REAL = 20.0, 2.0, 0.5
"""Weights of the losses."""


def asked(parts: Tensor, colours: Tensor) -> Tensor:
    """What the network sees, [n, P + 3, s, s]: part numbers [n, s, s] one by one, and colours [n, P, 4] in place."""
    shares = F.one_hot(parts.long(), len(PARTS)).permute(0, 3, 1, 2).float()
    return torch.cat([shares, torch.einsum("nkhw,nkc->nchw", shares, colours[..., :3])], 1)


class Trainer:
    """The U-Net, its discriminator and their pictures."""

    def __init__(self, pictures: Tensor, parts: Tensor, trunk: FeatureNet, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.pictures, self.parts, self.trunk = pictures, parts, trunk
        self.random = np.random.default_rng(seed)
        self.maker = Unet(CONFIG).to(memory_format=torch.channels_last)
        self.judge = PatchGan(3 + CONFIG.inputs, width=24).to(memory_format=torch.channels_last)
        for layer in (*self.maker.modules(), *self.judge.modules()):
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, 0, 0.02)
        self.average = copy.deepcopy(self.maker).requires_grad_(False)
        self.making = torch.optim.Adam(self.maker.parameters(), RATE, betas=(0.5, 0.999))
        self.judging = torch.optim.Adam(self.judge.parameters(), RATE / 4, betas=(0.5, 0.999))
        self.steps = 0

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Random pictures and what is asked for, half of them in the mirror; colours a little off, as people's are."""
        index = torch.from_numpy(self.random.integers(0, len(self.pictures), BATCH))
        pictures, parts = spread(self.pictures[index]), self.parts[index]
        if self.random.random() < 0.5:
            pictures, parts = pictures.flip(-1), parts.flip(-1)
        colours = colours_of(pictures, parts, len(PARTS))
        colours = colours + 0.04 * torch.randn(colours.shape) * colours[..., 3:]
        return pictures.contiguous(memory_format=torch.channels_last), asked(parts, colours)

    def judged(self, pictures: Tensor, wanted: Tensor) -> Tensor:
        """Scores of pieces of pictures, seen with what was asked for."""
        with torch.autocast("cpu", torch.bfloat16):
            scores: Tensor = self.judge(torch.cat([pictures, wanted], 1))
        return scores.float()

    def features(self, made: Tensor, pictures: Tensor) -> Tensor:
        """Mean difference of features of a piece of 64 pixels."""
        top, left = (int(self.random.integers(0, made.shape[-1] - 63)) for _ in range(2))
        piece = (slice(None), slice(None), slice(top, top + 64), slice(left, left + 64))
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = self.trunk(pictures[piece], 3)
            new = self.trunk(made[piece], 3)
        return torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(old, new, strict=True)]).mean()

    def step(self, share: float) -> dict[str, float]:
        """One update of both, at that share of the time."""
        slower = min(1.0, 2 * (1 - share) + 0.01, (self.steps + 1) / 50)
        self.making.param_groups[0]["lr"], self.judging.param_groups[0]["lr"] = RATE * slower, RATE / 4 * slower
        pictures, wanted = self.drawn()
        with torch.autocast("cpu", torch.bfloat16):
            made = self.maker(wanted)
        made = made.float()
        self.judge.requires_grad_(False)
        found = {
            "pixels": PIXELS * (made - pictures).abs().mean(),
            "features": FEATURES * self.features(made, pictures),
            "real": REAL * (self.judged(made, wanted) - 1).square().mean(),
        }
        self.making.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        self.making.step()
        self.judge.requires_grad_(True)
        real, false = self.judged(pictures, wanted), self.judged(made.detach(), wanted)
        found["judge"] = ((real - 1).square().mean() + false.square().mean()) / 2
        self.judging.zero_grad(set_to_none=True)
        found["judge"].backward()
        self.judging.step()
        self.steps += 1
        with torch.no_grad():
            keep = min(KEPT, 1 - 1 / (1 + 0.1 * self.steps))
            for mean, now in zip(self.average.state_dict().values(), self.maker.state_dict().values(), strict=True):
                mean.lerp_(now, 1 - keep)
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
    state: dict[str, Any] = {"net": trainer.average.state_dict(), "steps": trainer.steps, "seconds": round(spent)}
    torch.save(state, run / "new.pt")
    os.replace(run / "new.pt", run / "direct.pt")


def read_direct(path: Path) -> Unet:
    """The network of a checkpoint."""
    net = Unet(CONFIG)
    net.load_state_dict(torch.load(path, weights_only=True)["net"])
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200, help="renders")
    parser.add_argument("--seconds", type=float, default=150, help="of the processor")
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.run.mkdir(parents=True, exist_ok=True)
    train(Trainer(*rendered(SEED, args.count), read_trunk(args.trunk)), args.seconds, args.run)


if __name__ == "__main__":
    main()
