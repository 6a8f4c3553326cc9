"""StyleGAN-NADA (Gal et al. 2022): pictures move in CLIP's space as two texts differ.

L = Σ over CLIPs 1 - cos(E(G'(w)) - E(G(w)), E(target) - E(neutral))          equation 3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.adapt.sizes import rgb
from nets.clip import Clip
from nets.inversion.half import image_at
from nets.stylegan2 import Generator
from nets.stylegan2.synthesis import Synthesis


class Nada:
    """The loss above, as an `nets.adapt.trainer.Objective`.

    Args:
        generator: the source.
        clips: one or several networks.
        changes: for each, the vector [embedding] from the neutral text to the target.
    """

    def __init__(self, generator: Generator, clips: Sequence[Clip], changes: Sequence[Tensor]) -> None:
        self.generator, self.pairs = generator, list(zip(clips, changes, strict=True))

    def begin(self, synthesis: Synthesis) -> None:
        """As published, the copy begins as the source."""

    def people(self, w_plus: Tensor) -> Tensor:
        """Whoever is drawn."""
        return w_plus

    def __call__(self, made: Tensor, w_plus: Tensor, step: int, share: float) -> Tensor:
        """The loss, a scalar."""
        height = None if made.shape[2] == self.generator.config.resolution[0] else made.shape[2]
        with torch.no_grad():
            source = rgb(image_at(self.generator.synthesis, w_plus, height))
        y, loss = made.expand(-1, 3, -1, -1) / 2 + 0.5, made.new_zeros(())
        for clip, change in self.pairs:
            with torch.no_grad():
                before = clip.embed_pictures(source)
            moved = clip.embed_pictures(y) - before
            loss = loss + (1 - F.cosine_similarity(moved, change[None].to(moved), dim=1)).mean()
        return loss

    def state(self) -> Mapping[str, Any]:
        """Nothing is gathered."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Nothing was gathered."""
