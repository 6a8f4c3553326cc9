"""What changes over a run: the size of the pictures and the learning rate, by the share 0..1 of the budget."""

from __future__ import annotations

import math


def stage_size(share: float, stages: list[list[float]]) -> int:
    """The picture size; ``stages`` are pairs of a size and its share."""
    for size, width in stages:
        share -= width
        if share < 0:
            return int(size)
    return int(stages[-1][0])


def learning_rate(highest: float, share: float, images: int) -> float:
    """Half a cosine down to 1.5 %, after a warm-up over the first thousand pictures."""
    falling = 0.5 + 0.5 * math.cos(math.pi * min(share, 1.0)) * 0.97 + 0.015
    return highest * falling * min(1.0, (images + 1) / 1000)
