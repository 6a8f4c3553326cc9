"""Trains the colouriser: ``python -m training.translation.colours --photographs DIR --run DIR --minutes 18``.

DIR was filled by `training.translation.photographs`. The trunk rests. Cross entropy of the colour of each cell of four
by four pixels against a soft code of the true one, rare colours counting more (Zhang, Isola and Efros 2016, sections
2.1 and 2.2), and hints revealed at random (Zhang et al. 2017). Time is processor time; a run started again goes on.
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

from nets.colourise import Colourist, ColouristConfig, colourise, lab
from nets.colourise.network import CELL, SCALE
from nets.colourise.paint import grey_for
from training.trunk.convert import read_trunk

SIDE = 128
MIXED = 0.5
"""Share of an even distribution in the one by which rare colours are weighed; λ of Zhang et al. 2016, equation 4."""
NEAR, SIGMA = 5, 6.0
"""Colours of the grid that code one colour, and how far apart in ΔE they share it."""


class Photographs:
    """What `training.translation.photographs` wrote: pictures [h, w, 3] uint8, those held out apart."""

    def __init__(self, folder: Path) -> None:
        held = set(json.loads((folder / "colours.json").read_text())["held_out"])
        with np.load(folder / "colours.npz") as file:
            pictures = [file[f"arr_{n}"] for n in range(len(file.files))]
        self.held = [p for n, p in enumerate(pictures) if n in held]
        self.usable = [p for n, p in enumerate(pictures) if n not in held]

    def crop(self, random: np.random.Generator) -> Tensor:
        """A piece [3, SIDE, SIDE] in 0..1 at a random scale, mirrored or not, a little lighter or darker."""
        picture = self.usable[int(random.integers(len(self.usable)))]
        height, width = picture.shape[:2]
        side = int(min(height, width) * random.uniform(0.45, 1.0))
        top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
        piece = torch.from_numpy(picture[top : top + side, left : left + side].copy()).permute(2, 0, 1)[None].float()
        piece = functional.interpolate(piece, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)[0]
        piece = (piece / 255).clamp(0, 1) ** float(random.uniform(0.8, 1.25))
        return piece.flip(-1) if random.random() < 0.5 else piece


def coded(chroma: Tensor, bins: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest colours of the grid, [n, NEAR, h, w], and what share each has in chroma [n, 2, h, w]."""
    flat = chroma.permute(0, 2, 3, 1)
    apart = torch.cdist(flat.reshape(-1, 2), bins)
    near, which = apart.topk(NEAR, largest=False)
    share = torch.exp(-near.square() / (2 * SIGMA * SIGMA)) + 1e-8
    share = share / share.sum(1, keepdim=True)
    return tuple(x.view(*flat.shape[:3], NEAR).permute(0, 3, 1, 2) for x in (which, share))  # type: ignore[return-value]


