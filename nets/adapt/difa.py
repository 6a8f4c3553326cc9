"""DiFa's three terms (Zhang et al. 2022), with whatever looks at pictures and encodes them.

    L = Σ over sights (L_global + local · L_local) + consistency · ramp · L_scc
    L_global = 1 - cos(v_B - v_A, v_tar - v̄_A)                                  equation 4
    L_local  = max(mean_i min_j C_ij, mean_j min_i C_ij), C_ij = 1 - cos(F_i, F_tar_j)     equations 5 and 6
    L_scc    = |mask(Δw, α) · (w_B - w_A)|                                       equations 7 and 8

v are vectors of whole pictures, F tokens of their places, w codes. With CLIP B/32 and B/16 (`ClipSight`) and the
encoder e4e it is the published method. With features that know photographs (`TrunkSight`) and our encoder of puppets
in their places it is not, and the numbers of the paper say nothing of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.adapt.pool import portraits
from nets.adapt.sights import SIZE, Sight
from nets.adapt.sizes import rgb
from nets.inversion.half import image_at
from nets.stylegan2 import Generator
from nets.stylegan2.synthesis import Synthesis

SAMPLES = 48
"""Portraits that tell the mean of the source, as Zhang et al. compute it; never taken as zero."""

MEMORY = 50
"""Steps over which differences of codes are averaged."""

Encode = Callable[[Tensor], Tensor]
"""Pictures [N, 3, h, w] in -1..1 → codes [N, rows, w_dim], in units of how they differ from portrait to portrait."""


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
        sights: what looks at pictures.
        encode: what finds codes; None only where consistency is 0.
        reference: [1, 3, h, w] in 0..1, of any size.
        seen: [1, 1, h, w], 1 where the reference is and 0 where it is clear; None: all of it is there.
    """

    def __init__(
        self,
        generator: Generator,
        sights: Sequence[Sight],
        encode: Encode | None,
        reference: Tensor,
        terms: Terms,
        seen: Tensor | None = None,
        psi: float = 0.8,
        label: int | None = None,
    ) -> None:
        if encode is None and terms.consistency:
            raise ValueError("encode: consistency needs an encoder")
        self.generator, self.sights, self.encode, self.terms = generator, sights, encode, terms
        self.apart: deque[Tensor] = deque(maxlen=MEMORY)
        with torch.no_grad():
            looks = [sight.reference(reference, seen, terms.stroke) for sight in sights]
            self.tokens = [[tap[0] for tap in look.tokens] for look in looks]
            pool = portraits(generator, SAMPLES, psi, label, SIZE).split(4)
            found = [torch.cat([sight.look(each).embedding for each in pool]) for sight in sights]
            self.unit = [sight.units(each) for sight, each in zip(sights, found, strict=True)]
            rows = zip(looks, found, self.unit, strict=True)
            self.target = [(look.embedding - each.mean(0)) / unit for look, each, unit in rows]

    def begin(self, synthesis: Synthesis) -> None:
        """As published, the copy begins as the source."""

    def people(self, w_plus: Tensor) -> Tensor:
        """Whoever is drawn."""
        return w_plus

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar."""
        height = None if made.shape[2] == self.generator.config.resolution[0] else made.shape[2]
        with torch.no_grad():
            source = image_at(self.generator.synthesis, w_plus, height)
        y, loss = made.expand(-1, 3, -1, -1) / 2 + 0.5, made.new_zeros(())
        for sight, theirs, unit, target in zip(self.sights, self.tokens, self.unit, self.target, strict=True):
            with torch.no_grad():
                before = sight.look(rgb(source)).embedding
            look = sight.look(y)
            moved = (look.embedding - before) / unit
            loss = loss + self.terms.direction * (1 - F.cosine_similarity(moved, target, dim=1)).mean()
            if self.terms.local:
                for ours, tap in zip(look.tokens, theirs, strict=True):
                    near = torch.stack([relaxed_emd(each, tap) for each in ours]).mean()
                    loss = loss + self.terms.local / len(theirs) * near
        if self.encode is not None and self.terms.consistency:
            loss = loss + self._consistency(self.encode, made, source, share)
        return loss

    def _consistency(self, encode: Encode, made: Tensor, source: Tensor, share: float) -> Tensor:
        rows = self.terms.rows
        after = encode(made.expand(-1, 3, -1, -1).clamp(-1, 1))[:, :rows]
        with torch.no_grad():
            before = encode(source.expand(-1, 3, -1, -1).clamp(-1, 1))[:, :rows]
        apart = after - before
        self.apart.append(apart.detach().mean(0))
        drift = torch.stack(list(self.apart)).mean(0).abs().flatten()
        mask = kept(drift, self.terms.alpha).view_as(apart[0])
        ramp = max(0.0, share - self.terms.warm_up) / (1 - self.terms.warm_up)
        return self.terms.consistency * ramp * (apart.abs() * mask).mean()

    def state(self) -> Mapping[str, Any]:
        """The differences of codes that the mask is made from."""
        return {"apart": [each.cpu().numpy() for each in self.apart]}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        device = self.target[0].device
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
