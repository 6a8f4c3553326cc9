"""Labelled samples of a generator, from which a direction is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Samples:
    """Labelled samples of one generator, either all by seed or all by code.

    Attributes:
        labels: float64 [n]; of two different values the larger means yes, more of them are scores.
        seeds: of the samples, or empty.
        codes: float32 [n, w_dim], the mean row of each picture's w_plus, or None.
        generator: whose codes they are; empty for seeds, which belong to any.
    """

    labels: NDArray[np.float64]
    seeds: tuple[int, ...] = ()
    codes: NDArray[np.float32] | None = None
    generator: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_yes(self) -> NDArray[np.bool_]:
        """Which labels lie above the middle of their range."""
        return np.asarray(self.labels > (self.labels.min() + self.labels.max()) / 2)
