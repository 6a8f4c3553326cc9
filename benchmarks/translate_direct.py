"""What `benchmarks.translate` measures of the direct network: labels → portrait without a code, and edits by it.

It draws at 256 pixels; pictures are compared with renders of that size, at 128 as those of the encoder are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.translate_edits import EDITS, number  # noqa: E402
from benchmarks.translate_measures import judged  # noqa: E402
from editors.translate.palettes import PARTS, squared  # noqa: E402
from editors.translate.parsing import cells, parse  # noqa: E402
from editors.translate.portrait import Networks  # noqa: E402
from nets.features import PerceptualDistance  # noqa: E402
from nets.label_encoder import colours_of  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from nets.translation.direct import Direct  # noqa: E402
from training.puppets import Renderer  # noqa: E402
from training.translation.export import mean_iou  # noqa: E402


def drawn(net: Direct, nets: Networks, params: Tensor, seen: Tensor, distance: PerceptualDistance) -> dict[str, Any]:
    """Of a direct network: parsed again, PSNR and perceptual distance at 128 pixels, milliseconds.

    Args:
        net: the network.
        nets: of the drawing editors; the judges parse.
        params: of the renders.
        seen: their parts [n, 64, 64].
        distance: perceptual.
    """
    rows, truths, draw = [], [], Renderer("cpu", False, 1)
    for row in params:
        frame = draw(row[None], net.config.size)
        colours = colours_of(2 * frame.rgb - 1, frame.parts.long(), len(PARTS))
        rows.append(functional.avg_pool2d(net(frame.parts.long(), colours).clamp(-1, 1), 2))
        truths.append(functional.avg_pool2d(2 * frame.rgb - 1, 2))
    made, true = torch.cat(rows), torch.cat(truths)
    found, parts = judged(nets, made), frame.parts.long()
    return {
        "iou": mean_iou(seen, found, len(PARTS)),
        "same": (found == seen).float().mean().item(),
        "psnr": -10 * ((made - true) / 2).square().mean().log10().item(),
        "perceptual": distance(made, true).mean().item(),
        "ms": milliseconds(lambda: net(parts, colours), 3),
    }


def edits(net: Direct, nets: Networks, seeds: list[int]) -> dict[str, dict[str, float]]:
    """Of edited parses of seeds, as `benchmarks.translate_measures.edits` of what the network draws."""
    return {name: means([edited(net, nets, seed, name) for seed in seeds]) for name in EDITS}


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each measure over rows that have it."""
    return {key: float(torch.tensor([row[key] for row in rows]).nanmean()) for key in rows[0]}


def edited(net: Direct, nets: Networks, seed: int, name: str) -> dict[str, float]:
    """Of an edit of a seed's own parse: how much of what was painted is seen again, and the change inside and outside.

    The picture before is what the network itself draws of the parse, in the colours of the seed's portrait.
    """
    size, picture = net.config.size, nets.draw(codes(nets.generator, [seed], 0.7))
    labels = parse(nets.judges, picture)[0]
    edit, gained = EDITS[name]
    drawn_on = edit(labels)
    colours = cells(nets.judges, picture)[1]
    before, after = (
        functional.avg_pool2d(net(torch.from_numpy(squared(one, size).astype(np.int64))[None], colours).clamp(-1, 1), 2)
        for one in (labels, drawn_on)
    )
    seen, wanted = (torch.from_numpy(squared(one, 64).astype(np.int64))[None] for one in (labels, drawn_on))
    painted = seen != wanted
    near = functional.max_pool2d(painted.float()[None], 7, 1, 3)[0] > 0
    new = torch.isin(wanted, torch.tensor([number(part) for part in gained])) & painted
    change = functional.adaptive_avg_pool2d((after - before).abs().mean(1) / 2, 64)
    return {
        "reached": (judged(nets, after) == wanted)[new].float().mean().item(),
        "inside": change[painted].mean().item(),
        "outside": change[~near].mean().item(),
    }
