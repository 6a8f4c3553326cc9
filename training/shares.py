"""Which puppets training sees oftener: those that wear what few wear, or what is long to learn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from training.puppets import CONTROLS, INDEX, Z_DIM, from_latent

CANDIDATES = 16
"""Latents drawn for each one that is chosen."""


def control_shares(params: Tensor, oftener: Mapping[str, float]) -> np.ndarray:
    """How often pictures of controls [n, k] are wished for, in relation to each other, [n].

    1, and the given number more where a control is at the upper end of its range: of what is worn by few puppets, or
    is long to learn, training then sees more. Raises ValueError for the name of no control.
    """
    wish = torch.ones(len(params))
    for name, more in oftener.items():
        if name not in INDEX:
            raise ValueError(f"oftener: {name} is no control")
        low, high = CONTROLS[INDEX[name]].low, CONTROLS[INDEX[name]].high
        wish += more * (params[:, INDEX[name]] - low) / (high - low)
    return wish.double().numpy()


def chosen(count: int, seed: int, oftener: Mapping[str, float], plain: int) -> Tensor:
    """Latents [count, Z_DIM], the first ``plain`` as they come, the others by `control_shares`, no latent twice.

    The first ones are those of a set without shares and with the same seed: held-out puppets stay the same ones.
    """
    random = torch.Generator().manual_seed(seed)
    z = torch.randn(max(count, plain, 16), Z_DIM, generator=random)[:count]
    if not oftener or count <= plain:
        return z
    more = torch.randn(CANDIDATES * (count - plain), Z_DIM, generator=random)
    wish = control_shares(from_latent(more), oftener)
    taken = np.random.default_rng(seed).choice(len(more), count - plain, replace=False, p=wish / wish.sum())
    return torch.cat([z[:plain], more[torch.from_numpy(taken)]])
