"""The few colours that a style is made of, and how much of each is where in a picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.seen import filled

COUNT, ROUNDS = 4, 12
CELL = 8
"""Pixels whose mean colour counts: about a stroke, so that a colour is a place of the style and not one stroke."""


class Colours:
    """Centres of a style's colours by k-means, begun along its main axis.

    Args:
        style: [1, 3, h, w] in -1..1, at least 2 pixels each way. there: which of its pixels are there; None: all.
    """

    def __init__(self, style: Tensor, there: Tensor | None = None) -> None:
        self.picture = _coarse(style if there is None else filled(style, there))
        flat = self.picture.flatten(2)[0].T
        axis = torch.linalg.eigh((flat - flat.mean(0)).double().T.cpu().cov())[1][:, -1]
        order = (flat @ axis.to(flat)).argsort()
        self.centres = torch.stack([part.mean(0) for part in flat[order].tensor_split(COUNT) if len(part)])
        for _ in range(ROUNDS):
            nearest = torch.cdist(flat, self.centres).argmin(1)
            rows = [flat[nearest == n] for n in range(len(self.centres))]
            self.centres = torch.stack([r.mean(0) if len(r) else c for r, c in zip(rows, self.centres, strict=True)])
        self.spread = (flat - self.centres[nearest]).square().sum(1).mean().clamp(min=1e-3)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Shares [N, K, h / CELL, w / CELL] of pictures in the style's colours; they sum to 1 at every place."""
        return self._shares(_coarse(pictures))

    def of_itself(self, size: tuple[int, int] | torch.Size) -> Tensor:
        """The style's own shares [1, K, *size]."""
        return F.interpolate(self._shares(self.picture), tuple(size), mode="bilinear")

    def _shares(self, coarse: Tensor) -> Tensor:
        return shares_of(coarse, self.centres, self.spread)


def shares_of(pictures: Tensor, centres: Tensor, spread: Tensor) -> Tensor:
    """Shares [N, K, h, w] of pictures [N, 3, h, w] in colours [K, 3] that places of a style are `spread` about."""
    apart = torch.stack([(pictures - centre[:, None, None]).square().sum(1) for centre in centres], 1)
    return (-apart / spread).softmax(1)


def _coarse(pictures: Tensor) -> Tensor:
    cell = min(CELL, *pictures.shape[2:])
    return F.avg_pool2d(pictures, cell)
