"""Small pictures now and then while a drag runs, so that drawing never holds the optimiser up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

INTERVAL = 0.2  # seconds between pictures; five a second look live
SHARE = 0.25  # of the time, at most, that drawing may take
CHEAP = 0.03  # seconds; a picture that takes less may be twice as high the next time


class Previews:
    """The picture for the screen: the same object again until it is time for a new one.

    draw: makes a picture of at most that height. tall: the height of the whole picture, which is never passed.
    """

    def __init__(
        self, draw: Callable[[int], Any], tall: int, small: int = 128, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._draw, self._tall, self._height, self._clock = draw, tall, min(small, tall), clock
        self._picture: Any = None
        self._due = -float("inf")

    def __call__(self) -> Any:
        """A picture that is at most about `INTERVAL` seconds old, or as old as `SHARE` asks for."""
        begun = self._clock()
        if begun >= self._due:
            self._picture = self._draw(self._height)
            ended = self._clock()
            cost = ended - begun
            self._due = ended + max(INTERVAL - cost, cost * (1 / SHARE - 1))
            if cost < CHEAP:
                self._height = min(2 * self._height, self._tall)
        return self._picture
