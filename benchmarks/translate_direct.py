"""What `benchmarks.translate` measures of the direct network: labels → portrait without a code, and edits by it."""

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
from benchmarks.translate_edits import EDITS, STRANGE, number  # noqa: E402
from benchmarks.translate_measures import judged  # noqa: E402
from editors.translate.directly import Given, changed, drawn, given, merged  # noqa: E402
from editors.translate.palettes import PARTS  # noqa: E402
from editors.translate.portrait import Networks  # noqa: E402
from facet import LabelMap  # noqa: E402
from nets.features import PerceptualDistance  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from nets.translation.label_unet import LabelUnet  # noqa: E402
from nets.translation.tints import tints_of  # noqa: E402
from training.puppets import Renderer  # noqa: E402
from training.translation.export import mean_iou  # noqa: E402

COLOURINGS = (1, 2, 3, 4)
"""Seeds whose tints further outputs have."""


def direct(
    net: LabelUnet,
    nets: Networks,
    params: Tensor,
    pictures: Tensor,
    cells: Tensor,
    distance: PerceptualDistance,
    seeds: list[int],
) -> dict[str, Any]:
    """Of the direct network: parsed again, PSNR, perceptual distance, diversity, ms, and what edits of seeds reach.

    Args:
        net: sees labels at its own size; what it draws is made as small as the pictures.
        nets: of the drawing editors; the judges parse.
        params: controls of the renders [n, …].
        pictures: these, [n, 3, 128, 128] in -1..1.
        cells: exact parts, as the judges see them, [n, 64, 64].
        distance: perceptual.
        seeds: whose portraits are edited.
    """
    size, count = net.config.size, len(PARTS)
    frames = [Renderer("cpu", supersample=1)(row[None], size) for row in params]
    parts = torch.cat([frame.parts for frame in frames]).long()
    tints = torch.cat([tints_of(2 * frame.rgb - 1, frame.parts, count) for frame in frames])
    pairs = list(zip(parts.split(1), tints.split(1), strict=True))
    made = torch.cat([shrunk(drawn(net, one, merged(net, 0, tint)), pictures) for one, tint in pairs])
    found = judged(nets, made)
    others = [given(nets, nets.draw(codes(nets.generator, [seed], 0.9)), size).tints(count) for seed in COLOURINGS]
    apart = []
    for one in parts.split(1)[:4]:
        coloured = [shrunk(drawn(net, one, merged(net, n, tint)), pictures) for n, tint in enumerate(others)]
        apart += [distance(a, b).item() for n, a in enumerate(coloured) for b in coloured[n + 1 :]]
    return {
        "iou": mean_iou(cells, found, count),
        "same": (found == cells).float().mean().item(),
        "psnr": -10 * ((made - pictures) / 2).square().mean().log10().item(),
        "perceptual": distance(made, pictures).mean().item(),
        "colourings": sum(apart) / len(apart),
        "ms": milliseconds(lambda: drawn(net, parts[:1], tints[:1]), 3),
        "edits": {name: means([edited(net, nets, seed, name) for seed in seeds]) for name in EDITS},
    }


def shrunk(made: Tensor, like: Tensor) -> Tensor:
    """Pictures made as small as others."""
    return functional.adaptive_avg_pool2d(made, like.shape[-1])


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each measure over rows that have it."""
    return {key: float(torch.tensor([row[key] for row in rows]).nanmean()) for key in rows[0]}


def edited(net: LabelUnet, nets: Networks, seed: int, name: str) -> dict[str, float]:
    """Of an edit of a seed's own parse: how much of what was painted is seen again, and the change inside and outside.

    As `benchmarks.translate_measures.edits` measures it for the encoder.
    """
    before = given(nets, nets.draw(codes(nets.generator, [seed], 0.7)), net.config.size)
    remade, new, gained = by_edit(net, before, name)
    step = net.config.size // 64
    drawn_cells, seen = (one[:, step // 2 :: step, step // 2 :: step] for one in (new, before.parts))
    painted = drawn_cells != seen
    wanted = torch.isin(drawn_cells, torch.tensor([number(part) for part in gained])) & painted
    near = functional.max_pool2d(painted.float()[None], 7, 1, 3)[0] > 0
    change = functional.adaptive_avg_pool2d((remade - before.picture).abs().mean(1) / 2, 64)
    after = judged(nets, functional.adaptive_avg_pool2d(remade, 128))
    return {
        "reached": (after == drawn_cells)[wanted].float().mean().item(),
        "inside": change[painted].mean().item(),
        "outside": change[~near].mean().item(),
    }


def by_edit(net: LabelUnet, before: Given, name: str) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """A picture after an edit, as the editor makes it; the labels [1, s, s] that were painted; the parts gained."""
    edit, gained = EDITS[name] if name in EDITS else (STRANGE[name], ())
    parts = edit(LabelMap(before.parts[0].byte().numpy(), PARTS)).indices
    new = torch.from_numpy(parts.copy()).long()[None]
    return changed(net, before, new, merged(net, 0, before.tints(len(PARTS)))), new, tuple(gained)
