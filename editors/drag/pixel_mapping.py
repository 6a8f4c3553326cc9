"""Between the picture that is shown and the image that the generator makes: points and masks, there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from editors.drag.settings import Point
from facet import Mask, Pair, Subject
from nets.stylegan2 import Generator


@dataclass(frozen=True)
class PixelMapping:
    """The sizes (width, height) of the subject and of the generator's image; mostly they are the same."""

    subject: tuple[int, int]
    image: tuple[int, int]

    @classmethod
    def of(cls, subject: Subject, generator: Generator) -> PixelMapping:
        """The stage of one drag."""
        height, width = generator.config.resolution
        return cls(subject.size, (width, height))

    @property
    def scale(self) -> float:
        """How many of the subject's pixels one of the image's is high."""
        return self.subject[1] / self.image[1]

    def inside(self, pairs: Sequence[Pair]) -> tuple[list[Point], list[Point]]:
        """Handles and targets in pixels of the generator's image."""
        handles, targets = zip(*pairs, strict=True)
        return self._through(handles, self.subject, self.image), self._through(targets, self.subject, self.image)

    def outside(self, points: Sequence[Point]) -> tuple[Point, ...]:
        """Points of the generator's image in the subject's pixels."""
        return tuple(self._through(points, self.image, self.subject))

    def mask(self, mask: Mask | None) -> torch.Tensor | None:
        """The mask at the image's size, nearest neighbour."""
        if mask is None:
            return None
        rows, columns = (
            ((np.arange(n) + 0.5) * m / n).astype(int)
            for n, m in zip(self.image[::-1], self.subject[::-1], strict=True)
        )
        return torch.from_numpy(mask[rows][:, columns])

    @staticmethod
    def _through(points: Sequence[Point], from_size: tuple[int, int], to_size: tuple[int, int]) -> list[Point]:
        """From the pixels of one size to those of another; pixel centres are whole numbers in both."""
        if from_size == to_size:
            return [(float(x), float(y)) for x, y in points]
        (w, h), (to_w, to_h) = from_size, to_size
        moved = (((x + 0.5) * to_w / w - 0.5, (y + 0.5) * to_h / h - 0.5) for x, y in points)
        return [(min(max(x, 0.0), to_w - 1.0), min(max(y, 0.0), to_h - 1.0)) for x, y in moved]
