"""Whether there is anything to hold on to at a handle, seen before the first step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from editors.drag.settings import Point, Scaled
from nets.stylegan2 import Generator

EVEN = 0.2  # less texture than this is even ground: backgrounds have about 0.1, cheeks 0.25, edges 0.5, eyes 0.8
GRID = 24  # places in a row and in a column that stand for the whole picture


@torch.no_grad()
def even_ground(generator: Generator, w_plus: Tensor, handles: Sequence[Point], scaled: Scaled) -> list[int]:
    """Numbers, from 1, of the handles in a place that looks like all places around it; w_plus [num_ws, w_dim]."""
    features = generator.synthesis.features(w_plus[None], scaled.block)[0]
    across, down = (
        length / size for length, size in zip(features.shape[:0:-1], generator.config.resolution[::-1], strict=True)
    )
    reach = max(1, round(scaled.search * down))
    places = [((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5) for x, y in handles]
    return [n for n, (x, y) in enumerate(places, 1) if texture(features, round(x), round(y), reach) < EVEN]


def texture(features: Tensor, column: int, row: int, reach: int) -> float:
    """How far features [C, h, w] around a pixel are from its own, against those all over the map; 0 where all is even.

    The square within `reach` is what a tracker searches, so that a low value means that its best match is chance.
    """
    height, width = features.shape[1:]
    row, column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
    here = features[:, row, column, None]
    near = features[:, max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1].flatten(1)
    rows, columns = (torch.linspace(0, n - 1, min(GRID, n)).round().long() for n in (height, width))
    far = features[:, rows][:, :, columns].flatten(1)
    local, everywhere = ((each - here).norm(dim=0).mean() for each in (near, far))
    return float(local / everywhere.clamp(min=1e-12))
