"""What a sketch did not ask for, taken away: a moustache that nobody drew.

Lines do not say which part they are the rim of, and those of nose and lips are often read as a moustache. But a beard
that is there has a rim. Where lines do not cover it, or where it is so thin that lines near it are of nose and lips,
skin is wanted instead, and the label encoder's difference is taken once more.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from editors.translate.palettes import PARTS
from editors.translate.parsing import cells
from editors.translate.portrait import Networks, Wanted, moved

BEARD, SKIN = PARTS.index("beard"), PARTS.index("skin")
THIN, COVERED = 32, 0.5
"""Cells (of 64 x 64) under which a beard is taken for a guessed moustache; the share of its rim that lines cover."""
ROUNDS = 2


def covered(parts: Tensor, lines: Tensor) -> float:
    """The share (0..1) of a beard's rim against skin in parts [1, s, s] that lines [1, 1, 2 s, 2 s] lie near."""
    rim = functional.max_pool2d((parts == BEARD).float()[:, None], 3, 1, 1) * (parts == SKIN).float()[:, None]
    near = functional.max_pool2d(lines.to(rim), 6, 2, 2)
    return float((rim * near).sum() / rim.sum().clamp(min=1))


def without_beard(
    nets: Networks, code: Tensor, picture: Tensor, lines: Tensor, check_stop: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """The code [1, num_ws, w_dim] and picture [1, 3, h, w] in -1..1, shaved if lines [1, 1, 2 s, 2 s] draw no beard."""
    parts, colours, _ = cells(nets.judges, picture)
    here = parts == BEARD
    area = int(here.sum())
    if not area or (area >= THIN and covered(parts, lines) >= COVERED):
        return code, picture
    wanted = Wanted(torch.where(here, SKIN, parts), None, colours)
    made = moved(nets, code, wanted, ROUNDS, check_stop, own_colours=True)
    left = int((cells(nets.judges, made[1])[0] == BEARD).sum())
    return made if left < area else (code, picture)
