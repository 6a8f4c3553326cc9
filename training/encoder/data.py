"""What the inversion encoder learns from: renders and generated pictures, each with the w that ought to be found."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.judges import Judges
from nets.stylegan2 import Generator
from training.controls import ControlEncoder, features
from training.dataset import Dataset
from training.generator.losses import part_weights
from training.puppets import Z_DIM, from_latent, mirrored

Example = tuple[Tensor, Tensor, Tensor]
"""Pictures [n, 3, s, s] in -1..1, the w [n, w_dim] of their controls, weight maps [n, 1, s, s]."""


class Examples:
    """Random pictures of both kinds."""

    def __init__(
        self, data: Dataset, held_out: int, generator: Generator, controls: ControlEncoder, judges: Judges
    ) -> None:
        self.data, self.generator, self.controls, self.judges = data, generator, controls, judges
        finished = data.finished()
        self.held, self.usable = finished[:held_out], finished[finished >= held_out]
        self.w = torch.zeros(2, len(data), generator.config.w_dim)
        with torch.no_grad():
            for index in torch.from_numpy(finished).split(1024):
                params = data.params[index]
                self.w[0, index] = controls(features(params))
                self.w[1, index] = controls(features(mirrored(params)))

    def rendered(self, index: np.ndarray, flip: bool = False) -> Example:
        """Renders, or their mirror images."""
        _, images, parts = self.data.batch(index)
        weight, w = part_weights(parts), self.w[int(flip), torch.from_numpy(index)]
        return (images.flip(-1), w, weight.flip(-1)) if flip else (images, w, weight)

    @torch.no_grad()
    def generated(self, random: np.random.Generator, count: int) -> Example:
        """What the generator draws: of random latents by its mapping network, and of random controls."""
        seed = torch.Generator().manual_seed(int(random.integers(2**62)))
        z = torch.randn(count, Z_DIM, generator=seed)
        sampled = self.generator.mapping.w(torch.randn(count, self.generator.config.z_dim, generator=seed))
        known = self.controls(features(from_latent(z)))
        w = torch.where(torch.rand(count, 1, generator=seed) < 0.5, sampled, known)
        with torch.autocast("cpu", torch.bfloat16):
            pictures = self.generator.synthesis(self.generator.mapping.rows(w)).clamp(-1, 1).float()
            parts = self.judges.raw(pictures).parts.argmax(1)
        weight = functional.interpolate(part_weights(parts), pictures.shape[2:], mode="nearest")
        return pictures, w, weight

    def draw(self, random: np.random.Generator, count: int, generated_share: float) -> Example:
        """A batch for training; whole batches are generated, or rendered and perhaps mirrored."""
        if random.random() < generated_share:
            return self.generated(random, count)
        return self.rendered(np.sort(random.choice(self.usable, count)), flip=random.random() < 0.5)
