"""Draws ink sketches of rendered puppets: rims by a pen that swells, hatching where it is dark, lips in red chalk.

The program sees the picture and its exact parts, and draws at twice the size with an unsteady hand; the paper is cream,
the background stays empty. `inked` of a portrait that was not sketched for training is the truth that a network's
sketch of it can be measured by.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.puppets.paint import PART
from training.translation.drawings import blurred, strokes
from training.translation.pairs import shaken

PAPER = (0.965, 0.94, 0.88)
INK = (0.11, 0.13, 0.24)
CHALK = (0.72, 0.20, 0.16)
PERIOD = 9.0
"""Pixels from one line of the hatching to the next, at twice the size."""
HATCHES = ((-0.9, 0.30), (0.75, 0.52), (-0.15, 0.70))
"""Angles of the hatching, and the darkness from which on it is drawn."""
WITHOUT_RIM = ("nose", "upper_lip", "lower_lip")
"""Parts that nobody outlines: of these only the shading is drawn, and the chalk."""
SKIN_TONE = 0.55
"""How much of the darkness of skin is hatched; hair and clothes are drawn as dark as they are."""


def smooth(parts: Tensor, side: int) -> Tensor:
    """Part numbers [n, s, s] enlarged to [n, side, side] with smooth rims."""
    shares = functional.one_hot(parts.long(), len(PART)).permute(0, 3, 1, 2).float()
    shares = functional.interpolate(shares, (side, side), mode="bilinear", align_corners=False)
    return functional.avg_pool2d(shares, 3, 1, 1).argmax(1)


def waves(n: int, side: int, cells: int, random: torch.Generator) -> Tensor:
    """Smooth noise [n, 1, side, side] with a deviation of about 1."""
    coarse = torch.randn(n, 1, cells, cells, generator=random)
    return functional.interpolate(coarse, (side, side), mode="bicubic", align_corners=False)


def rims(parts: Tensor, random: torch.Generator) -> Tensor:
    """Lines [n, 1, s, s] in 0..1 along the rims between parts [n, s, s], now thin, now thick."""
    numbers = parts.float()[:, None]
    wide = functional.pad(numbers, (0, 1, 0, 1), mode="replicate")
    rim = ((functional.max_pool2d(wide, 2, 1) + functional.max_pool2d(-wide, 2, 1)) > 0).float()
    soft = blurred(shaken(rim, 1.6, random), 1.2)
    least = (0.15 + 0.05 * waves(len(parts), parts.shape[-1], 12, random)).clamp(0.07, 0.25)
    return ((soft - least) * 12 + 0.5).clamp(0, 1)


def hatching(dark: Tensor, random: torch.Generator) -> Tensor:
    """Lines [n, 1, s, s] in 0..1 that are the wider, and cross the oftener, the darker it is (0..1)."""
    n, side = len(dark), dark.shape[-1]
    line = torch.arange(side).float()
    down, right = torch.meshgrid(line, line, indexing="ij")
    drawn = torch.zeros_like(dark)
    for angle, least in HATCHES:
        bend = waves(n, side, 7, random)
        phase = (right * math.cos(angle) + down * math.sin(angle) + 1.6 * bend) * (2 * math.pi / PERIOD)
        width = ((dark - least) * 1.6).clamp(0, 0.75)
        lines = ((torch.cos(phase) - 1 + 2 * width) * 2.5).clamp(0, 1) * (width > 0.03)
        drawn = torch.maximum(drawn, lines)
    return drawn


@torch.no_grad()
def inked(pictures: Tensor, parts: Tensor, seed: int) -> Tensor:
    """Sketches [n, 3, s, s] in -1..1 of pictures of that form and their exact parts [n, s, s]."""
    random = torch.Generator().manual_seed(seed)
    n, side = len(pictures), 2 * pictures.shape[-1]
    large = functional.interpolate(pictures, (side, side), mode="bicubic", align_corners=False).clamp(-1, 1)
    where = smooth(parts, side)
    grey = ((large + 1) / 2 * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    nothing = (where == PART["background"])[:, None]
    bright = torch.where(nothing, torch.ones_like(grey), grey)
    dark = 1 - (blurred(bright, 2.0) * 1.15).clamp(0, 1)
    skin = torch.isin(where, torch.tensor([PART[name] for name in ("skin", "ear", "neck", *WITHOUT_RIM)]))
    dark = torch.where(skin[:, None], SKIN_TONE * dark, dark)
    outlined = torch.where(torch.isin(where, torch.tensor([PART[name] for name in WITHOUT_RIM])), PART["skin"], where)
    pen = torch.maximum(rims(outlined, random), shaken(strokes(large, random), 1.2, random) * (~nothing).float() * 0.8)
    ink = torch.maximum(pen, 0.85 * hatching(dark, random))
    wash = 0.28 * ((dark - 0.25) / 0.5).clamp(0, 1)
    lips = ((where == PART["upper_lip"]) | (where == PART["lower_lip"]))[:, None].float()
    lips = 0.75 * blurred(shaken(lips, 1.2, random), 1.0) * (0.85 + 0.15 * waves(n, side, 64, random)).clamp(0, 1)
    sheet = torch.tensor(PAPER).view(1, 3, 1, 1) * (1 + 0.012 * waves(n, side, 96, random))
    for colour, cover in ((CHALK, lips), (INK, wash), (INK, ink * 0.94)):
        sheet = torch.lerp(sheet.expand(n, 3, side, side), torch.tensor(colour).view(1, 3, 1, 1), cover)
    return functional.avg_pool2d(sheet, 2).clamp(0, 1) * 2 - 1
