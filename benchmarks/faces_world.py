"""The embedded generator and its judges, as `faces_directions.py` measures with them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from facet.stylegan import directions_of, generator_nets
from facet.weights import PUPPETS_JUDGES
from nets import judges as puppet_judges
from nets.judges import Judges, read
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from registry.weights import Net, load_net

BATCH = 16


class Judged(NamedTuple):
    """Of N pictures: controls as shares of their ranges [N, K], identity [N, I], pictures [N, 3, H, W]."""

    controls: Tensor
    identity: Tensor
    pictures: Tensor


class World(NamedTuple):
    """The generator, its judges, and which columns of the controls are compared."""

    generator: Generator
    judges: Judges
    columns: list[int]

    @torch.no_grad()
    def judge(self, w: Tensor) -> Judged:
        """What the judges say of codes [N, w_dim]."""
        low, high = (torch.tensor(side) for side in (self.judges.config.low, self.judges.config.high))
        rows = []
        for piece in w.split(BATCH):
            pictures = self.generator.synthesis(self.generator.mapping.rows(piece), noise_mode="const").clamp(-1, 1)
            found = read(self.judges, pictures)
            rows.append(Judged((found.controls - low) / (high - low), found.identity, pictures))
        return Judged(*(torch.cat(parts) for parts in zip(*rows, strict=True)))


def load() -> World:
    """The embedded networks. Raises WeightsMissing where the judges do not come with this installation."""
    generator = load_net(generator_nets(from_contents)[0]).module
    judges = load_net(Net("judges", puppet_judges.from_contents, (PUPPETS_JUDGES,))).module
    offered = [name for name in judges.config.controls if name in directions_of("puppets")]
    return World(generator, judges, [judges.config.controls.index(name) for name in offered])


def codes(generator: Generator, count: int, seed: int, psi: float) -> Tensor:
    """w of random z, [count, w_dim]."""
    z = torch.randn(count, generator.config.z_dim, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        w: Tensor = generator.mapping(z, truncation_psi=psi)[:, 0]
    return w