class Trainer:
    """One run: the network, and its moving average, which is exported."""

    def __init__(self, photographs: Path, trunk: Path, run: Path) -> None:
        self.run = run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(3)
        self.random, self.draws = np.random.default_rng(3), torch.Generator().manual_seed(3)
        self.data, self.trunk = Photographs(photographs), read_trunk(trunk)
        self.net = Colourist(ColouristConfig()).to(memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.net).requires_grad_(False)
        self.weight = self.rarity()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), 1.5e-3, betas=(0.9, 0.98), weight_decay=0.02)
        self.steps, self.seconds = 0, 0.0
        if (run / "checkpoint.pt").exists():
            state = torch.load(run / "checkpoint.pt", weights_only=True)
            self.net.load_state_dict(state["net"])
            self.mean.load_state_dict(state["mean"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps, self.seconds = state["steps"], state["seconds"]
            self.random, self.draws = np.random.default_rng(self.steps), self.draws.manual_seed(self.steps)

    def rarity(self) -> Tensor:
        """What each colour of the grid counts: the less often it is seen the more, 1 on average over what is seen."""
        seen = torch.zeros(len(self.net.bins))
        random = np.random.default_rng(1)
        for _ in range(300):
            chroma = functional.avg_pool2d(lab(self.data.crop(random)[None])[:, 1:], CELL)
            which, share = coded(chroma, self.net.bins)
            seen.index_add_(0, which.flatten(), share.flatten())
        seen = seen / seen.sum()
        weight = 1 / ((1 - MIXED) * seen + MIXED / len(seen))
        return weight / (weight * seen).sum()

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        state = {"net": self.net.state_dict(), "mean": self.mean.state_dict(),
                 "optimiser": self.optimiser.state_dict(), "steps": self.steps, "seconds": self.seconds}  # fmt: skip
        torch.save(state, self.run / "new.pt")
        os.replace(self.run / "new.pt", self.run / "checkpoint.pt")

    def hints(self, chroma: Tensor) -> Tensor:
        """Some cells' true colours for about half of the pictures, [n, 3, h, w]."""
        n, _, height, width = chroma.shape
        told = torch.zeros(n, 3, height, width)
        for picture in range(n):
            if torch.rand((), generator=self.draws) < 0.55:
                continue
            for _ in range(int(torch.randint(1, 9, (), generator=self.draws))):
                y, x = (int(torch.randint(side, (), generator=self.draws)) for side in (height, width))
                reach = int(torch.randint(1, 4, (), generator=self.draws))
                place = (picture, slice(None, 2), slice(y, y + reach), slice(x, x + reach))
                told[place] = chroma[place].mean((1, 2), keepdim=True) / SCALE
                told[picture, 2, y : y + reach, x : x + reach] = 1
        return told

    def step(self, share: float, batch: int = 10) -> float:
        """One update; returns the loss."""
        pictures = torch.stack([self.data.crop(self.random) for _ in range(batch)])
        colours = lab(pictures)
        chroma = functional.avg_pool2d(colours[:, 1:], CELL)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            grey = grey_for(colours[:, :1]).contiguous(memory_format=torch.channels_last)
            taps = self.trunk(grey, taps=4)[1:]
        told = self.hints(chroma)
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.net(taps, told)
        which, part = coded(chroma, self.net.bins)
        weight = (self.weight[which] * part).sum(1)
        lost = -(logits.float().log_softmax(1).gather(1, which) * part).sum(1)
        loss = (lost * weight).sum() / weight.sum()
        self.optimiser.param_groups[0]["lr"] = 1.5e-3 * min(1, (self.steps + 1) / 60) * (
            0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        with torch.no_grad():
            keep = min(0.99, self.steps / (self.steps + 20))
            for old, new in zip(self.mean.parameters(), self.net.parameters(), strict=True):
                old.lerp_(new, 1 - keep)
        return loss.item()

    @torch.no_grad()
    def measure(self, count: int = 12) -> dict[str, float]:
        """Mean ΔE of held-out photographs coloured by the network, and of grey ones."""
        made, grey = [], []
        for picture in self.data.held[:count]:
            true = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
            wanted = lab(true)
            found = lab(colourise(self.mean.eval(), self.trunk, true, longer=160))
            made.append((found - wanted).norm(dim=1).mean().item())
            grey.append(wanted[:, 1:].norm(dim=1).mean().item())
        return {"delta_e": round(float(np.mean(made)), 2), "delta_e_grey": round(float(np.mean(grey)), 2)}

    def train(self, minutes: float, every: int = 150) -> Iterator[dict[str, Any]]:
        """Trains until the processor time is spent; yields a report at every checkpoint."""
        begun, losses = time.process_time() - self.seconds, []
        while self.seconds < 60 * minutes:
            losses.append(self.step(self.seconds / (60 * minutes)))
            self.seconds = time.process_time() - begun
            if self.steps % every == 0 or self.seconds >= 60 * minutes:
                self.save()
                mean, losses = float(np.mean(losses)), []
                yield {"steps": self.steps, "seconds": round(self.seconds), "loss": round(mean, 4), **self.measure()}


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=18, help="of processor time")
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    trainer = Trainer(args.photographs, args.trunk, args.run)
    for report in trainer.train(args.minutes):
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
