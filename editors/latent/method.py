"""Sampling W: seeds, truncation and style mixing (Karras et al. 2019, sections 3.1 and B; 2020)."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.stylegan2 import Generator

# Rows of w_plus by what they steer (Karras et al. 2019, section 3.1): 4² to 8², 16² to 32², 64² and finer.
SPANS = {"coarse": (0, 4), "middle": (4, 8), "fine": (8, None)}


def codes(generator: Generator, seeds: list[int], truncation_psi: float, label: int = 0) -> Tensor:
    """w_plus [N, num_ws, w_dim] of the seeds, truncated: w̄ + ψ (w - w̄); `label` picks one of the classes, if any."""
    c = None
    if generator.config.c_dim:
        c = torch.zeros(len(seeds), generator.config.c_dim)
        c[:, label % generator.config.c_dim] = 1
    w_plus: Tensor = generator.mapping(generator.z(seeds), c, truncation_psi)
    return w_plus


def style_mix(w_plus: Tensor, other: Tensor, span: str) -> Tensor:
    """w_plus with the rows of one span taken from `other`; both [N, num_ws, w_dim]."""
    first, last = SPANS[span]
    mixed = w_plus.clone()
    mixed[:, first:last] = other[:, first:last]
    return mixed


def picture(generator: Generator, w_plus: Tensor) -> Tensor:
    """The image of one code [1, num_ws, w_dim]: [3, H, W] in 0..1, on the CPU; grey is repeated to three channels."""
    image = generator.synthesis(w_plus, noise_mode="const")[0].float()
    return (image / 2 + 0.5).clamp(0, 1).expand(3, -1, -1).cpu()
