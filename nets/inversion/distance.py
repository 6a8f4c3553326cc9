"""How far two pictures are apart, for optimisation: differentiable, one number per picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Distance = Callable[[Tensor, Tensor], Tensor]
"""(made, wanted), both [N, C, H, W] in about -1..1, to [N]: 0 for equal pictures, differentiable in the first."""


class PyramidDistance:
    """Mean absolute difference of values and of gradients over octaves; needs no weights of its own.

    Every octave counts the same, so large shapes pull at w from far away and edges settle it: plain pixel differences
    find neither a head that is turned nor an eye.
    """

    def __init__(self, levels: int = 4, edges: float = 0.5, weight: Tensor | None = None) -> None:
        """How to measure.

        Args:
            levels: octaves, the first of them at full size; fewer for pictures too small to be halved so often.
            edges: what gradients count, values counting 1.
            weight: map [N or 1, 1, H, W] from 0: what each pixel counts. It is divided by its mean.

        Raises:
            ValueError: no levels, or a weight that is negative or zero everywhere.
        """
        if levels < 1:
            raise ValueError(f"levels: {levels} is less than 1")
        if weight is not None and (bool((weight < 0).any()) or not bool((weight.mean((1, 2, 3)) > 0).all())):
            raise ValueError("weight: must not be negative, and not zero everywhere")
        self.levels, self.edges = levels, edges
        self.weight = None if weight is None else weight / weight.mean((1, 2, 3), keepdim=True)

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance of each pair, [N]."""
        error = made - wanted
        weight = torch.ones_like(error[:1, :1]) if self.weight is None else self.weight.to(error)
        if weight.shape[2:] != error.shape[2:]:  # a picture at half size
            weight = F.interpolate(weight, error.shape[2:], mode="area")
        total, count = error.new_zeros(len(error)), 0
        while True:
            total = total + (error * weight).abs().mean((1, 2, 3))
            total = total + self.edges * (_slope(error, weight, 3) + _slope(error, weight, 2))
            count += 1
            if count == self.levels or min(error.shape[2:]) < 4:
                return total / count
            # averages of weighted errors, so that nothing leaks across a border of the weight
            error, weight = F.avg_pool2d(error * weight, 2), F.avg_pool2d(weight, 2)
            error = error / weight.clamp(min=1e-6)


class WeightedSum:
    """Several distances together: ``WeightedSum([(1.0, PyramidDistance()), (0.5, features)])``."""

    def __init__(self, terms: Sequence[tuple[float, Distance]]) -> None:
        """Pairs of factor and distance. Raises ValueError when there are none."""
        if not terms:
            raise ValueError("terms: at least one distance is needed")
        self.terms = tuple(terms)

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The sum for each pair, [N]."""
        return torch.stack([factor * distance(made, wanted) for factor, distance in self.terms]).sum(0)


class PublishedTuning:
    """What pivotal tuning minimises in Roich et al. 2021, section 3.2: LPIPS and the mean squared difference."""

    def __init__(self, lpips: Distance) -> None:
        """`lpips`: LPIPS of pictures [N, 3, H, W] in -1..1, at least 16 pixels a side."""
        self.lpips = lpips

    def __call__(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The loss of each pair, [N]; grey pictures are shown to LPIPS as three equal channels."""
        colour = (each.expand(-1, 3, -1, -1) for each in (made, wanted))
        return self.lpips(*colour) + (made - wanted).square().mean((1, 2, 3))


def _slope(error: Tensor, weight: Tensor, axis: int) -> Tensor:
    """Weighted mean absolute difference of neighbours along an axis, [N]."""
    size = error.shape[axis]
    if size < 2:
        return error.new_zeros(len(error))
    between = torch.minimum(weight.narrow(axis, 1, size - 1), weight.narrow(axis, 0, size - 1))
    step = error.narrow(axis, 1, size - 1) - error.narrow(axis, 0, size - 1)
    return (step * between).abs().mean((1, 2, 3))
