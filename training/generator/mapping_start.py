"""Where the mapping network begins: its first layer bends where the map from latents to controls bends.

z is rotated and squashed into draws, each of which steers a few controls, some of them by a threshold. A network that
starts from noise first has to find those axes. They are known, so every unit of the first layer begins as one axis with
one knee, and knees are placed so that lines between them follow the mean of w along that axis.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from nets.stylegan2.mapping import Mapping
from training.puppets.parameters import coordinates, rotation

BINS = 40
NOISE = 1.3
"""An axis counts when the mean of w varies along it this much more than chance would have it."""
EDGES = torch.special.ndtri(torch.linspace(0, 1, BINS + 1)[1:-1])
MIDDLES = torch.special.ndtri((torch.arange(BINS) + 0.5) / BINS)
"""Of bins that are equally likely for a normal draw."""


def means(along: Tensor, w: Tensor) -> Tensor:
    """Mean of w [n, w_dim] in each bin of each axis [n, axes]: [axes, BINS, w_dim].

    In a second round each axis is seen without what the others explained (backfitting), which is less noisy.
    """
    bins = torch.bucketize(along.T.contiguous(), EDGES)

    def averaged(values: Tensor) -> list[Tensor]:
        return [
            torch.zeros(BINS, values.shape[1]).index_add_(0, row, values)
            / torch.bincount(row, minlength=BINS)[:, None].clamp(min=1)
            for row in bins
        ]

    first = averaged(w)
    left = w.clone()
    for mean, row in zip(first, bins, strict=True):
        left -= mean[row]
    return torch.stack([a + b for a, b in zip(first, averaged(left), strict=True)])


def knees(curve: Tensor, count: int) -> list[float]:
    """Places of ``count`` knees by which a broken line follows a curve [BINS, w_dim], the best one first."""
    known, chosen = torch.stack([torch.ones(BINS), MIDDLES], 1), []
    hinges = (MIDDLES[:, None] - MIDDLES[1:-1]).clamp(min=0)
    for _ in range(count):
        basis = torch.linalg.qr(known).Q
        left = curve - basis @ (basis.T @ curve)
        free = hinges - basis @ (basis.T @ hinges)
        size = free.square().sum(0)
        gain = (free.T @ left).square().sum(1) / size.clamp(min=1e-4)
        best = int(gain.masked_fill(size < 1e-4, -1).argmax())
        chosen.append(float(MIDDLES[1 + best]))
        known = torch.cat([known, hinges[:, best : best + 1]], 1)
    return chosen


@torch.no_grad()
def begin_at_knees(mapping: Mapping, z: Tensor, w: Tensor) -> None:
    """Sets the first layer of ``mapping`` for latents z [n, z_dim] that shall become w [n, w_dim]."""
    curves = means(coordinates(z), (w - w.mean(0)) / (w.std(0) + 1e-3))
    varied = curves.square().sum(2).mean(1)
    axes = varied.argsort(descending=True)
    axes = axes[varied[axes] > NOISE * w.shape[1] * BINS / len(w)]
    layer, turned = mapping.layers[0], rotation()
    units = layer.weight.shape[0]
    rows, places = [], []
    for rank, axis in enumerate(axes.tolist()):
        count = units // len(axes) + (rank < units % len(axes))
        for number, knee in enumerate(knees(curves[axis], count)):
            side = -1.0 if number % 2 else 1.0
            rows.append(side * turned[:, axis])
            places.append(-side * knee)
    layer.weight[: len(rows)] = torch.stack(rows) * math.sqrt(2) / layer.weight_gain
    layer.bias[: len(rows)] = torch.tensor(places) * math.sqrt(2) / layer.bias_gain
