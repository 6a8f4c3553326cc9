"""Contact sheets of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def sheet(pictures: Tensor, columns: int) -> Image.Image:
    """Tiles pictures [n, 3, h, w] in 0..1, row by row."""
    n, _, h, w = pictures.shape
    rows = -(-n // columns)
    tiles = torch.ones(rows * columns, 3, h, w)
    tiles[:n] = pictures.float().cpu()
    grid = tiles.view(rows, columns, 3, h, w).permute(0, 3, 1, 4, 2).reshape(rows * h, columns * w, 3)
    return Image.fromarray((grid.clamp(0, 1) * 255).round().to(torch.uint8).numpy().astype(np.uint8))


def save(image: Image.Image, path: str | Path) -> None:
    """Saves a sheet; a WebP is written at a quality that keeps sheets small."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **({"quality": 82, "method": 6} if path.suffix == ".webp" else {}))
