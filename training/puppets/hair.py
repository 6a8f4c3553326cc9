"""Hair as a handful of soft shapes whose presence is continuous: every style is a blend of the same pieces."""

from __future__ import annotations

import torch
from torch import Tensor

from training.puppets.rig import Rig
from training.puppets.sdf import capsule, cut, ellipsoid, ridge, sphere, turn, union

ABSENT = 0.6
"""How far a piece recedes when its presence is 0: enough to swallow the largest piece."""


def _present(distance: Tensor, presence: Tensor) -> Tensor:
    return distance + ABSENT * (1 - presence)


def hairline(x: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Height above which the scalp carries hair, falling from the forehead to the nape."""
    brow = 0.62 + 0.02 * (1 - r.feminine) + 0.62 * r.bald
    sweep = ridge(x - 0.42 * r.hair_part, 0.50)
    strands = 0.030 * torch.cos(10 * (x - 0.5 * r.hair_part))
    brow = brow - r.fringe * (0.24 * sweep + 0.05 + strands)
    back = (0.70 - z).clamp(min=0)
    return brow - 1.02 * back - 0.10 * x * x


def strands(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """A wave in -1..1 that runs along the locks, which radiate from the crown."""
    around = 1.5 * turn(x - 0.15 * r.hair_part, z + 0.30)
    return torch.sin(12 * around + (0.8 + 2.4 * r.curl) * torch.sin(4.2 * y + 1.5 * x))


def hair(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Distance to the hair, in the head's frame."""
    ax = torch.sqrt(x * x + 1e-6)
    bulk = r.hair_volume.clamp(-1, 1) * (1 - r.bald)
    thick = 0.085 + 0.045 * bulk + 0.27 * r.afro - 0.03 * r.bald
    d = ellipsoid(x, y, z, 0.0, 0.25 + 0.45 * thick, -0.13, 0.745 * r.face_w + thick, 0.77 + 0.8 * thick, 0.80 + thick)
    edge = (hairline(x, z, r) - 0.10 * r.afro - y) * 0.74
    d = cut(d, torch.maximum(edge, -0.50 - 0.1 * z - y), 0.07 + 0.16 * r.afro)
    d = union(d, _long(ax, x, y, z, r, bulk), 0.14)
    d = union(d, _tied(ax, x, y, z, r), 0.06)
    d = union(d, _quiff(x, y, z, r), 0.16)
    curls = torch.sin(13 * x) * torch.sin(13 * y + 1) * torch.sin(13 * z)
    return d - 0.012 * strands(x, y, z, r) * (1 - 0.7 * r.afro) - 0.042 * r.curl * r.curl * curls


def _long(ax: Tensor, x: Tensor, y: Tensor, z: Tensor, r: Rig, bulk: Tensor) -> Tensor:
    """Locks beside the face and a curtain behind the neck, down to the hair's length."""
    flare = 0.06 * bulk
    wave = 0.045 * r.curl * torch.sin(9 * y)
    tip = -0.20 - 1.05 * r.hair_length
    lock = capsule(
        ax + wave, y, z, (0.64 * r.face_w + flare, 0.40, -0.16), (0.70 * r.face_w + 2 * flare, tip, -0.06), 0.17, 0.19
    )
    curtain = ellipsoid(
        x, y, z, 0.0, -0.05 - 0.48 * r.hair_length, -0.42, 0.74 + 2 * flare, 0.52 + 0.62 * r.hair_length, 0.38
    )
    presence = ((r.hair_length - 0.02) / 0.22).clamp(0, 1)
    return _present(union(lock, curtain, 0.15), presence * presence * (3 - 2 * presence))


def _tied(ax: Tensor, x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Bun, ponytail and pigtails. They slip out of a hat's way."""
    free = 1 - 0.9 * r.hat
    bun = _present(sphere(x, y, z, 0.0, 1.10, -0.28, 0.27), r.bun * free)
    side = r.ponytail_side
    root, bend = (0.10 * side, 0.72, -0.85), (0.86 * side, 0.62, -0.70)
    tail = capsule(x, y, z, root, bend, 0.13, 0.20)
    tail = union(tail, capsule(x, y, z, bend, (1.02 * side, -0.45, -0.50), 0.20, 0.10), 0.12)
    pigtail = capsule(ax, y, z, (0.80, 0.12, -0.22), (0.98, -0.62, -0.10), 0.20, 0.11)
    tied = torch.minimum(_present(tail, r.ponytail), _present(pigtail, r.pigtails))
    return torch.minimum(bun, tied)


def _quiff(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    roll = ellipsoid(x - 0.18 * r.hair_part, y + 0.30 * (x * r.hair_part), z, 0.0, 0.90, 0.36, 0.46, 0.22, 0.34)
    return _present(roll, r.quiff * (1 - r.hat))
