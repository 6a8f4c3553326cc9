"""What people draw, made of pictures and their parts: label maps with details left out, lines of many hands."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nets.label_encoder import lines_of
from training.puppets.paint import PART
from training.translation.pairs import shaken

FORGOTTEN = {"iris": ("eye", 0.1), "teeth": ("mouth", 0.1), "nose": ("skin", 0.08), "earring": ("ear", 0.05)}
"""What a painted map often lacks: painted as what, and how often."""


def painted(parts: Tensor, random: torch.Generator) -> Tensor:
    """Part numbers [n, s, s] as somebody might paint them."""
    parts = parts.clone()
    for name, (instead, often) in FORGOTTEN.items():
        leave = (torch.rand(len(parts), 1, 1, generator=random) < often) & (parts == PART[name])
        parts[leave] = PART[instead]
    steady = torch.rand(len(parts), generator=random) < 0.4
    moved = shaken(parts[:, None], 0.6, random)[:, 0]
    return torch.where(steady[:, None, None], parts, moved)


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [n, 1, h, w]."""
    reach = max(1, round(3 * sigma))
    line = torch.arange(-reach, reach + 1).float()
    kernel = torch.exp(-line.square() / (2 * sigma * sigma))
    kernel = kernel / kernel.sum()
    wide = functional.pad(pictures, (reach,) * 4, mode="replicate")
    return functional.conv2d(functional.conv2d(wide, kernel[None, None, None]), kernel[None, None, :, None])


def strokes(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Lines where pictures [n, 3, s, s] in -1..1 are darker than about them (XDoG, Winnemöller et al. 2012), 0..1."""
    grey = (pictures * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    sigma = 0.7 + 0.6 * torch.rand((), generator=random).item()
    apart = blurred(grey, sigma) - blurred(grey, 1.6 * sigma)
    steep = 30 + 60 * torch.rand(len(grey), 1, 1, 1, generator=random)
    return torch.tanh(steep * (-apart - 0.012).clamp(min=0))


def drawn(pictures: Tensor, parts: Tensor, random: torch.Generator) -> Tensor:
    """Lines [n, 1, 2 s, 2 s] in 0..1 of pictures at that size and their parts [n, s, s]."""
    n = len(parts)

    def some(share: float) -> Tensor:
        return (torch.rand(n, 1, 1, 1, generator=random) < share).float()

    rims = lines_of(parts)
    lines = torch.maximum(rims * some(0.85), strokes(pictures, random) * some(0.5))
    lines = torch.where(lines.flatten(1).amax(1)[:, None, None, None] > 0, lines, rims)
    thick = functional.max_pool2d(lines, 3, 1, 1)
    lines = torch.where(some(0.35) > 0, thick, lines)
    lines = shaken(lines, 1.2, random)
    holes = functional.interpolate((torch.rand(n, 1, 8, 8, generator=random) > 0.06).float(), scale_factor=16.0)
    lines = torch.where(some(0.4) > 0, lines * holes[..., : lines.shape[-2], : lines.shape[-1]], lines)
    return lines * (0.6 + 0.4 * torch.rand(n, 1, 1, 1, generator=random))
