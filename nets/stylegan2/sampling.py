"""From seeds to codes and from codes to pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2.generator import Generator

_PIXELS_AT_ONCE = 2**20


def codes(generator: Generator, seeds: Iterable[int], truncation_psi: float, label: int | None = None) -> Tensor:
    """w_plus [N, num_ws, w_dim] of the seeds, truncated: w̄ + ψ (w - w̄); `label` is their class where there are any.

    Raises ValueError for a class that the generator has not, also for none where it has some.
    """
    return codes_of(generator, generator.z(seeds), truncation_psi, label)


@torch.no_grad()
def codes_of(generator: Generator, z: Tensor, truncation_psi: float, label: int | None = None) -> Tensor:
    """As `codes`, from z [N, z_dim]."""
    c, classes = None, generator.config.c_dim
    if classes:
        if label is None or not 0 <= label < classes:
            raise ValueError(f"label: expected 0 to {classes - 1}, got {label}")
        c = torch.zeros(len(z), generator.config.c_dim, device=z.device)
        c[:, label] = 1
    w_plus: Tensor = generator.mapping(z, c, truncation_psi)
    return w_plus


@torch.no_grad()
def pictures(generator: Generator, w_plus: Tensor, longest_side: int | None = None, *, rough: bool = False) -> Tensor:
    """The images of codes [N, num_ws, w_dim]: [N, 3, h, w] in 0..1, on the CPU; grey is repeated to three channels.

    With `longest_side` they are made smaller, never larger. Rough ones are drawn smaller, see `Synthesis.rough`.
    """
    draw = generator.synthesis.rough if rough else generator.synthesis
    images = draw(w_plus.to(generator.mapping.w_avg.device), noise_mode="const").float()
    shape = images.shape[-2:]
    if longest_side is not None and longest_side < max(shape):
        scale = longest_side / max(shape)
        smaller = [max(1, round(side * scale)) for side in shape]
        images = F.interpolate(images, smaller, mode="bicubic", antialias=True, align_corners=False)
    return (images / 2 + 0.5).clamp(0, 1).expand(-1, 3, -1, -1).cpu()


def picture(generator: Generator, w_plus: Tensor) -> Tensor:
    """The image of one code [1, num_ws, w_dim]: [3, H, W] in 0..1."""
    return pictures(generator, w_plus)[0]


def one_by_one(generator: Generator, w_plus: Tensor, longest_side: int | None = None) -> Iterator[Tensor]:
    """The images [3, h, w] of many codes, made in batches of about a megapixel: what a processor does best with."""
    height, width = generator.config.size_at(generator.config.heights[-1])
    for batch in w_plus.split(max(1, min(8, _PIXELS_AT_ONCE // (height * width)))):
        yield from pictures(generator, batch, longest_side)


def between(generator: Generator, start: Tensor, end: Tensor, count: int) -> list[Tensor]:
    """So many images [3, H, W] on the straight way between two codes [num_ws, w_dim], evenly spread, no end of it."""
    shares = torch.arange(1, count + 1) / (count + 1)
    return [picture(generator, start.lerp(end.to(start), share)[None]) for share in shares.tolist()]
