"""A perceptual distance from the judges' trunk. It is not LPIPS: other features, other weights, other values."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.judges.network import Judges
from nets.judges.reading import resample, to_square


class FeatureDistance:
    """Mean over four levels of the distance of features that are scaled to unit length at each place.

    The form is that of Zhang et al. 2018, equation 1, without learned weights. (made, wanted) → [N], differentiable.
    Features of the wanted picture are kept while it stays the same tensor.
    """

    def __init__(self, judges: Judges) -> None:
        self.judges = judges
        self._kept: tuple[Tensor, int, list[Tensor]] | None = None

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair of pictures [N, 3, h, w] in -1..1, 0 for equal ones."""
        if self._kept is None or self._kept[0] is not wanted or self._kept[1] != wanted._version:
            with torch.no_grad():
                self._kept = wanted, wanted._version, self.features(wanted)
        pairs = zip(self.features(made), self._kept[2], strict=True)
        return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).mean(0)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Features at 1/2 to 1/16 of the judges' size, of unit length at each place."""
        square = resample(to_square(pictures)[0], self.judges.config.size)
        return [f / (f.square().sum(1, keepdim=True) + 1e-4).sqrt() for f in self.judges.trunk(square)]
