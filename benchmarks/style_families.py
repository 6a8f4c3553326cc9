"""Whether statistics of features tell painters apart, in colour and without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from nets.features import FeatureNet
from nets.gabor import GaborPyramid, to_opponent
from nets.randomvgg import RandomVGG
from training.features.data import HELD_OUT_SEED, UNLABELLED, painting
from training.features.figures import Describe, by_gram, by_moments, nearest_centroid

CHEAP = ("contour", "mosaic", "tartan", "halftone", "ink", "woodcut")
"""Painters that need less than a second a picture."""


def spaces(net: FeatureNet) -> dict[str, Describe]:
    """Name → description of pictures in -1..1 by statistics."""
    gabor, random = GaborPyramid(), RandomVGG()
    own = [lambda x: net(x, 4), lambda x: gabor(to_opponent((x + 1) / 2)), lambda x: random((x + 1) / 2)]
    named = zip(("features", "Gabor pyramid", "random network"), own, strict=True)
    found: dict[str, Describe] = {"colours alone": by_moments(lambda x: [x])}
    for name, taps in named:
        found |= {f"{name}, mean and deviation": by_moments(taps), f"{name}, Gram": by_gram(taps)}
    return found


def pieces(families: tuple[str, ...], seed: int, each: int) -> tuple[Tensor, Tensor]:
    """Four crops of 128 pixels of every painting, in -1..1, and their families' numbers."""
    whole = [painting(name, seed + n, 256) for n in range(each) for name in families]
    corners = [p[:, y : y + 128, x : x + 128] for p in whole for y in (0, 128) for x in (0, 128)]
    rows = torch.arange(len(families)).repeat(each).repeat_interleave(4)
    return torch.from_numpy(np.stack(corners)).float() / 127.5 - 1, rows


def families_told_apart(net: FeatureNet, families: tuple[str, ...], each: int) -> dict[str, Any]:
    """Share of crops whose nearest centroid is their own painter's, among all and among the unlabelled families."""
    known, known_rows = pieces(families, HELD_OUT_SEED, each)
    asked, rows = pieces(families, HELD_OUT_SEED + each, each)
    hidden = torch.tensor([name in UNLABELLED for name in families])
    some, few = hidden[known_rows], hidden[rows]
    result: dict[str, Any] = {
        "families": len(families),
        "unlabelled": int(hidden.sum()),
        "crops": len(asked),
        "right": {},
    }
    for name, describe in spaces(net).items():
        found = {}
        for tone, (one, two) in {"colour": (known, asked), "grey": (grey(known), grey(asked))}.items():
            found[tone] = nearest_centroid(describe, one, known_rows, two, rows)
            found[f"{tone}, unlabelled"] = nearest_centroid(describe, one[some], known_rows[some], two[few], rows[few])
        result["right"][name] = {tone: round(share, 4) for tone, share in found.items()}
    return result


def grey(pictures: Tensor) -> Tensor:
    """Without colour, and with one mean and deviation, so that only texture is left."""
    light = pictures.mean(1, keepdim=True)
    deviation, mean = torch.std_mean(light, (2, 3), keepdim=True)
    return ((light - mean) / deviation.clamp(min=1e-3) * 0.35).clamp(-1, 1).expand(-1, 3, -1, -1).contiguous()
