"""A first likeness within a tenth of the time: a copy of the generator learns the picture at 64 pixels.

It is what the screen shows while the code is looked for, and what is kept where a run is stopped so early. The search
itself begins anew, and owes it nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor

from editors.inversion.method import Delta, Found, tuning_rate
from nets.inversion import image_at, schedule, shrunk, state_delta
from nets.stylegan2 import Generator

HEIGHT = 64
"""Pixels of the block that paints: eyes and mouth are there, and an evaluation costs a tenth."""
STEPS, SHOWN = 14, 3
"""Evaluations, and after how many of them the picture is drawn at its full size."""
FASTER = 2
"""Times the step size of pivotal tuning: it may shake, since the best is kept."""


@torch.inference_mode(False)
@torch.enable_grad()
def sketch(generator: Generator, image: Tensor, w_plus: Tensor, weight: Tensor | None = None) -> Iterator[Found]:
    """Pictures of a copy of the generator that learns; nothing for a network without a block of `HEIGHT` pixels.

    Args:
        generator: is not changed.
        image: what is wanted, [1, C, H, W] in -1..1.
        w_plus: where the copy is to draw it.
        weight: what each pixel counts, [1, 1, H, W].
    """
    config = generator.config
    if config.architecture != "skip" or HEIGHT not in config.heights[:-1]:
        return
    tuned = copy.deepcopy(generator.synthesis).requires_grad_(True)
    rate = FASTER * tuning_rate(config.resolution[0])
    optimiser = torch.optim.Adam(tuned.parameters(), rate, betas=(0.5, 0.99))
    wanted = shrunk(image.detach().clone(), HEIGHT)
    counts = torch.ones_like(wanted[:, :1]) if weight is None else shrunk(weight.to(wanted), HEIGHT)
    best, kept, drawn = float("inf"), dict[str, Tensor](), False
    for step in range(STEPS + 1):
        off = (counts * (image_at(tuned, w_plus, HEIGHT) - wanted).square()).mean() / counts.mean()
        if off.item() < best:
            best, drawn = off.item(), False
            kept = {name: value.detach().clone() for name, value in tuned.named_parameters()}
        if step and not drawn and (step % SHOWN == 0 or step == STEPS):
            drawn = True
            yield _found(generator, w_plus, kept)
        if step < STEPS:
            optimiser.zero_grad(set_to_none=True)
            off.backward()
            optimiser.param_groups[0]["lr"] = rate * schedule((step + 1) / (STEPS + 1))
            optimiser.step()


@torch.no_grad()
def _found(generator: Generator, w_plus: Tensor, kept: dict[str, Tensor]) -> Found:
    """What a copy with these weights draws at the full size."""
    before = {name: generator.synthesis.get_parameter(name) for name in kept}
    image = torch.func.functional_call(generator.synthesis, kept, (w_plus,))

    def delta() -> Delta:
        return {f"synthesis.{name}": value for name, value in state_delta(before, kept, torch.float16).items()}

    return Found(w_plus, image, 0, "sketch", delta)
