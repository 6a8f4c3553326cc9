"""Further pictures of an edit: what changed, the way there and beyond, and a fitted direction on several faces."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

PAPER = 0.98


def difference(before: Tensor, after: Tensor) -> Tensor:
    """What changed, as ink on paper: [3, H, W] in 0..1; brick where it became brighter, pine where darker.

    The ink is full where the change is half of the brightest-to-darkest range or more.
    """
    change = (after - before).mean(0)
    strength = (2 * change.abs()).clamp(max=1)[None]
    brick, pine = (torch.tensor(colour)[:, None, None] for colour in ((0.69, 0.25, 0.16), (0.08, 0.41, 0.36)))
    ink = torch.where(change[None] > 0, brick, pine)
    return PAPER * (1 - strength) + ink * strength


def strip(pictures: Sequence[Tensor], gap: int = 4) -> Tensor:
    """Pictures [3, H, W] of one size side by side, with paper between them."""
    return torch.cat([pad(each, (gap if number else 0, 0), value=PAPER) for number, each in enumerate(pictures)], 2)


def sheet(rows: Sequence[Sequence[Tensor]], gap: int = 4) -> Tensor:
    """Rows of pictures one below the other."""
    strips = [strip(row, gap) for row in rows]
    return torch.cat([pad(each, (0, 0, gap if number else 0, 0), value=PAPER) for number, each in enumerate(strips)], 1)
