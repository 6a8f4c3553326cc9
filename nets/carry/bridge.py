"""Whether a face in a photograph wears glasses: they have a bridge, which is an edge across the root of the nose.

Judges that learnt from puppets take dark skin, heavy brows and shadows for glasses. A bare nose is smooth between the
eyes, and a frame is not (Jing and Mariani 2000, "Glasses detection and extraction by deformable contour").
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import blurred
from nets.carry.landmarks import GLASSES, GREY

RIMS = GLASSES / 2
"""Share of a face's square that the judges must take for glasses, where there is a bridge."""
BRIDGED = 0.25
"""How steep the bridge's edge is at least, in natural logarithms of light. Of 158 squares of photographs and paintings
the judges alone have glasses in 58, where 7 people wear some; with a bridge it is 9, 6 of those 7 among them."""
ROWS, COLUMNS, STEP = 80, 12, 3  # looked at; and the rows over which an edge is an edge
ACROSS, DOWN = (0.45, 0.55), (-0.5, 0.5)  # from eye to eye, and below their line; in eye distances
NEAR = (-0.12, 0.15)  # the part of it where a bridge may lie
DIM = 0.05  # light that is added, so that black is not endlessly far from grey


def bridge(picture: Tensor, eyes: Tensor) -> float:
    """The steepest edge that crosses the nose between eyes [2, 2], in logarithms of light.

    picture: [3, s, s] in 0..1. eyes: in shares of the side.
    """
    across = eyes[1] - eyes[0]
    down = torch.stack([-across[1], across[0]])
    t, height = torch.linspace(*ACROSS, COLUMNS), torch.linspace(*DOWN, ROWS)
    places = eyes[0] + t[None, :, None] * across + height[:, None, None] * down
    patch = F.grid_sample(picture[None], (2 * places - 1)[None], "bilinear", "border", align_corners=False)[0]
    grey = blurred((patch * GREY[:, None, None]).sum(0, keepdim=True), 1.0)[0].clamp(min=0)
    light = (grey + DIM).log().mean(1)
    edges = (light[STEP:] - light[:-STEP]).abs()
    middle = height[:-STEP] + (height[STEP] - height[0]) / 2
    return float(edges[(middle > NEAR[0]) & (middle < NEAR[1])].max())
