"""The palette of one picture for everybody: one smooth map of the colour cube, the same for each portrait."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.colour import LATTICE, covariance, histogram

FOLLOWED = 0.5
"""How far the whole distribution of colours is followed, and not only its mean and covariance."""


class Palette:
    """Maps pictures [N, 3, h, w] in 0..1 so that the pool of portraits gets the colours of the reference.

    Because the map is of the pool and not of each portrait, a dark skin stays the darker one, and people keep different
    hair and eyes. It goes halfway between the linear map of Pitié and Kokaram 2007 and sliced transport of the
    whole distribution (Rabin et al. 2011): the one is smooth, the other reaches paper white.

    Args:
        people: the portraits, [N, 3, h, w] in 0..1.
        reference: [1, 3, h, w] in 0..1 of any shape; only its colours count.
        strength: 0 changes nothing, 1 goes all the way.
    """

    def __init__(self, people: Tensor, reference: Tensor, strength: float = 1.0) -> None:
        cloud = people.transpose(0, 1).flatten(1)[None, :, None]
        axis = torch.linspace(0, 1, LATTICE).to(people)
        cube = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")[::-1])  # red runs fastest
        points = cube.flatten(1)[None, :, None]
        plain, whole = (method(points, reference, cloud) for method in (covariance, histogram))
        moved = torch.lerp(plain, whole, FOLLOWED).clamp(0, 1)
        self.people = cloud[0, :, 0, :: max(1, cloud.shape[3] // 8192)]
        self.table = torch.lerp(points, moved, strength).view(1, *cube.shape)

    def affine(self) -> tuple[Tensor, Tensor]:
        """Matrix [3, 3] and offset [3] of the affine map that is nearest to this one over the portraits' colours."""
        colours = self.people.double()
        moved = self(self.people[None, :, None].float())[0, :, 0].double()
        ones = torch.cat([colours, torch.ones_like(colours[:1])])
        ridge = 1e-6 * torch.eye(4, dtype=torch.double).to(ones)
        solved = torch.linalg.solve(ones @ ones.T / ones.shape[1] + ridge, ones @ moved.T / ones.shape[1]).T
        return solved[:, :3].float(), solved[:, 3].float()

    def __call__(self, pictures: Tensor) -> Tensor:
        """The pictures in the palette."""
        places = (2 * pictures - 1).permute(0, 2, 3, 1)[:, None]
        table = self.table.to(pictures).expand(len(pictures), -1, -1, -1, -1)
        return F.grid_sample(table, places, align_corners=True, padding_mode="border")[:, :, 0]
