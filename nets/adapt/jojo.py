"""JoJoGAN (Chong and Forsyth 2022): whoever has the coarse rows of the reference's code shall look like the reference.

    w = the reference's code, its rows from `FIRST_ROW` on drawn anew for each person
    L = mean over layers |D_l(G'(w)) - D_l(reference)|                            sections 3.1 and 3.2

Where colour is kept, fewer rows are drawn anew, those that carry it stay the reference's own, so that what remains to
be learned is less of colour. D is the discriminator that the generator was trained against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.synthesis import Synthesis

FIRST_ROW = 7
"""Rows of w_plus from here on are mixed, of any number; what pose and shape are lies before."""

COLOUR_KEPT = (9, 11)
"""With these, and the last three, mixed alone, the authors' code keeps colours."""

Features = Callable[[Tensor], Sequence[Tensor]]
"""Pictures [N, 3, h, w] in -1..1 → what leaves each layer of the discriminator."""


def mixed_rows(count: int, colour_kept: bool) -> list[int]:
    """Which of `count` rows are drawn anew."""
    if not colour_kept:
        return list(range(min(FIRST_ROW, count - 1), count))
    return sorted({row for row in COLOUR_KEPT if row < count} | set(range(count - 3, count)))


class Jojo:
    """The loss above, as an `nets.adapt.trainer.Objective`.

    Args:
        features: of the discriminator, for pictures of `size` pixels.
        size: see there.
        code: of the reference in the source's space, [1, num_ws, w_dim].
        reference: [1, 3, h, w] in 0..1; the middle square of it is looked at.
        colour_kept: mix the rows that keep colours. strength: how far those rows go from the reference's own; 1: all
            the way, as published.
    """

    def __init__(
        self,
        features: Features,
        size: int,
        code: Tensor,
        reference: Tensor,
        colour_kept: bool = False,
        strength: float = 1.0,
    ) -> None:
        self.features, self.size, self.code, self.strength = features, size, code, strength
        self.rows = mixed_rows(code.shape[1], colour_kept)
        with torch.no_grad():
            self.wanted = [each.mean(0, keepdim=True) for each in features(middle(reference, size) * 2 - 1)]

    def begin(self, synthesis: Synthesis) -> None:
        """As published, the copy begins as the source."""

    def people(self, w_plus: Tensor) -> Tensor:
        """The reference's code with the mixed rows of each of w_plus [N, num_ws, w_dim]."""
        mixed = self.code.expand_as(w_plus).clone()
        mixed[:, self.rows] = torch.lerp(mixed[:, self.rows], w_plus[:, self.rows], self.strength)
        return mixed

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar."""
        found = self.features(middle(made.expand(-1, 3, -1, -1), self.size))
        apart = [(ours - theirs).abs().mean() for ours, theirs in zip(found, self.wanted, strict=True)]
        return torch.stack(apart).mean()

    def state(self) -> Mapping[str, Any]:
        """Nothing is gathered."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Nothing was gathered."""


def middle(pictures: Tensor, size: int) -> Tensor:
    """The middle square of pictures [N, C, h, w] at `size` pixels."""
    height, width = pictures.shape[2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = pictures[:, :, top : top + side, left : left + side]
    if side == size:
        return square
    if side > size:
        return F.interpolate(square, (size, size), mode="area")
    return F.interpolate(square, (size, size), mode="bilinear", align_corners=False)
