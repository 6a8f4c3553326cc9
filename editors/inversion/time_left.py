"""How long an inversion will still take, from the steps that it has made."""

from __future__ import annotations

import time
from collections.abc import Callable

from editors.inversion.method import HALF, Effort

CODE, HALF_SIZE, FULL_SIZE = 1.0, 1.1, 1.6
"""What an evaluation costs, in those of the code: tuning at half size, and at the full one. Measured at 256 pixels."""
SURE = 3  # evaluations after which the time they take is known


class TimeLeft:
    """Seconds that are left; the newest evaluations tell how quick this machine now is."""

    def __init__(self, effort: Effort, clock: Callable[[], float] = time.monotonic) -> None:
        self._effort, self._clock = effort, clock
        self._before: tuple[int, float] | None = None
        self._unit, self._seen = 0.0, 0

    def after(self, done: int) -> float | None:
        """Seconds left after so many evaluations of both stages; None while nobody knows."""
        now = self._clock()
        if self._before is not None and done > self._before[0]:
            spent = (now - self._before[1]) / self._cost(self._before[0], done)
            self._seen += 1
            self._unit += (spent - self._unit) / min(self._seen, 12)
        if self._before is None or done >= self._before[0]:  # what lies before the first one is none of them
            self._before = done, now
        if self._seen < SURE:
            return None
        return self._unit * self._cost(done, self._effort.steps + self._effort.tuning)

    def _cost(self, start: int, end: int) -> float:
        steps, half = self._effort.steps, self._effort.steps + int(self._effort.tuning * HALF)
        parts = ((0, steps, CODE), (steps, half, HALF_SIZE), (half, steps + self._effort.tuning, FULL_SIZE))
        return sum(cost * max(0, min(end, last) - max(start, first)) for first, last, cost in parts) or 1e-9


def in_words(seconds: float | None) -> str:
    """E.g. ``", 40 s left"``; empty where nobody knows, and for the last moment."""
    if seconds is None or seconds < 1:
        return ""
    if seconds >= 90:
        return f", {round(seconds / 60)} min left"
    return f", {round(seconds / 5) * 5 if seconds > 12 else round(seconds)} s left"
