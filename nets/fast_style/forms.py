"""What paint goes by in a photograph: where its forms are fine, and which way they run."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

AROUND = 4
"""Half the side of the squares, laid over each other twice, that contrast is a mean over."""

CELL = 4
"""Pixels along each side of the places that have a direction."""

WIDE = 5
"""Half the side, in such places, of the squares, laid over each other twice, that directions are a mean over."""

FAINT = 4e-4
"""Mean square of the slope, per place, below which there is no form to go along."""

WAVES = ((0.0125, 0.0061, 0.3), (-0.0047, 0.0137, 1.9), (0.0088, -0.0102, 4.1), (0.0031, 0.0029, 5.2))
"""Columns and rows, in radians a pixel, and phases of the waves whose contours are the swirls of plain ground."""


def forms(pictures: Tensor) -> Tensor:
    """How much contrast is around each place of pictures [N, 3, h, w] in -1..1, [N, 1, h, w]; sides in eights."""
    coarse = F.avg_pool2d(_mirrored(F.avg_pool2d(pictures, 8), 1), 3, stride=1)
    apart = pictures - F.interpolate(coarse, scale_factor=8.0, mode="bilinear")
    found = apart.abs().mean(1, keepdim=True)
    return _smooth(found, AROUND)


def fine(forms: Tensor, firm: Tensor) -> Tensor:
    """Where forms are too fine for paint: 0 on plain ground, 1 where contrast is several times `firm`."""
    return ((forms / (forms + firm) - 0.3) / 0.5).clamp(0, 1)


def directions(pictures: Tensor) -> Tensor:
    """Which way the forms of pictures [N, 3, h, w] in -1..1 run, [N, 2, h / CELL, w / CELL]; sides in eights.

    Twice the angle, as cosine and sine: what is across the slope, by the smoothed structure tensor (Bigun and Granlund
    1987). Length 1 where all slopes agree, and less the fainter they are or the less they agree.
    """
    light = F.avg_pool2d(pictures.mean(1, keepdim=True), CELL)
    around = _mirrored(light, 1)
    across, down = (
        (around[..., 1:-1, 2:] - around[..., 1:-1, :-2]) / 2,
        (around[..., 2:, 1:-1] - around[..., :-2, 1:-1]) / 2,
    )
    parts = _smooth(
        torch.cat([down.square() - across.square(), -2 * across * down, across.square() + down.square()], 1), WIDE
    )
    return parts[:, :2] / (parts[:, 2:] + FAINT)


def swirls(rows: Tensor, columns: Tensor) -> Tensor:
    """Twice the angle, as cosine and sine [2, ...], of strokes that swirl, at places of the whole picture."""
    slopes = torch.zeros(2, *rows.shape, device=rows.device)
    for x, y, phase in WAVES:
        slope = torch.cos(columns * x + rows * y + phase)
        slopes += torch.stack([-y * slope, x * slope])
    angle = 2 * torch.atan2(slopes[1], slopes[0])
    return torch.stack([angle.cos(), angle.sin()])


def _smooth(x: Tensor, half: int) -> Tensor:
    for _ in range(2):
        x = F.avg_pool2d(_mirrored(x, half), 2 * half + 1, stride=1)
    return x


def _mirrored(x: Tensor, rim: int) -> Tensor:
    return F.pad(x, (rim,) * 4, mode="replicate")
