"""The main axes of W: in which directions a generator's codes are spread, and how far."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from nets.stylegan2.mapping import Mapping

SAMPLES = 4096


@torch.no_grad()
def main_axes(mapping: Mapping, count: int, samples: int = SAMPLES, seed: int = 0) -> Tensor:
    """The first `count` principal axes of W, each as long as the deviation along it: [count or fewer, w_dim].

    Principal components of sampled w (Härkönen et al. 2020, "GANSpace: Discovering Interpretable GAN Controls", section
    3.1), labels in turn; no more than w_dim of them. Raises ValueError when the count is not above 0.
    """
    if count < 1:
        raise ValueError(f"count: must be above 0, got {count}")
    config, random = mapping.config, torch.Generator().manual_seed(seed)
    z = torch.randn(samples, config.z_dim, generator=random)
    labels = one_hot(torch.arange(samples) % config.c_dim, config.c_dim) if config.c_dim else None
    w = mapping.w(z, labels).double()
    w = w - w.mean(0)
    spread, axes = torch.linalg.eigh(w.T @ w / samples)
    largest = slice(-count, None) if count < len(spread) else slice(None)
    lengths = spread[largest].clamp(min=0).sqrt()
    return (axes[:, largest] * lengths).T.flip(0).to(mapping.w_avg)
