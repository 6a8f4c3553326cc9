"""Steps downhill after the encoder's: the parts that are wanted where they are wanted, and nothing else changed.

What is minimised is the cross entropy of the judges' parts in the cells that the drawing changes, and the difference of
the picture from the one before everywhere else, over w_plus and through the frozen generator.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from editors.translate.portrait import Networks
from nets.judges.reading import resample

RATE, KEEP, HOLD = 0.06, 12.0, 0.02
RIM = 3
"""Cells around what is painted that may change with it: shadows, and the rims themselves."""


@torch.enable_grad()
def polished(
    nets: Networks,
    code: Tensor,
    before: Tensor,
    seen: Tensor,
    wanted: Tensor,
    steps: int,
    check_stop: Callable[[], None],
) -> tuple[Tensor, Tensor]:
    """The code [1, num_ws, w_dim] and picture [1, 3, h, w] in -1..1 after so many steps of Adam.

    Args:
        nets: frozen networks.
        code: where to begin, [1, num_ws, w_dim].
        before: the picture whose rest is kept, [1, 3, h, w].
        seen, wanted: part numbers [1, s, s] of that picture, and of the drawing.
        steps: how many.
        check_stop: called between steps.
    """
    new = (seen != wanted).float()[:, None]
    near = F.max_pool2d(new, 2 * RIM + 1, 1, RIM)
    rest = F.interpolate(1 - near, before.shape[2:], mode="bilinear", align_corners=False)
    counts = torch.bincount(wanted.flatten(), minlength=len(nets.judges.config.parts)).float()
    rare = 1 / counts.clamp(min=20).sqrt()
    weight = near[:, 0] * rare[wanted]
    unit = nets.encoder.deviation
    moved = torch.zeros_like(code, requires_grad=True)
    optimiser = torch.optim.Adam([moved], RATE, betas=(0.8, 0.99))
    for _ in range(steps):
        check_stop()
        picture = nets.generator.synthesis(code + unit * moved, noise_mode="const").float()
        parts = nets.judges.raw(resample(picture.clamp(-1, 1), nets.judges.config.size)).parts.float()
        lost = (F.cross_entropy(parts, wanted, reduction="none") * weight).sum() / weight.sum().clamp(min=1e-6)
        off = ((picture - before).abs() * rest).mean()
        loss = lost + KEEP * off + HOLD * moved.square().sum() / moved.shape[1]
        (moved.grad,) = torch.autograd.grad(loss, moved)
        optimiser.step()
    found = (code + unit * moved).detach()
    return found, nets.draw(found)
