"""DiFa's three terms (Zhang et al. 2022) with our own networks in the places of CLIP and of the e4e encoder.

    L = L_global + local · L_local + consistency · ramp · L_scc
    L_global = 1 - cos(v_B - v_A, v_tar - v̄_A)                                  equation 4
    L_local  = max(mean_i min_j C_ij, mean_j min_i C_ij), C_ij = 1 - cos(F_i, F_tar_j)     equations 5 and 6
    L_scc    = |mask(Δw, α) · (w_B - w_A)|                                       equations 7 and 8

Stand-ins, and they are not the paper's: v are means and deviations of relu3_1 and relu4_1 of a network that knows
photographs, in units of how they differ from portrait to portrait, where the paper embeds with CLIP; the tokens F are
the places of the same taps, where the paper takes those of CLIP's third block; w are codes of our encoder of puppets.
So the numbers of the paper say nothing of this.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.adapt.sizes import covering, rgb
from nets.adapt.trainer import FIRST_SEED
from nets.encoder import Encoder, encode
from nets.features import FeatureNet, mean_std
from nets.inversion.half import half_height, image_at
from nets.seen import among
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes
from nets.stylegan2.synthesis import Synthesis

TAPS = (2, 3)
"""relu3_1 and relu4_1, by their numbers from 0."""

SAMPLES = 48
"""Portraits that tell the mean of the source, as Zhang et al. compute it; never taken as zero."""

TOKENS = 256
"""Most places of a tap that are compared."""

SIZE = 128
"""Height at which pictures are looked at."""

MEMORY = 50
"""Steps over which differences of codes are averaged."""


@dataclass(frozen=True)
class Terms:
    """Weights of the three terms, and the paper's knobs.

    alpha: share of the coordinates, those that differ least, that are kept equal. rows: how many of the first rows of
    w_plus are compared. warm_up: share of the steps before consistency begins; it then grows linearly to its weight.
    stroke: size of the reference's strokes; 1 lays it over a portrait's area.
    """

    direction: float = 1.0
    local: float = 1.0
    consistency: float = 6.0
    alpha: float = 0.6
    rows: int = 7
    warm_up: float = 1 / 6
    stroke: float = 1.0


class Difa:
    """The loss above, as an `nets.adapt.trainer.Objective`.

    Args:
        generator: the source.
        trunk: pictures in -1..1 to features, in CLIP's place.
        encoder: pictures to codes, in e4e's place; None only where consistency is 0.
        reference: [1, 3, h, w] in 0..1, of any size.
        seen: [1, 1, h, w], 1 where the reference is and 0 where it is clear; None: all of it is there.
    """

    def __init__(
        self,
        generator: Generator,
        trunk: FeatureNet,
        encoder: Encoder | None,
        reference: Tensor,
        terms: Terms,
        seen: Tensor | None = None,
        psi: float = 0.8,
        label: int | None = None,
    ) -> None:
        if encoder is None and terms.consistency:
            raise ValueError("encoder: consistency needs one")
        self.generator, self.trunk, self.encoder, self.terms = generator, trunk, encoder, terms
        self.apart: deque[Tensor] = deque(maxlen=MEMORY)
        with torch.no_grad():
            laid = covering(reference, SIZE, terms.stroke)
            there = None if seen is None else covering(seen, SIZE, terms.stroke).round()
            taps = [among(self._taps(laid)[n], there) for n in TAPS]
            self.tokens = [_tokens(tap)[0] for tap in taps]
            pool = codes(generator, range(FIRST_SEED - SAMPLES, FIRST_SEED), psi, label)
            half = half_height(generator.synthesis)
            half = half if half is not None and half >= SIZE else None
            found = torch.cat([self._embed(rgb(image_at(generator.synthesis, w, half))) for w in pool.split(4)])
            self.unit = found.std(0).clamp_min(0.05 * found.std(0).max())
            self.target = (_embedding(taps) - found.mean(0)) / self.unit

    def begin(self, synthesis: Synthesis) -> None:
        """As published, the copy begins as the source."""

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar."""
        height = None if made.shape[2] == self.generator.config.resolution[0] else made.shape[2]
        y = made.expand(-1, 3, -1, -1) / 2 + 0.5
        with torch.no_grad():
            source = image_at(self.generator.synthesis, w_plus, height)
            before = self._embed(rgb(source))
        taps = [self._taps(y)[n] for n in TAPS]
        moved = (_embedding(taps) - before) / self.unit
        loss = self.terms.direction * (1 - F.cosine_similarity(moved, self.target, dim=1)).mean()
        if self.terms.local:
            for tap, theirs in zip(taps, self.tokens, strict=True):
                near = torch.stack([relaxed_emd(ours, theirs) for ours in _tokens(tap)]).mean()
                loss = loss + self.terms.local / len(TAPS) * near
        if self.encoder is not None and self.terms.consistency:
            loss = loss + self._consistency(made, source, share)
        return loss

    def _consistency(self, made: Tensor, source: Tensor, share: float) -> Tensor:
        assert self.encoder is not None
        rows = self.terms.rows
        after = encode(self.encoder, made.expand(-1, 3, -1, -1).clamp(-1, 1))[:, :rows]
        with torch.no_grad():
            before = encode(self.encoder, source.expand(-1, 3, -1, -1).clamp(-1, 1))[:, :rows]
        apart = (after - before) / self.encoder.deviation
        self.apart.append(apart.detach().mean(0))
        drift = torch.stack(list(self.apart)).mean(0).abs().flatten()
        mask = kept(drift, self.terms.alpha).view_as(apart[0])
        ramp = max(0.0, share - self.terms.warm_up) / (1 - self.terms.warm_up)
        return self.terms.consistency * ramp * (apart.abs() * mask).mean()

    def _taps(self, pictures: Tensor) -> list[Tensor]:
        mode = {"mode": "area"} if pictures.shape[2] >= SIZE else {"mode": "bilinear", "align_corners": False}
        small = F.interpolate(pictures, (SIZE, SIZE), **mode)
        found: list[Tensor] = self.trunk(small * 2 - 1, max(TAPS) + 1)
        return found

    def _embed(self, pictures: Tensor) -> Tensor:
        return _embedding([self._taps(pictures)[n] for n in TAPS])

    def state(self) -> Mapping[str, Any]:
        """The differences of codes that the mask is made from."""
        return {"apart": [each.cpu().numpy() for each in self.apart]}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        device = self.target.device
        self.apart = deque((torch.from_numpy(np.array(each)).to(device) for each in state["apart"]), maxlen=MEMORY)


def relaxed_emd(ours: Tensor, theirs: Tensor) -> Tensor:
    """Relaxed earth mover's distance of two sets of tokens [n, C] and [m, C] (Kolkin et al. 2019, equation 5)."""
    cost = 1 - F.normalize(ours, dim=1) @ F.normalize(theirs, dim=1).T
    return torch.maximum(cost.min(1).values.mean(), cost.min(0).values.mean())


def kept(drift: Tensor, alpha: float) -> Tensor:
    """1 for the `alpha` share of the coordinates [n] that drift least, 0 for the others."""
    count = round(alpha * len(drift))
    mask = torch.zeros_like(drift)
    mask[drift.topk(count, largest=False).indices] = 1
    return mask


def _embedding(taps: list[Tensor]) -> Tensor:
    return torch.cat([part.flatten(1) for tap in taps for part in mean_std(tap)], 1)


def _tokens(tap: Tensor) -> Tensor:
    """Places of features [N, C, h, w], at most `TOKENS` of them, evenly spread: [N, n, C]."""
    flat = tap.flatten(2).transpose(1, 2)
    return flat[:, :: max(1, -(-flat.shape[1] // TOKENS))]
