"""Mapping and synthesis together: one generator, G(z) = g(f(z))."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.mapping import Mapping
from nets.stylegan2.styled import NoiseMode
from nets.stylegan2.synthesis import Synthesis


class Generator(nn.Module):
    """`mapping` gives w_plus, `synthesis` turns it into an image [N, img_channels, H, W], about -1 … 1."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        truncation_psi: float = 1.0,
        truncation_cutoff: int | None = None,
        noise_mode: NoiseMode = "const",
    ) -> Tensor:
        """z [N, z_dim] → image."""
        w_plus = self.mapping(z, c, truncation_psi, truncation_cutoff)
        image: Tensor = self.synthesis(w_plus, noise_mode)
        return image

    def z(self, seeds: Iterable[int]) -> Tensor:
        """The z of each seed, [N, z_dim] float32, by the numbering that the field's galleries use (NumPy's MT19937)."""
        rows = [np.random.RandomState(seed).randn(self.config.z_dim) for seed in seeds]
        return torch.from_numpy(np.stack(rows)).to(self.mapping.w_avg.device, torch.float32)
