"""What `benchmarks.translate` measures of portrait ↔ ink sketch.

The networks never saw a pair, but the program that draws ink sketches can draw that of any render: so there is a truth
to measure by, of people that nobody sketched for training.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.translate_measures import judged  # noqa: E402
from editors.translate.palettes import PARTS  # noqa: E402
from editors.translate.portrait import Networks  # noqa: E402
from metrics.translation import colourfulness, self_structure  # noqa: E402
from nets.features import FeatureNet, PerceptualDistance  # noqa: E402
from nets.translation.pair import Pair  # noqa: E402
from training.translation.export import mean_iou  # noqa: E402
from training.translation.ink import inked  # noqa: E402

SKETCHED = 77
"""Seed of the hand that sketches the truth."""


def pixels(picture: Tensor) -> NDArray[np.uint8]:
    """[3, h, w] in -1..1 as uint8 [h, w, 3]."""
    found: NDArray[np.uint8] = ((picture + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return found


def structure(made: Tensor, before: Tensor, trunk: FeatureNet) -> float:
    """Mean inner structure kept, 1 for all of it."""
    rows = [
        self_structure(network=trunk, result=pixels(a), subject=pixels(b)) for a, b in zip(made, before, strict=True)
    ]
    return sum(rows) / len(rows)


def riches(pictures: Tensor) -> float:
    """Mean colourfulness (Hasler and Süsstrunk 2003)."""
    return sum(colourfulness(one[None] / 2 + 0.5) for one in pictures) / len(pictures)


def unpaired(
    pairs: Mapping[str, Pair], nets: Networks, pictures: Tensor, parts: Tensor, distance: PerceptualDistance
) -> dict[str, dict[str, float]]:
    """Of each pair of networks, both ways, and of the truth.

    Args:
        pairs: by the method of training.
        nets: of the drawing editors; the judges parse.
        pictures: renders [n, 3, 128, 128] in -1..1.
        parts: theirs, exact, [n, 128, 128].
        distance: perceptual.
    """
    sketches = inked(pictures, parts, SKETCHED)
    small = parts[:, ::2, ::2]
    rows = {
        "truth": {
            "ink_structure": structure(sketches, pictures, distance.net),
            "ink_colour": riches(sketches),
            "portrait_structure": structure(pictures, sketches, distance.net),
            "portrait_colour": riches(pictures),
            "portrait_iou": mean_iou(small, judged(nets, pictures), len(PARTS)),
        }
    }
    for name, pair in pairs.items():
        rows[name] = {}
        for way, given, truth in (("to_ink", pictures, sketches), ("to_portrait", sketches, pictures)):
            if way not in pair.config.ways:
                continue
            made = torch.cat([pair(one, way) for one in given.split(4)])
            key = way.removeprefix("to_")
            rows[name] |= {
                f"{key}_structure": structure(made, given, distance.net),
                f"{key}_colour": riches(made),
                f"{key}_perceptual": distance(made, truth).mean().item(),
            }
            if key == "portrait":
                rows[name]["portrait_iou"] = mean_iou(small, judged(nets, made), len(PARTS))
        large = torch.rand(1, 3, 256, 256) * 2 - 1
        rows[name]["ms"] = milliseconds(lambda pair=pair, large=large: pair(large, "to_ink"), 3)
    return rows
