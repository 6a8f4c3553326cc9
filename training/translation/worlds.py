"""Two worlds without pairs: rendered portraits, and ink sketches of other people.

``Worlds.of(folder, count)`` renders what is missing, both from seeds of their own, so that nobody was both painted and
sketched. Portraits come with their exact parts, for networks that learn from labels.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.puppets import Renderer, sample
from training.translation.ink import inked

SIDE, PIECE = 128, 96
"""Pixels of a side of the pictures, and of the pieces of them that networks learn from."""
PORTRAITS, SITTERS, HELD_OUT = 5101, 5102, 5103
"""Seeds of the portraits, of those who were sketched, and of portraits that no network learns from."""


def rendered(
    seed: int, count: int, side: int = SIDE, first: int = 0, draw: Renderer | None = None
) -> tuple[Tensor, Tensor]:
    """Portraits uint8 [n, 3, s, s] and their parts uint8 [n, s, s]: those of a seed from ``first`` to ``count``.

    Another renderer than the plain one may be given, e.g. one with smooth rims.
    """
    draw = Renderer("cpu", supersample=1) if draw is None else draw
    frames = [draw(row[None], side) for row in sample(seed, count)[first:]]
    pictures = torch.cat([frame.rgb for frame in frames])
    return (pictures * 255).round().to(torch.uint8), torch.cat([frame.parts for frame in frames]).to(torch.uint8)


def rendered_into(
    folder: Path, seed: int, count: int, side: int, at_once: int = 50, draw: Renderer | None = None
) -> tuple[Tensor, Tensor]:
    """As `rendered`, kept in a folder as they come, so that rendering goes on where it was ended."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    for first in range(0, count, at_once):
        path = folder / f"renders_{seed}_{side}_{first}.pt"
        if not path.exists():
            torch.save(rendered(seed, first + at_once, side, first, draw), path.with_suffix(".new"))
            os.replace(path.with_suffix(".new"), path)
        pieces.append(torch.load(path, weights_only=True))
    pictures, parts = (torch.cat(column)[:count] for column in zip(*pieces, strict=True))
    return pictures, parts


def spread(pictures: Tensor) -> Tensor:
    """uint8 → -1..1."""
    return pictures.float() / 127.5 - 1


@dataclass(frozen=True)
class Worlds:
    """Portraits [n, 3, s, s] and their parts [n, s, s]; sketches [n, 3, s, s] of others; all uint8."""

    portraits: Tensor
    parts: Tensor
    sketches: Tensor

    @classmethod
    def of(cls, folder: Path, count: int) -> Worlds:
        """As they were written into the folder, or rendered now."""
        path = folder / "worlds.npz"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            portraits, parts = rendered(PORTRAITS, count)
            sitters, theirs = rendered(SITTERS, count)
            pieces = zip(spread(sitters).split(8), theirs.split(8), strict=True)
            sketches = torch.cat([inked(picture, part, number) for number, (picture, part) in enumerate(pieces)])
            sketches = ((sketches + 1) * 127.5).round().to(torch.uint8)
            whole = {"portraits": portraits.numpy(), "parts": parts.numpy(), "sketches": sketches.numpy()}
            np.savez(folder / "new.npz", **whole)
            os.replace(folder / "new.npz", path)
        with np.load(path) as file:
            return cls(*(torch.from_numpy(file[name]) for name in ("portraits", "parts", "sketches")))

    def drawn(self, world: str, random: np.random.Generator, count: int) -> Tensor:
        """Random pieces of ``portraits`` or ``sketches`` in -1..1, [n, 3, PIECE, PIECE], half of them in the mirror."""
        members: Tensor = getattr(self, world)
        index = torch.from_numpy(random.integers(0, len(members), count))
        top, left = (int(random.integers(0, max(1, length - PIECE + 1))) for length in members.shape[2:])
        chosen = spread(members[index, :, top : top + PIECE, left : left + PIECE])
        return chosen.flip(-1) if random.random() < 0.5 else chosen
