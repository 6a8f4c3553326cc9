"""Losses and measures on pictures [n, 3, s, s] in -1..1, weighted or reported by part."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from training.puppets.paint import PARTS

WEIGHTS = {
    "background": 0.4, "skin": 1.2, "nose": 2.0, "eye": 5.0, "iris": 5.0, "brow": 3.0, "upper_lip": 4.0,
    "lower_lip": 4.0, "mouth": 4.0, "teeth": 4.0, "hair": 0.9, "beard": 1.3, "ear": 2.0, "neck": 0.9, "cloth": 0.9,
    "glasses": 3.0, "hat": 0.9, "earring": 3.0,
}  # fmt: skip
"""How much a pixel of each part counts: small parts carry the expression and would drown otherwise."""


FRAME = 3.0
"""Weight of the outermost 128th, where the padding of the convolutions would show as a faint frame."""


def part_weights(parts: Tensor, otherwise: Mapping[str, float] | None = None) -> Tensor:
    """Weight maps [n, 1, s, s] of part numbers [n, s, s]; ``otherwise`` has the weights that differ from `WEIGHTS`.

    Raises ValueError for the name of no part.
    """
    weights = {**WEIGHTS, **(otherwise or {})}
    if unknown := weights.keys() - set(PARTS):
        raise ValueError(f"part_weights: {sorted(unknown)} are no parts; they are {', '.join(PARTS)}")
    table = torch.tensor([weights[name] for name in PARTS], device=parts.device)
    weight = table[parts][:, None]
    rim = max(1, parts.shape[-1] // 128)
    for axis in (2, 3):
        for start in (0, weight.shape[axis] - rim):
            weight.narrow(axis, start, rim).clamp_(min=FRAME)
    return weight


COARSE = 16
"""Cells of a focus are a 16th of the picture's side: about an ear, or half a ponytail."""


def focused(weight: Tensor, made: Tensor, wanted: Tensor, focus: float) -> Tensor:
    """Weight maps [n, 1, s, s] that count more where whole things are missing: 1 + ``focus`` x the cell's mean error.

    A distance without squares is content to leave out what is seldom worn or hard to place (a ponytail, the fold of a
    beanie): no ponytail is right more often than one in a wrong place, and the cost of the misses never grows.
    """
    return weight * (1 + focus * missed(made, wanted))


def missed(made: Tensor, wanted: Tensor) -> Tensor:
    """How far the mean colours of cells are off, [n, 1, s, s]: more than 0.5 where a whole thing is missing."""
    cell = wanted.shape[-1] // COARSE
    off = functional.avg_pool2d(made - wanted, cell).abs().mean(1, keepdim=True)
    return functional.interpolate(off, scale_factor=float(cell), mode="bilinear")


def pyramid(
    made: Tensor, wanted: Tensor, weight: Tensor, levels: int = 4, finer: Tensor | None = None, held: int = 1
) -> Tensor:
    """Weighted L1 of values and of gradients, summed over octaves.

    ``finer`` are weights for all octaves but the ``held`` coarsest.
    """
    total = made.new_zeros(())
    free = weight if finer is None else finer
    for level in range(levels):
        error = (made - wanted) * (free if level < levels - held else weight)
        across, down = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
        total = total + error.abs().mean() + 0.5 * (across.abs().mean() + down.abs().mean())
        if level < levels - 1:
            made, wanted, weight, free = (functional.avg_pool2d(x, 2) for x in (made, wanted, weight, free))
    return total


def _ordered(pictures: Tensor, block: int, corner: tuple[int, int]) -> Tensor:
    """Values and grey gradients of every block in ascending order, [n, 5, rows, columns, block ** 2]."""
    grey = pictures.mean(1, keepdim=True)
    across = functional.pad(grey[..., 1:] - grey[..., :-1], [0, 1])
    down = functional.pad(grey[..., 1:, :] - grey[..., :-1, :], [0, 0, 0, 1])
    bands = torch.cat([pictures, 2 * across, 2 * down], 1)[..., corner[0] :, corner[1] :]
    bands = bands[..., : bands.shape[-2] // block * block, : bands.shape[-1] // block * block]
    return bands.unflatten(-1, (-1, block)).unflatten(2, (-1, block)).transpose(3, 4).flatten(4).sort(-1).values


def local_distribution(made: Tensor, wanted: Tensor, weight: Tensor, corner: tuple[int, int], block: int) -> Tensor:
    """How far apart the values, and the gradients, of each block are as distributions (1-Wasserstein, by sorting).

    An edge or strand that sits half a pixel off costs nothing here and a blurred one does, where a distance between
    pixels prefers the blurred one. ``corner`` (row, column, each below ``block``) is where the first block begins:
    drawn anew for every batch, so that blocks have no fixed borders.
    """
    where = functional.avg_pool2d(weight[..., corner[0] :, corner[1] :], block)[..., None]
    return ((_ordered(made, block, corner) - _ordered(wanted, block, corner)).abs() * where).mean()


def high_frequency(pictures: Tensor) -> float:
    """Energy of what a 2x2 average loses, per value."""
    small = functional.interpolate(functional.avg_pool2d(pictures, 2), scale_factor=2.0, mode="bilinear")
    return (pictures - small).square().mean().item()


def psnr(made: Tensor, wanted: Tensor) -> float:
    """Peak signal to noise in dB for values in -1..1."""
    return -10 * math.log10(max((made.clamp(-1, 1) - wanted).square().mean().item() / 4, 1e-10))


def psnr_by_part(made: Tensor, wanted: Tensor, parts: Tensor) -> dict[str, float]:
    """PSNR over the pixels of each part that occurs."""
    error = (made.clamp(-1, 1) - wanted).square().mean(1) / 4
    found = {}
    for number, name in enumerate(PARTS):
        mask = parts == number
        if mask.any():
            found[name] = round(-10 * math.log10(max(error[mask].mean().item(), 1e-10)), 2)
    return found
