"""Inversion by optimisation: w_plus is moved until the generator draws the wanted picture.

Abdal et al. 2019, "Image2StyleGAN" (W+), with the step-size schedule of Karras et al. 2020, appendix D; started from an
encoder's w_plus, a hundred steps do what a thousand from the mean do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nets.inversion.distance import Distance, PyramidDistance
from nets.inversion.going_on import State, moments, plain, set_moments, tensor
from nets.inversion.half import image_at, shrunk
from nets.stylegan2 import Generator

RAMP_UP, RAMP_DOWN = 0.05, 0.4
"""Shares of the steps over which the step size grows from 0 and falls to 0."""


class Progress(NamedTuple):
    """Where an optimisation is after `step` of `steps` evaluations.

    loss: distance now, mean over pictures; best: lowest distance of each picture so far, mean over pictures.
    w_plus [N, num_ws, w_dim] and image [N, C, H, W]: of the best so far; detached, and not changed later.
    state: call it before the next step for what `optimise` needs as `before` to go on from here.
    """

    step: int
    steps: int
    loss: float
    best: float
    w_plus: Tensor
    image: Tensor
    state: Callable[[], dict[str, Any]]


@torch.inference_mode(False)
@torch.enable_grad()
def optimise(
    generator: Generator,
    image: Tensor,
    w_plus: Tensor,
    *,
    steps: int = 100,
    learning_rate: float = 0.03,
    distance: Distance | None = None,
    rows: int | None = None,
    spread: Tensor | float = 1.0,
    pull: float = 0.0,
    row_spread: float = 0.0,
    height: int | None = None,
    before: State | None = None,
) -> Iterator[Progress]:
    """Moves w_plus by Adam so that synthesis(w_plus) comes near `image`.

    Args:
        generator: its weights take no part.
        image: what is wanted, [N, C, H, W] in -1..1, of the generator's size.
        w_plus: where to start, [N, num_ws, w_dim]; N pictures are inverted independently of each other.
        steps: evaluations; the first is of the start, so 1 only measures.
        learning_rate: step of Adam at its height, in units of `spread`.
        distance: what is minimised; `PyramidDistance()` when None.
        rows: how many leading rows may move; all when None.
        spread: deviation of w, a number or [w_dim]. Steps and the two penalties are in units of it.
        pull: penalty on the mean square of (w_plus - start): keeps a picture that the generator cannot draw editable.
        height: compare at the size of that block (`half_height`), whose pictures are then yielded; None is full size.
        row_spread: penalty on the mean square of rows about their mean, the e4e regulariser (Tov et al. 2021, eq. 4).
        before: what `Progress.state` gave in an earlier call with the same arguments; the same steps follow as there.

    Yields:
        Progress after every evaluation; the best so far counts penalties too, so it is the best of what was asked for.

    Raises:
        ValueError: a shape does not fit, or a number is out of its range. FloatingPointError: the loss is not finite.
    """
    _check(generator, image, w_plus, steps, learning_rate)
    wanted, start = shrunk(image.detach().clone(), height), w_plus.detach().clone()
    unit = torch.as_tensor(spread).detach().clone().to(start)
    distance = distance or PyramidDistance()
    offset = torch.zeros_like(start[:, :rows], requires_grad=True)
    optimiser = torch.optim.Adam([offset], learning_rate, betas=(0.9, 0.999))
    best = torch.full((len(start),), math.inf, device=start.device)
    kept_w, kept_image = start, wanted
    if before is not None:
        with torch.no_grad():
            offset.copy_(tensor(before["offset"], offset))
        set_moments(optimiser, {"offset": offset}, before["adam"])
        best, kept_w, kept_image = (tensor(before[name], start) for name in ("best", "code", "image"))
    for step in range(int(before["step"]) + 1 if before else 1, steps + 1):
        moved = torch.cat([start[:, :rows] + offset * unit, start[:, offset.shape[1] :]], 1)
        made = image_at(generator.synthesis, moved, height)
        error = distance(made, wanted)
        loss = error + _penalty(offset, moved, unit, pull, row_spread)
        if not bool(loss.isfinite().all()):
            raise FloatingPointError(f"the distance is not finite after {step - 1} steps; lower the learning rate")
        best, kept_w, kept_image = _better(loss, best, (moved, made), (kept_w, kept_image))
        if step < steps:
            optimiser.param_groups[0]["lr"] = learning_rate * schedule(step / steps)
            (gradient,) = torch.autograd.grad(loss.sum(), offset)
            offset.grad = gradient
            optimiser.step()
        found = {"best": best, "code": kept_w, "image": kept_image}
        state = partial(_state, step, offset, optimiser, found)
        yield Progress(step, steps, error.mean().item(), best.mean().item(), kept_w, kept_image, state)


def _state(step: int, offset: Tensor, optimiser: torch.optim.Adam, found: dict[str, Tensor]) -> dict[str, Any]:
    adam = moments(optimiser, {"offset": offset})
    return {"step": step, "adam": adam, **plain({"offset": offset, **found})}


@torch.no_grad()
def _better(
    loss: Tensor, best: Tensor, new: tuple[Tensor, Tensor], kept: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """The lower loss of each picture, and the code and image that have it."""
    found = loss < best
    w_plus = torch.where(found[:, None, None], new[0], kept[0])
    image = torch.where(found[:, None, None, None], new[1], kept[1])
    return torch.where(found, loss, best), w_plus, image


def schedule(share: float) -> float:
    """Factor of the step size at a share 0..1 of the steps: a linear rise, then 1, then a cosine fall to 0."""
    rise = min(1.0, share / RAMP_UP)
    fall = min(1.0, (1.0 - share) / RAMP_DOWN)
    return rise * (0.5 - 0.5 * math.cos(math.pi * fall))


def _penalty(offset: Tensor, moved: Tensor, unit: Tensor, pull: float, row_spread: float) -> Tensor:
    total = offset.new_zeros(len(offset))
    if pull:
        total = total + pull * offset.square().mean((1, 2))
    if row_spread:
        apart = (moved - moved.mean(1, keepdim=True)) / unit
        total = total + row_spread * apart.square().mean((1, 2))
    return total


def _check(generator: Generator, image: Tensor, w_plus: Tensor, steps: int, learning_rate: float) -> None:
    config = generator.config
    picture = (config.img_channels, *config.resolution)
    if image.ndim != 4 or tuple(image.shape[1:]) != picture:
        raise ValueError(f"image: expected [N, {', '.join(map(str, picture))}], got {list(image.shape)}")
    codes = (len(image), config.num_ws, config.w_dim)
    if tuple(w_plus.shape) != codes:
        raise ValueError(f"w_plus: expected {list(codes)}, got {list(w_plus.shape)}")
    if steps < 1:
        raise ValueError(f"steps: {steps} is less than 1")
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate: {learning_rate} is not above 0")
