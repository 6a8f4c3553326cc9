"""What `benchmarks.translate` measures of a direct network: labels → portrait without a code, and edits by it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.translate_edits import EDITS, number  # noqa: E402
from benchmarks.translate_measures import judged  # noqa: E402
from editors.translate.palettes import PARTS  # noqa: E402
from editors.translate.parsing import parse  # noqa: E402
from editors.translate.portrait import Networks  # noqa: E402
from nets.features import PerceptualDistance  # noqa: E402
from nets.label_encoder import colours_of  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from nets.translation import Unet  # noqa: E402
from training.translation.direct import asked  # noqa: E402
from training.translation.export import mean_iou  # noqa: E402


def direct(
    net: Unet, nets: Networks, pictures: Tensor, parts: Tensor, distance: PerceptualDistance, seeds: list[int]
) -> dict[str, Any]:
    """Of a direct network: parsed again, PSNR, perceptual distance, ms at 256 pixels, and what edits of seeds reach."""
    wanted = asked(parts, colours_of(pictures, parts, len(PARTS)))
    made = torch.cat([net(one) for one in wanted.split(4)])
    small, found = parts[:, ::2, ::2], judged(nets, made)
    large = functional.interpolate(wanted[:1], (256, 256), mode="nearest")
    return {
        "iou": mean_iou(small, found, len(PARTS)),
        "same": (found == small).float().mean().item(),
        "psnr": -10 * ((made - pictures) / 2).square().mean().log10().item(),
        "perceptual": distance(made, pictures).mean().item(),
        "ms": milliseconds(lambda: net(large), 3),
        "edits": {name: means([edited(net, nets, seed, name) for seed in seeds]) for name in EDITS},
    }


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each measure over rows that have it."""
    return {key: float(torch.tensor([row[key] for row in rows]).nanmean()) for key in rows[0]}


def edited(net: Unet, nets: Networks, seed: int, name: str) -> dict[str, float]:
    """Of an edit of a seed's own parse: how much of what was painted is seen again, and the change inside and outside.

    As `benchmarks.translate_measures.edits` measures it for the encoder; the picture is what the network itself draws
    of the parse.
    """
    picture = nets.draw(codes(nets.generator, [seed], 0.7))
    before = parse(nets.judges, picture)[0]
    edit, gained = EDITS[name]
    old, new = (torch.from_numpy(one.indices.copy()).long()[None] for one in (before, edit(before)))
    colours = colours_of(picture, old, len(PARTS))
    colours = torch.where(colours[..., 3:] > 0, colours, PALETTE)
    made, remade = (net(asked(one, colours)) for one in (old, new))
    drawn, seen = new[:, ::2, ::2], old[:, ::2, ::2]
    painted = drawn != seen
    wanted = torch.isin(drawn, torch.tensor([number(part) for part in gained])) & painted
    near = functional.max_pool2d(painted.float()[None], 7, 1, 3)[0] > 0
    change = functional.adaptive_avg_pool2d((remade - made).abs().mean(1) / 2, 64)
    return {
        "reached": (judged(nets, remade) == drawn)[wanted].float().mean().item(),
        "inside": change[painted].mean().item(),
        "outside": change[~near].mean().item(),
    }


PALETTE = torch.cat([torch.tensor(PARTS.colours).float() / 127.5 - 1, torch.ones(len(PARTS), 1)], 1)[None]
"""Colours of parts that a picture does not have."""
