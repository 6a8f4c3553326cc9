"""Fits the colouriser: ``python -m training.translation.colours --photographs DIR --run DIR``.

DIR was filled by `training.translation.photographs`. The trunk rests, and all is in closed form, a few minutes of a
processor: the narrow layer is the principal components of the columns, the wide one random (Rahimi and Recht 2007), the
last a ridge regression of a soft code of the true colour, where cells of rare colours count more (Zhang, Isola and
Efros 2016, sections 2.1 and 2.2).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.colourise import Colourist, ColouristConfig, colourise, lab
from nets.colourise.network import LONGER, columns
from nets.colourise.paint import grey_for, smaller
from nets.features import FeatureNet
from training.translation.labels import principal
from training.trunk.convert import read_trunk

MIXED = 0.5
"""Share of an even distribution in the one by which rare colours are weighed; λ of Zhang et al. 2016, equation 4."""
NEAR, SIGMA = 5, 6.0
"""Colours of the grid that code one colour, and how far apart in ΔE they share it."""
CELLS = 320
"""Cells that are taken of each look at a photograph."""


class Photographs:
    """What `training.translation.photographs` wrote: pictures [h, w, 3] uint8, those held out apart."""

    def __init__(self, folder: Path) -> None:
        held = set(json.loads((folder / "colours.json").read_text())["held_out"])
        with np.load(folder / "colours.npz") as file:
            pictures = [file[f"arr_{n}"] for n in range(len(file.files))]
        self.held = [p for n, p in enumerate(pictures) if n in held]
        self.usable = [p for n, p in enumerate(pictures) if n not in held]

    def looks(self, random: np.random.Generator) -> Iterator[Tensor]:
        """Of each picture for training the whole, and a piece of it or its mirror image; [1, 3, h, w] in 0..1."""
        for picture in self.usable:
            whole = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
            yield whole
            height, width = picture.shape[:2]
            share = random.uniform(0.5, 0.85)
            high, wide = int(height * share), int(width * share)
            top, left = int(random.integers(height - high + 1)), int(random.integers(width - wide + 1))
            piece = whole[:, :, top : top + high, left : left + wide] ** float(random.uniform(0.75, 1.3))
            yield piece.flip(-1)


def coded(chroma: Tensor, bins: Tensor) -> Tensor:
    """Shares [n, k] of the colours of the grid near (a*, b*) [n, 2]."""
    near, which = torch.cdist(chroma, bins).topk(NEAR, largest=False)
    share = torch.exp(-near.square() / (2 * SIGMA * SIGMA)) + 1e-8
    return torch.zeros(len(chroma), len(bins)).scatter_(1, which, share / share.sum(1, keepdim=True))


@torch.no_grad()
def gathered(data: Photographs, trunk: FeatureNet, seed: int = 3) -> tuple[Tensor, Tensor]:
    """Columns [n, column] of random cells of all looks, in half precision, and their true (a*, b*) [n, 2]."""
    random, rows = np.random.default_rng(seed), []
    for picture in data.looks(random):
        colours = lab(picture)
        small = smaller(colours[:, :1], LONGER)
        with torch.autocast("cpu", torch.bfloat16):
            taps = trunk(grey_for(small).contiguous(memory_format=torch.channels_last), taps=4)[1:]
        seen = columns([tap.float() for tap in taps], small)
        chroma = functional.adaptive_avg_pool2d(colours[:, 1:], seen.shape[2:])
        cells = torch.from_numpy(random.permutation(seen[0, 0].numel())[:CELLS])
        rows.append((seen[0].flatten(1).T[cells].half(), chroma[0].flatten(1).T[cells]))
    return tuple(torch.cat(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]


@torch.no_grad()
def fitted(seen: Tensor, chroma: Tensor, config: ColouristConfig | None = None, seed: int = 3) -> Colourist:
    """The colouriser for columns [n, column] and their colours [n, 2]."""
    net = Colourist(config or ColouristConfig())
    draws = torch.Generator().manual_seed(seed)
    some = seen[torch.randperm(len(seen), generator=draws)[:20_000]].float()
    middle, scale = some.mean(0), some.std(0).clamp(min=0.05)
    weight, bias = principal((some - middle) / scale, config.narrow if config else net.config.narrow)
    weight = weight / scale
    net.narrow.weight.copy_(weight)
    net.narrow.bias.copy_(bias - weight @ middle)
    random = torch.randn(net.wide.weight.shape, generator=draws) / net.config.narrow**0.5 * 1.5
    net.wide.weight.copy_(random)
    net.wide.bias.copy_(0.7 * torch.randn(len(random), generator=draws))
    target = coded(chroma, net.bins)
    often = target.mean(0)
    rare = 1 / ((1 - MIXED) * often + MIXED / len(often))
    weight = target @ rare
    weight = weight / weight.mean()
    solve(net, seen, target, weight)
    return net.eval().requires_grad_(False)


def solve(net: Colourist, seen: Tensor, target: Tensor, weight: Tensor, share: float = 0.003) -> None:
    """The last layer: a weighted ridge regression, gathered piece by piece."""
    size = net.to_scores.in_features + 1
    gram, mixed = torch.zeros(size, size), torch.zeros(size, target.shape[1])
    for columns_, wanted, counts in zip(seen.split(4096), target.split(4096), weight.split(4096), strict=True):
        x = torch.cat([net.known(columns_.float()), torch.ones(len(columns_), 1)], 1)
        heavy = (x * counts[:, None]).T
        gram += heavy @ x
        mixed += heavy @ wanted
    lift = share * gram.diagonal()[:-1].mean()
    gram.diagonal()[:-1].add_(lift)
    found = torch.linalg.solve(gram, mixed).T
    net.to_scores.weight.copy_(found[:, :-1])
    net.to_scores.bias.copy_(found[:, -1])


@torch.no_grad()
def measure(net: Colourist, trunk: FeatureNet, pictures: list[np.ndarray]) -> dict[str, float]:
    """Mean ΔE of photographs [h, w, 3] uint8 coloured by the network, and of grey ones."""
    made, grey = [], []
    for picture in pictures:
        true = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
        wanted = lab(true)
        made.append((lab(colourise(net, trunk, true)) - wanted).norm(dim=1).mean().item())
        grey.append(wanted[:, 1:].norm(dim=1).mean().item())
    return {"delta_e": round(float(np.mean(made)), 2), "delta_e_grey": round(float(np.mean(grey)), 2)}


def main() -> None:
    """Reads the command line and fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    data, trunk = Photographs(args.photographs), read_trunk(args.trunk)
    begun = time.process_time()
    seen, chroma = gathered(data, trunk)
    torch.save({"seen": seen, "chroma": chroma}, args.run / "gathered.pt")
    net = fitted(seen, chroma)
    seconds = round(time.process_time() - begun)
    torch.save({"net": net.state_dict(), "seconds": seconds, "cells": len(seen)}, args.run / "checkpoint.pt")
    print(json.dumps({"fit_seconds": seconds, **measure(net, trunk, data.held)}), flush=True)


if __name__ == "__main__":
    main()
