"""How paint is laid on a picture: as one square that repeats itself, or in patches, each turned along the forms.

Patches lie over each other on four grids (Praun, Finkelstein and Hoppe 2000, "Lapped textures"). Each begins at
another place of the square of paint, by a fixed hash of its place in the whole picture, so that nothing repeats
itself on a large plain ground; and it may be turned along the smoothed structure tensor of what it lies on. Where
patches meet, the one that is nearer to its middle is seen, with borders that are not straight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.fast_style.colours import COUNT
from nets.fast_style.forms import CELL, swirls

SIDE = 256
"""Pixels after which a square of paint repeats itself."""

NOTHING, LEVELS = 128, 64
"""The level of a byte that adds nothing, and how many levels add 1."""

SHARP = 40.0
"""How sharply one patch ends where the next begins."""

FRAYED = 0.6
"""How much farther, at most, a patch reaches in some places than in others."""

LEAST, MOST = 16, 2048
"""Pixels between the middles of patches."""

STRIP = 256
"""Rows that are laid at a time, to bound memory."""


class Laying(NamedTuple):
    """How a style's paint is laid.

    Attributes:
        pitch: pixels between the middles of the patches of one grid, an even number; 0: one square that repeats itself.
        follow: how firmly patches turn along forms; 0: not at all.
        swirl: how far, from 0 to 1, strokes swirl on plain ground.
        lean: else, the angle that they have there, in radians, from level, clockwise.
    """

    pitch: float = 0.0
    follow: float = 0.0
    swirl: float = 0.0
    lean: float = 0.0

    @classmethod
    def of(cls, row: Tensor) -> Laying:
        """From the numbers of a style, whose patches are of a size that can be laid."""
        pitch, *others = row.tolist()
        return cls(0.0 if pitch < LEAST else min(pitch // 2 * 2, MOST), *others)


def laid(
    paint: Tensor, shares: Tensor, at: Sequence[tuple[int, int]], how: Laying = Laying(), along: Tensor | None = None
) -> Tensor:
    """A style's paint on pictures with shares [N, COUNT, h, w] of its colours: [N, 3, h, w], which is added to them.

    Args:
        paint: [COUNT * 3 * SIDE * SIDE] in bytes: `NOTHING`, and `LEVELS` more or less for 1.
        shares: of the style's colours.
        at: row and column of each picture (one for all) within the one that it is a piece of.
        how: it is laid.
        along: which way forms run, as `directions` gives it; None: no way.
    """
    planes = paint.view(COUNT, 3, SIDE, SIDE)
    if not how.pitch:
        return torch.stack([_square(planes, share, at[n % len(at)]) for n, share in enumerate(shares)])
    sheet = F.pad(planes.view(1, -1, SIDE, SIDE).to(shares), (0, 1, 0, 1), mode="circular").sub_(NOTHING).div_(LEVELS)
    made = torch.empty(len(shares), 3, *shares.shape[2:], dtype=shares.dtype, device=shares.device)
    for number, share in enumerate(shares):
        ways = None if along is None or not how.follow else along[number] * how.follow
        for top in range(0, share.shape[1], STRIP):
            rows = slice(top, top + STRIP)
            made[number, :, rows] = _patches(sheet, share[:, rows], at[number % len(at)], how, ways, top)
    return made


def _square(planes: Tensor, share: Tensor, at: tuple[int, int]) -> Tensor:
    made = share.new_zeros(3, *share.shape[1:])
    rows, columns = (
        (torch.arange(length, device=planes.device) + first) % SIDE
        for length, first in zip(share.shape[1:], at, strict=True)
    )
    for plane, much in zip(planes, share, strict=True):
        made.addcmul_(plane[:, rows][:, :, columns].to(share) - NOTHING, much, value=1 / LEVELS)
    return made


def _patches(
    sheet: Tensor, share: Tensor, at: tuple[int, int], how: Laying, along: Tensor | None, first: int
) -> Tensor:
    """Rows of a picture, from row `first` of it on, in patches."""
    sums, weights = share.new_zeros(3, *share.shape[1:]), share.new_zeros(share.shape[1:])
    for grid in range(4):
        rows, columns = (
            _Line(length, begin, start, round(how.pitch), shift)
            for length, begin, start, shift in zip(share.shape[1:], (first, 0), at, (grid // 2, grid % 2), strict=True)
        )
        angles = _angles(rows.middles, columns.middles, at, how, along)
        hashed = _hashed(rows.cells[:, None], columns.cells[None], grid)
        turned = angles + torch.pi * (hashed & 1)  # a stroke is the same either way
        cos, sin, right, under = (
            each.to(share)[rows.index][:, columns.index]
            for each in (turned.cos(), turned.sin(), (hashed >> 4) % SIDE, (hashed >> 14) % SIDE)
        )
        down, across = rows.apart.to(share)[:, None], columns.apart.to(share)[None]
        places = torch.stack([cos * across + sin * down + right, cos * down - sin * across + under], -1)
        places = places.remainder_(SIDE).mul_(2 / SIDE).sub_(1)[None]
        taken = F.grid_sample(sheet, places, align_corners=True)[0].view(COUNT, 3, *share.shape[1:])
        patch = (taken * share[:, None]).sum(0)
        near = (1 - down.abs() * (2 / how.pitch)) * (1 - across.abs() * (2 / how.pitch))
        near *= 1 + _frayed(rows.places.to(share)[:, None], columns.places.to(share)[None], grid)
        seen = (near * SHARP).exp_()
        sums.addcmul_(patch, seen)
        weights += seen
    return sums / weights


class _Line:
    """The patches of one grid along one side: which there are, which pixel lies in which, and where."""

    def __init__(self, length: int, first: int, start: int, pitch: int, shift: int) -> None:
        self.places = torch.arange(length) + (first + start + shift * pitch // 2)
        places = self.places
        cells = places // pitch
        self.cells = torch.arange(int(cells[0]), int(cells[-1]) + 1)
        self.index = cells - cells[0]
        self.apart = places - cells * pitch - (pitch - 1) / 2
        self.middles = self.cells * pitch + pitch // 2 - start - shift * pitch // 2
        """Where the middles are in the picture."""


def _frayed(rows: Tensor, columns: Tensor, grid: int) -> Tensor:
    """How much farther a patch of one grid reaches at places of the whole picture: borders shall not be straight."""
    one, two = rows * 0.071 + columns * 0.043 + 2.1 * grid, columns * 0.067 - rows * 0.049 + 1.3 * grid
    return FRAYED * (torch.sin(one + torch.sin(two)) + torch.sin(two * 2.3 + torch.cos(one * 1.7))) / 2


def _angles(rows: Tensor, columns: Tensor, at: tuple[int, int], how: Laying, along: Tensor | None) -> Tensor:
    """The angle of each patch [rows, columns], by where its middle is in the picture."""
    level = torch.tensor([math.cos(2 * how.lean), math.sin(2 * how.lean)])
    plain = ((1 - how.swirl) * level)[:, None, None].repeat(1, len(rows), len(columns))
    if how.swirl:
        grid = torch.meshgrid(rows + at[0], columns + at[1], indexing="ij")
        plain += how.swirl * swirls(*(each.float() for each in grid))
    if along is not None:
        down, right = (
            (each // CELL).clamp(0, length - 1) for each, length in zip((rows, columns), along.shape[1:], strict=True)
        )
        plain += along[:, down.to(along.device)][:, :, right.to(along.device)].to(plain)
    return torch.atan2(plain[1], plain[0]) / 2


def _hashed(rows: Tensor, columns: Tensor, grid: int) -> Tensor:
    """A number from 0 to 2 ** 31 for each patch, by its place alone."""
    mixed = rows * 73856093 ^ columns * 19349663 ^ (grid + 1) * 83492791
    for _ in range(2):
        mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0x7FFFFFFF
    return mixed
