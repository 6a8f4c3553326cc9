"""The mapping network f: Z → W, and truncation towards the mean of W."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.layers import Dense, at_least_float32, pixel_norm


class Mapping(nn.Module):
    """z [N, z_dim] (and a label c [N, c_dim]) → w_plus [N, num_ws, w_dim]; the same w on every row."""

    w_avg: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        hidden, embed_dim = config.mapping_width or config.w_dim, config.embed_dim or config.w_dim
        self.embed = Dense(config.c_dim, embed_dim) if config.c_dim else None
        widths = [config.z_dim + (embed_dim if config.c_dim else 0)]
        widths += [hidden] * (config.mapping_layers - 1) + [config.w_dim]
        self.layers = nn.ModuleList(
            Dense(before, after, lr=config.mapping_lr, leaky=True)
            for before, after in zip(widths, widths[1:], strict=False)
        )
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def w(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """z [N, z_dim] → w [N, w_dim], untruncated. Raises ValueError for a wrong width or a missing label."""
        if z.ndim != 2 or z.shape[1] != self.config.z_dim:
            raise ValueError(f"z: expected [N, {self.config.z_dim}], got {list(z.shape)}")
        x = pixel_norm(at_least_float32(z.to(self.w_avg.device)))
        if self.embed is not None:
            if c is None or c.shape != (len(z), self.config.c_dim):
                raise ValueError(f"c: this generator is conditional and needs labels [{len(z)}, {self.config.c_dim}]")
            x = torch.cat([x, pixel_norm(self.embed(c.to(x)))], dim=1)
        for layer in self.layers:
            x = layer(x)
        return x

    def forward(
        self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0, truncation_cutoff: int | None = None
    ) -> Tensor:
        """w̄ + ψ (w - w̄) on the first `truncation_cutoff` rows (on all when None), plain w on the rest."""
        return self.truncate(self.rows(self.w(z, c)), truncation_psi, truncation_cutoff)

    def rows(self, w: Tensor) -> Tensor:
        """One w [N, w_dim] for every layer: [N, num_ws, w_dim]."""
        return w[:, None].repeat(1, self.config.num_ws, 1)

    def truncate(self, w_plus: Tensor, psi: float, cutoff: int | None = None) -> Tensor:
        """Truncation of rows that exist already (a mix of styles, an inverted photograph)."""
        if psi == 1:
            return w_plus
        mean = self.w_avg.to(w_plus.dtype)
        if cutoff is None:
            return mean.lerp(w_plus, psi)
        return torch.cat([mean.lerp(w_plus[:, :cutoff], psi), w_plus[:, cutoff:]], dim=1)

    @torch.no_grad()
    def track(self, w: Tensor, decay: float = 0.998) -> None:
        """Training: move the mean w̄ towards this batch of w [N, w_dim]."""
        self.w_avg.lerp_(w.detach().mean(0).to(self.w_avg.dtype), 1 - decay)

    @torch.no_grad()
    def measure(self, samples: int = 10_000, seed: int = 0) -> Tensor:
        """The mean of w [w_dim] over seeded samples (labels in turn), for files that do not store it."""
        random = torch.Generator().manual_seed(seed)
        total = torch.zeros_like(self.w_avg)
        for chunk in torch.arange(samples).split(1024):
            z = torch.randn(len(chunk), self.config.z_dim, generator=random)
            c = one_hot(chunk % self.config.c_dim, self.config.c_dim) if self.config.c_dim else None
            total += self.w(z, c).sum(0)
        return total / samples
