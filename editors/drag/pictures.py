"""Pictures of a drag: small ones now and then while it runs, and its film once it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facet import Context, Film
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import picture

INTERVAL = 0.2  # seconds between pictures; five a second look live
SHARE = 0.25  # of the time, at most, that drawing may take
CHEAP = 0.03  # seconds; a picture that takes less may be twice as high the next time


Over = Callable[[Tensor, Iterable[Tensor]], Iterable[Tensor]]
"""From codes [N, num_ws, w_dim] and the generator's pictures of them to what is filmed instead."""


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


FPS = 24.0
LONGEST = 96  # frames that are drawn; a longer drag is shown in larger strides
REST = 12  # frames for which the first and the last picture stand still


class Reel:
    """Every code of a drag [num_ws, w_dim], 12 KB a step at most, as plain data, so that slices can hand it on."""

    def __init__(self, start: NDArray[np.float32], kept: list[NDArray[np.float32]] | None = None) -> None:
        self.codes = list(kept) if kept else [start]

    def add(self, code: NDArray[np.float32]) -> None:
        """The code after one more step."""
        self.codes.append(code)

    def film(self, ctx: Context, generator: Generator, format: str, over: Over | None = None) -> Film:
        """The drag from its first picture to its last, in at most `LONGEST` drawn frames; see `Over`."""
        count = min(len(self.codes), LONGEST)
        chosen = np.stack([self.codes[round(i)] for i in np.linspace(0, len(self.codes) - 1, count)])
        codes = torch.from_numpy(chosen)
        drawn: Iterable[Tensor] = (picture(generator, code[None].to(ctx.device)) for code in codes)
        return Film(_frames(ctx, over(codes, drawn) if over else drawn, count), FPS, format, count + 2 * REST)


def _frames(ctx: Context, drawn: Iterable[Tensor], count: int) -> Iterator[Tensor]:
    for number, frame in enumerate(drawn):
        ctx.check_stop()
        for _ in range(1 + (REST if number in (0, count - 1) else 0)):
            yield frame
