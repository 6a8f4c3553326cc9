"""Hats, glasses and earrings as signed distances in the head's frame; each fades by shrinking away."""

from __future__ import annotations

import torch
from torch import Tensor

from training.puppets.rig import Rig
from training.puppets.sdf import capsule, cut, ellipsoid, length, sphere, turn, union

LENS_Z, LENS_R = 0.80, 0.225


def hat_rim(z: Tensor) -> Tensor:
    """Height of a hat's lower edge."""
    return 0.47 + 0.12 * z


def hat(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """A dome; with a fold it is a beanie, with a visor a cap, with a brim a sun hat."""
    bare = (1 - r.hat_brim) * (1 - r.hat_visor)
    ribs = 0.016 * bare * (1 - (18 * turn(x, z + 0.12) % 2 - 1).square())
    dome = ellipsoid(x, y, z, 0.0, 0.34, -0.12, 0.84 * r.face_w + 0.03, 0.86, 0.95) - ribs
    rim = hat_rim(z)
    fold = cut((dome - 0.035).abs() - 0.04, (y - rim - 0.11).abs() - 0.10, 0.05) + 0.12 * (1 - bare)
    d = torch.minimum(cut(dome, rim - y, 0.05), fold)
    visor = cut(ellipsoid(x, y + 0.30 * (z - 0.7), z, 0.0, 0.54, 0.72, 0.58, 0.075, 0.62), 0.25 - z, 0.08)
    d = union(d, visor + 0.4 * (1 - r.hat_visor), 0.05)
    brim = ellipsoid(x, y - 0.12 * z + 0.06 * x * x, z, 0.0, 0.50, -0.10, 1.22, 0.07, 1.22)
    d = union(d, brim + 0.4 * (1 - r.hat_brim), 0.06)
    return d + 0.5 * (1 - r.hat)


def lens(x: Tensor, y: Tensor, r: Rig) -> Tensor:
    """Distance to a lens' outline in the plane of the glasses, negative inside: from a rounded box to a disc."""
    gx, gy = x - r.eye_x - 0.015, y + 0.01
    disc = length(gx, gy) - LENS_R
    qx, qy = gx.abs() - LENS_R - 0.01 + 0.09, gy.abs() - LENS_R + 0.045 + 0.09
    box = length(qx.clamp(min=0), qy.clamp(min=0)) + torch.maximum(qx, qy).clamp(max=0) - 0.09
    return box + (disc - box) * r.glasses_round


def glasses(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Two rims, a bridge and two temples of wire."""
    wire = length(lens(ax, y, r), z - (LENS_Z + 0.02 - 0.24 * ax * ax))
    wire = torch.minimum(wire, capsule(ax, y, z, (0.0, 0.05, 0.83), (0.095, 0.04, 0.82), 0.0, 0.0))
    hinge = (r.eye_x + 0.23, 0.05, 0.745)
    wire = torch.minimum(wire, capsule(ax, y, z, hinge, (0.78 * r.face_w + 0.02, 0.06, -0.05), 0.0, 0.0))
    return wire - 0.027 * r.glasses + 0.2 * (1 - r.glasses)


def earrings(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """A bead hanging from each lobe."""
    return sphere(ax, y, z, 0.80 * r.face_w, -0.30, -0.02, 0.078) + 0.3 * (1 - r.earrings)
