"""How far apart two faces' features lie, as the judges see them: an avatar must have its eyes where the person has."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.judges.network import Judges
from nets.judges.reading import landmarks, read

SURE = 0.6  # confidence in the wanted face below which nothing is asked
SEEN = 0.4
EYES = (slice(36, 42), slice(42, 48))
SINGLE = (*range(36), *range(48, 60))
"""Jaw, brows, nose and the lips' outline of iBUG's 68. Of the eyes only the middle counts: lids say little of where."""


class LandmarkDistance:
    """Mean distance of landmarks in shares of the side. (made, wanted) → [N], differentiable in the first.

    0 where no face is seen in the wanted picture. What is seen there is kept while it stays the same tensor.
    """

    def __init__(self, judges: Judges) -> None:
        self.judges = judges
        self._kept: tuple[Tensor, Tensor, Tensor] | None = None

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair of pictures [N, 3, h, w] in -1..1."""
        if self._kept is None or self._kept[0] is not wanted:
            places, visible, sure = landmarks(self.judges, wanted[0])
            counts = _points(visible[:, None]).squeeze(1) > SEEN if sure >= SURE else torch.zeros(0, dtype=torch.bool)
            self._kept = wanted, _points(places) / wanted.shape[-1], counts
        _, places, counts = self._kept
        if not bool(counts.any()):
            return made.new_zeros(len(made))
        found = torch.stack([_points(one) for one in read(self.judges, made).landmarks]) / made.shape[-1]
        return (found - places)[:, counts].square().sum(2).add(1e-8).sqrt().mean(1)


def _points(marks: Tensor) -> Tensor:
    """What counts, of landmarks [68 or more, k]."""
    return torch.cat([marks[list(SINGLE)], *(marks[eye].mean(0, keepdim=True) for eye in EYES)])
