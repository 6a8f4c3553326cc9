"""What looks at pictures for adaptation: one vector for a whole picture, and tokens for its places."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.adapt.sizes import covering
from nets.clip import Clip
from nets.features import FeatureNet, mean_std
from nets.seen import among

TAPS = (2, 3)
"""relu3_1 and relu4_1, by their numbers from 0."""

TOKENS = 256
"""Most places of a tap that are compared."""

SIZE = 128
"""Height at which the trunk looks at pictures."""

BLOCKS = 4
"""Blocks of CLIP that tokens have passed: the authors' code takes what leaves its block number 3, counted from 0."""


class Look(NamedTuple):
    """embedding: [N, k], of whole pictures. tokens: of each tap [N, n, C], of places."""

    embedding: Tensor
    tokens: list[Tensor]


class Sight(Protocol):
    """A network that looks."""

    def look(self, pictures: Tensor) -> Look:
        """Pictures [N, 3, h, w] in 0..1, of any size; differentiable."""

    def reference(self, picture: Tensor, seen: Tensor | None, stroke: float) -> Look:
        """The reference [1, 3, h, w] in 0..1, of which `seen` [1, 1, h, w] is there; `stroke`: see `covering`."""

    def units(self, embeddings: Tensor) -> Tensor:
        """What embeddings [N, k] of many portraits are measured in: [k], or one number."""


class TrunkSight:
    """Means and deviations of relu3_1 and relu4_1, and the places of these taps. In CLIP's place; it is not CLIP."""

    def __init__(self, trunk: FeatureNet) -> None:
        self.trunk = trunk

    def look(self, pictures: Tensor) -> Look:
        """At 128 pixels of height."""
        taps = self._taps(pictures)
        return Look(_embedding(taps), [_tokens(tap) for tap in taps])

    def reference(self, picture: Tensor, seen: Tensor | None, stroke: float) -> Look:
        """With the area of a portrait and not stretched; places that are not there count for nothing."""
        there = None if seen is None else covering(seen, SIZE, stroke).round()
        taps = self.trunk(covering(picture, SIZE, stroke) * 2 - 1, max(TAPS) + 1)
        known = [among(taps[n], there) for n in TAPS]
        return Look(_embedding(known), [_tokens(tap) for tap in known])

    def units(self, embeddings: Tensor) -> Tensor:
        """How they differ from portrait to portrait, so that silent channels do not shout."""
        deviation = embeddings.std(0)
        return deviation.clamp_min(0.05 * deviation.max())

    def _taps(self, pictures: Tensor) -> list[Tensor]:
        mode = {"mode": "area"} if pictures.shape[2] >= SIZE else {"mode": "bilinear", "align_corners": False}
        small = F.interpolate(pictures, (SIZE, SIZE), **mode)
        found = self.trunk(small * 2 - 1, max(TAPS) + 1)
        return [found[n] for n in TAPS]


class ClipSight:
    """CLIP's own vectors (Radford et al. 2021), and its patches' tokens as Zhang et al. 2022 take them."""

    def __init__(self, clip: Clip) -> None:
        self.clip = clip

    def look(self, pictures: Tensor) -> Look:
        """At CLIP's own size."""
        embedding, tokens = self.clip.look(pictures, BLOCKS)
        return Look(embedding, [tokens])

    def reference(self, picture: Tensor, seen: Tensor | None, stroke: float) -> Look:
        """As any other picture: CLIP sees the whole of it, also where it was clear and has been filled."""
        return self.look(picture)

    def units(self, embeddings: Tensor) -> Tensor:
        """Its vectors have their length already."""
        return torch.ones((), device=embeddings.device)


def _embedding(taps: list[Tensor]) -> Tensor:
    return torch.cat([part.flatten(1) for tap in taps for part in mean_std(tap)], 1)


def _tokens(tap: Tensor) -> Tensor:
    """Places of features [N, C, h, w], at most `TOKENS` of them, evenly spread: [N, n, C]."""
    flat = tap.flatten(2).transpose(1, 2)
    return flat[:, :: max(1, -(-flat.shape[1] // TOKENS))]
