"""A style's palette: a table that gives each colour its place among the style's colours.

Not a linear map: a style of gold, white and terracotta has no brown between them. The table carries the distribution of
the colours of photographs over into the style's, of both the mean colours of places as large as a stroke.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.colour import LATTICE, histogram
from nets.seen import among, filled

NODES = 9
"""Nodes along each side of the colour cube; between them the table is straight."""

STROKE = 8
"""Side in pixels of the places of a style whose mean colours count."""


def unchanged() -> Tensor:
    """The table that gives every colour back: [3, NODES ** 3] in -1..1; red runs fastest."""
    return _lattice(NODES, -1)


def looked_up(table: Tensor, pictures: Tensor) -> Tensor:
    """Pictures [N, 3, h, w] in -1..1 by a table [1, 3, NODES ** 3]."""
    places = pictures.float().permute(0, 2, 3, 1)[:, None]
    tables = table.float().view(1, 3, NODES, NODES, NODES).expand(len(pictures), -1, -1, -1, -1)
    return F.grid_sample(tables, places, align_corners=True, padding_mode="border")[:, :, 0]


def palette_of(photographs: Iterable[Tensor], style: Tensor, there: Tensor | None = None) -> Tensor:
    """The table [3, NODES ** 3] of a style.

    Args:
        photographs: [3, h, w] in -1..1, whose colours stand for those of all.
        style: [1, 3, h, w] in -1..1.
        there: which of its pixels are there, [1, 1, h, w]; None: all.
    """
    seen = torch.cat([_coarse(each[None], 4).flatten(2) for each in photographs], 2)[:, :, None]
    whole = style if there is None else filled(style, there)
    pixels, wanted = (among(each, there) for each in (whole, _coarse(whole, STROKE)))
    middle, apart = wanted.mean((2, 3), keepdim=True), (each.var((2, 3)).sum().sqrt() for each in (pixels, wanted))
    wanted = (middle + (wanted - middle) * _ratio(*apart)).clamp(-1, 1)
    lattice = _lattice(LATTICE, 0).to(style)[None, :, None]
    moved = histogram(lattice, (wanted + 1) / 2, (seen + 1) / 2, rounds=24) * 2 - 1
    step = (LATTICE - 1) // (NODES - 1)
    table = F.pad(moved.view(1, 3, LATTICE, LATTICE, LATTICE), (step // 2,) * 6, mode="replicate")
    return F.avg_pool3d(table, step + 1, step)[0].flatten(1)  # neighbours in a photograph stay neighbours


def _ratio(pixels: Tensor, places: Tensor) -> Tensor:
    """How much wider colours lie than mean colours do: strokes that are mixed of light and dark are not all grey."""
    return (pixels / places.clamp(min=1e-3)).clamp(1, 2)


def _lattice(nodes: int, low: float) -> Tensor:
    axis = torch.linspace(low, 1, nodes)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")[::-1]).flatten(1)


def _coarse(pictures: Tensor, cell: int) -> Tensor:
    return F.avg_pool2d(pictures, min(cell, *pictures.shape[2:]))
