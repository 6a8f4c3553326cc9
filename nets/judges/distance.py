"""A perceptual distance from the judges' trunk. It is not LPIPS: other features, other weights, other values."""

from __future__ import annotations

from torch import Tensor

from nets.distance import UnitFeatureDistance, unit
from nets.judges.network import Judges
from nets.judges.reading import resample, to_square


class FeatureDistance(UnitFeatureDistance):
    """Mean over four levels of the distance of features that are scaled to unit length at each place.

    The form is that of Zhang et al. 2018, equation 1, without learned weights. (made, wanted) → [N], differentiable.
    Features of the wanted picture are kept while it stays the same tensor.
    """

    def __init__(self, judges: Judges) -> None:
        super().__init__()
        self.judges = judges

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair of pictures [N, 3, h, w] in -1..1, 0 for equal ones."""
        return self.levels(made, wanted).mean(0)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Features at 1/2 to 1/16 of the judges' size, of unit length at each place."""
        square = resample(to_square(pictures)[0], self.judges.config.size)
        return [unit(features) for features in self.judges.trunk(square)]
