"""One photograph to which many pictures of a generator are carried over: sliders that move, frames of a film."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.carry.landmarks import marks_of
from nets.carry.movement import movement
from nets.carry.photograph import Carried, carry
from nets.judges import Judges


class Carrier:
    """Holds what stays the same from picture to picture."""

    def __init__(self, photo: Tensor, quad: Tensor, first: Tensor, judges: Judges | None) -> None:
        """What is carried over to.

        Args:
            photo: [3, H, W] in 0..1.
            quad: the square of it that the generator's pictures show, corners [4, 2].
            first: the generator's picture of it before any edit, [3, s, s] in 0..1.
            judges: read landmarks, for large movements; flow alone where None.
        """
        self.photo, self.quad, self.first, self.judges = photo, quad, first, judges

    @torch.no_grad()
    def carried(self, after: Tensor, *, finer: bool = True) -> Carried:
        """The photograph with what happened from the first picture to this one, [3, s, s] in 0..1.

        finer: whether dense flow adds what landmarks miss.

        Raises:
            ValueError: the picture has another size than the first one.
        """
        if after.shape != self.first.shape:
            raise ValueError(f"after: expected {list(self.first.shape)}, got {list(after.shape)}")
        marks = None if self.judges is None else marks_of(self.judges, self.first, after)
        return carry(self.photo, self.quad, movement(self.first, after, marks, finer=finer or marks is None))
