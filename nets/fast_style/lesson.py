"""How a further style is learned: the steps, what each gives, and the pieces of photographs that it practises on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

KERNELS = 0.1
"""How large the step size of kernels is, of that of scales and shifts."""


@dataclass(frozen=True)
class Lesson:
    """How to learn.

    Attributes:
        steps: of Adam.
        learning_rate: its step size for scales and shifts, which falls to a tenth along a half cosine; that of kernels
            is `KERNELS` times as large.
        size: side of the pieces of photographs, in pixels.
        batch: pieces a step.
        judged_every: steps from one judgement to the next.
        seed: which pieces.
    """

    steps: int = 150
    learning_rate: float = 0.03
    size: int = 128
    batch: int = 2
    judged_every: int = 10
    seed: int = 0


class Taught(NamedTuple):
    """Where learning is after `step` of `steps`: the least loss of all judgements, the rows that had it, and the state.

    `better` says whether this step's judgement was the best so far. `state` is plain data to go on from.
    """

    step: int
    steps: int
    loss: float
    rows: Mapping[str, Tensor]
    better: bool
    state: dict[str, Any]


def pieces(photographs: Sequence[Tensor], size: int, random: np.random.Generator, count: int) -> Tensor:
    """Random pieces of random photographs at a random scale, mirrored at times: [count, 3, size, size]."""
    made = []
    for _ in range(count):
        picture = photographs[int(random.integers(len(photographs)))]
        short = min(picture.shape[1:])
        side = round(size * (short / size) ** float(random.uniform()))
        top, left = (int(random.integers(0, n - side + 1)) for n in picture.shape[1:])
        piece = picture[None, :, top : top + side, left : left + side]
        piece = F.interpolate(piece, (size, size), mode="bilinear", antialias=True)
        made.append(piece.flip(-1) if random.random() < 0.5 else piece)
    return torch.cat(made)
