"""One photograph to which many pictures of a generator are carried over: sliders that move, frames of a film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.carry.flow import ROUNDS
from nets.carry.landmarks import Marks, compared, seen, travel
from nets.carry.movement import Movement, movement, walked
from nets.carry.photograph import Carried, Ground
from nets.carry.settled import Asked
from nets.carry.spots import SIDE
from nets.judges import Judges

LIVE_SIDE, LIVE_ROUNDS = 128, 2
"""Pixels at which a live carrier reads movement, and its rounds of flow: a fifth of the time."""
STRIDES = (0.12, 0.45)
"""How far a face moves, in eye distances, before it is walked in two steps, and in three."""
ROUNDED = 1.5 / 255
"""Of a picture in 8 bits: processors that add in another order draw the same code a level off, here and there."""

Between = Callable[[int], Sequence[Tensor]]
"""Gives so many of the generator's pictures [3, s, s] on the way from the first picture to another, evenly spread."""


class Carrier:
    """Holds what stays the same from picture to picture: the photograph's side, and landmarks of the first picture."""

    def __init__(
        self,
        photo: Tensor,
        quad: Tensor,
        first: Tensor,
        judges: Judges | None,
        *,
        eyes: Tensor | None = None,
        side: int = SIDE,
        rounds: int = ROUNDS,
        careful: bool = True,
    ) -> None:
        """What is carried over to.

        Args:
            photo: [3, H, W] in 0..1.
            quad: the square of it that the generator's pictures show, corners [4, 2].
            first: the generator's picture of it before any edit, [3, s, s] in 0..1.
            judges: read landmarks, for large movements; flow alone where None, or where they misread the photograph.
            eyes: where both lie in the square, [2, 2] in shares of its side, as whoever cut it out says.
            side, rounds: of reading movement, see `movement`.
            careful: whether landmarks are read four times for each picture.

        Raises:
            ValueError: the square lies outside the photograph.
        """
        self.ground, self.first, self.judges = Ground(photo, quad, side), first, judges
        self.side, self.rounds, self.careful = side, rounds, careful
        with torch.no_grad():
            if judges is not None:
                self.ground.look(seen(judges, self.ground.small.clamp(0, 1)), eyes)
            lost = judges is None or self.ground.misread
            self._face = None if lost else seen(judges, first, careful)  # type: ignore[arg-type]

    def carried(
        self, after: Tensor, *, finer: bool = True, between: Between | None = None, asked: Asked | None = None
    ) -> Carried:
        """The photograph with what happened from the first picture to this one; see `read` and `settled`."""
        return self.ground.carried(self.read(after, finer=finer, between=between), asked)

    @torch.no_grad()
    def read(self, after: Tensor, *, finer: bool = True, between: Between | None = None, steps: int = 0) -> Movement:
        """What happened from the first picture to this one, [3, s, s] in 0..1; nothing where rounding alone differs.

        Args:
            after: the edited picture.
            finer: whether dense flow adds what landmarks miss.
            between: gives pictures on the way, so that a large movement can be walked in short steps.
            steps: how many; 0: as many as it is large (`steps_to`).

        Raises:
            ValueError: the picture has another size than the first one.
        """
        if after.shape != self.first.shape:
            raise ValueError(f"after: expected {list(self.first.shape)}, got {list(after.shape)}")
        if float((after - self.first).abs().max()) <= ROUNDED:
            after, between = self.first, None
        marks, start = self._marks(after), None
        slide, part = self.ground.lids is not None, self.ground.mouth is not None
        if between is not None and marks is not None and (steps := steps or _steps(marks)) > 1:
            start = self._walked([self.first, *between(steps - 1), after], marks, slide, part)
        finer = finer or marks is None
        ways: Mapping[str, bool] = {"finer": finer, "slide": slide, "part": part}
        return movement(self.first, after, marks, side=self.side, rounds=self.rounds, start=start, **ways)

    @torch.no_grad()
    def steps_to(self, after: Tensor) -> int:
        """In how many steps the movement to a picture is to be walked; 1 where nobody knows."""
        marks = self._marks(after)
        return 1 if marks is None else _steps(marks)

    def _marks(self, after: Tensor) -> Marks | None:
        if self.judges is None or self._face is None:
            return None
        return compared(self._face, seen(self.judges, after, self.careful))

    def _walked(self, pictures: Sequence[Tensor], marks: Marks, slide: bool, part: bool) -> Tensor | None:
        """See `walked`; None where one of the pictures shows no face."""
        assert self.judges is not None
        assert self._face is not None
        faces = [self._face, *(seen(self.judges, each, self.careful) for each in pictures[1:])]
        steps = [compared(old, new) for old, new in pairwise(faces)]
        known = [step for step in steps if step is not None]
        if len(known) < len(steps):
            return None
        return walked(pictures, known, marks, self.side, self.rounds, slide, part)


def _steps(marks: Marks) -> int:
    far = travel(marks)
    return 1 + sum(far > each for each in STRIDES)


def live_carrier(
    photo: Tensor,
    quad: Tensor,
    first: Tensor,
    judges: Judges | None,
    longest: int = 512,
    eyes: Tensor | None = None,
) -> Carrier:
    """A quick carrier, for pictures that follow a slider: the photograph is at most `longest` pixels wide and high.

    Arguments and errors as `Carrier`; one look for landmarks, and movement read at `LIVE_SIDE` pixels.
    """
    height, width = photo.shape[1:]
    scale = min(1.0, longest / max(height, width))
    if scale < 1:
        sides = max(1, round(height * scale)), max(1, round(width * scale))
        photo = F.interpolate(photo[None], sides, mode="area")[0]
        scales = torch.tensor([sides[1] / width, sides[0] / height], dtype=torch.float64)
        quad = (quad + 0.5) * scales - 0.5
    return Carrier(photo, quad, first, judges, eyes=eyes, side=LIVE_SIDE, rounds=LIVE_ROUNDS, careful=False)
