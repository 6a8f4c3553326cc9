"""The body of a puppet as signed distances: head, nose, mouth, lids, ears, neck, eyeballs, clothes."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from training.puppets.rig import Rig
from training.puppets.sdf import capsule, cut, ellipsoid, length, ridge, soft, sphere, union


class Mouth(NamedTuple):
    """Where a point lies relative to the mouth, in head units."""

    along: Tensor
    """|x| over half the mouth's width; 1 at the corner."""
    upper: Tensor
    """Height of the upper lip's inner edge at this x."""
    lower: Tensor
    """Height of the lower lip's inner edge at this x."""
    thick: Tensor
    """Thickness of the lips at this x, 0 at the corner."""
    outside: Tensor
    """Distance beyond the corner, 0 between the corners."""


def mouth(ax: Tensor, r: Rig) -> Mouth:
    """The lip curves: a parabola bent up by a smile, parted by the gap."""
    along = (ax / r.mouth_w).clamp(max=1.0)
    arch = 1 - along * along
    middle = r.mouth_y + r.mouth_bend * (along * along - 0.45)
    thick = r.lip_t * torch.sqrt(arch + 0.02) * soft(r.mouth_w + 0.005 - ax, 120)
    # full lips taper: the gap closes faster than the lips do
    return Mouth(along, middle + r.gap_up * arch, middle - r.gap_low * arch, thick, (ax - r.mouth_w).clamp(min=0))


def lips(y: Tensor, m: Mouth, r: Rig) -> Tensor:
    """Height of the lips' relief, 0..1: two soft rolls with a notch between them."""
    up = ridge(y - m.upper - 0.55 * m.thick, 0.62 * m.thick + 0.004)
    low = ridge(y - m.lower + 0.65 * m.thick, 0.75 * m.thick + 0.004)
    return torch.maximum(up, low) * soft(0.012 - m.outside, 160)


def beard_mask(ax: Tensor, y: Tensor, z: Tensor, m: Mouth, r: Rig) -> tuple[Tensor, Tensor]:
    """How much of the beard and of the moustache covers a point of the face, each 0..1."""
    jaw = soft(-0.60 + 0.70 * ax + 1.2 * (ax - 0.58).clamp(min=0) - y, 24)
    around = soft(length(ax / 0.25, (y - r.mouth_y + 0.02 + 0.5 * r.gap_low) / (0.155 + 0.5 * r.gap_low)) - 1, 16)
    beard = torch.maximum(jaw * around, soft(-0.64 - r.jaw_drop - y, 28))
    beard = beard * soft(z - 0.0, 16) * soft(y + 1.12 + r.jaw_drop, 20)
    tip = 0.5 * ax * ax / 0.1
    whiskers = ridge(y - m.upper - r.lip_t - 0.050 + 0.35 * tip * 0.5, 0.050) * soft(0.27 - ax, 34) * soft(z - 0.3, 16)
    return beard, whiskers


def skin(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Distance to the head without the neck, in the head's frame."""
    ax = torch.sqrt(x * x + 1e-6)
    d = ellipsoid(x, y, z, 0.0, 0.24, -0.08, 0.745 * r.face_w, 0.77, 0.80)
    jaw_y = -0.26 - 0.06 * (r.face_l - 1) - 0.4 * r.jaw_drop
    d = union(d, ellipsoid(x, y, z, 0.0, jaw_y, 0.12, 0.585 * r.face_w * r.jaw_w, 0.60 * r.face_l, 0.56), 0.34)
    d = union(d, sphere(x, y, z, 0.0, -0.715 * r.face_l - r.jaw_drop, 0.44, r.chin_r), 0.26)
    cheek = sphere(ax, y, z, 0.345 * r.face_w, -0.23 + 0.07 * r.glad, 0.42 + 0.02 * r.glad, r.cheek_r + 0.02 * r.glad)
    d = union(d, cheek, 0.20)
    d = union(d, sphere(x, y, z, 0.0, r.mouth_y, 0.40, 0.275), 0.16)
    # a shallow bowl around each eye, so that the lids sit in the face
    d = cut(d, -sphere(ax, y, z, r.eye_x, 0.03, 0.90, 0.19), 0.18)
    d = union(d, _nose(x, ax, y, z, r), 0.07)
    m = mouth(ax, r)
    front = soft(z - 0.3, 20)
    d = d - 0.022 * lips(y, m, r) * front
    beard, whiskers = beard_mask(ax, y, z, m, r)
    d = d - 0.085 * r.beard * beard - 0.065 * r.moustache * whiskers
    middle, half = 0.5 * (m.upper + m.lower), 0.5 * (m.upper - m.lower)
    hole = torch.maximum(torch.maximum((y - middle).abs() - half, 0.56 - z), m.outside - 0.001)
    d = cut(d, -hole, 0.018)
    d = union(d, _lids(ax, y, z, r), 0.035)
    return union(d, _ears(ax, y, z, r), 0.05)


def _nose(x: Tensor, ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    tip_y = r.nose_y + r.nose_up
    bridge = capsule(x, y, z, (0.0, 0.10, 0.62), (0.0, tip_y + 0.04, r.nose_z - 0.02), 0.05, 0.065 * r.nose_w)
    d = union(bridge, sphere(x, y, z, 0.0, tip_y, r.nose_z, 0.096 * r.nose_w), 0.08)
    return union(d, sphere(ax, y, z, 0.088 * r.nose_w, r.nose_y - 0.02, r.nose_z - 0.095, 0.062 * r.nose_w), 0.06)


def lid_planes(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[Tensor, Tensor]:
    """Signed heights above the upper lid's edge and below the lower lid's, in head units.

    Each edge is a plane through the eyeball's centre, hinged on its horizontal axis: great circles give an almond.
    """
    ex, ey, ez = ax - r.eye_x, y - r.eye_y, z - r.eye_z
    tilt = r.lid_tilt * ex
    return (
        (ey - tilt) * r.lid_up_cos - ez * r.lid_up_sin,
        -(ey - 0.5 * tilt) * r.lid_low_cos - ez * r.lid_low_sin,
    )


def _lids(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    above, below = lid_planes(ax, y, z, r)
    ball = sphere(ax, y, z, r.eye_x, r.eye_y, r.eye_z, r.eye_r + 0.022)
    return cut(ball, torch.minimum(-above, -below), 0.02)


def _ears(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    d = ellipsoid(ax + 0.30 * z, y - 0.2 * z, z, 0.775 * r.face_w, -0.04, -0.06, 0.075, 0.20 * r.ear_s, 0.14 * r.ear_s)
    return cut(d, -sphere(ax, y, z, 0.90 * r.face_w, -0.02, 0.03, 0.09), 0.05)


def eyeballs(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Distance to the eyeballs."""
    return sphere(ax, y, z, r.eye_x, r.eye_y, r.eye_z, r.eye_r)


def neck(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Distance to the neck, in the world's frame: it does not turn with the head."""
    return capsule(x, y, z, (0.0, -0.65, -0.16), (0.0, -1.6, -0.24), r.neck_r, r.neck_r + 0.03)


def clothes(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Distance to shoulders, shirt and collar, in the world's frame."""
    ax = torch.sqrt(x * x + 1e-5)
    d = capsule(ax, y, z, (0.0, -1.48, -0.26), (r.shoulder, -1.78, -0.28), 0.36, 0.30)
    d = union(d, ellipsoid(x, y, z, 0.0, -2.03, -0.2, r.shoulder, 0.85, 0.50), 0.2)
    ring = length(x, z + 0.20) - (r.neck_r + 0.055)
    tall = 0.045 + 0.07 * r.collar
    wall = (y + 1.16 - 0.06 * r.collar + 0.22 * (z + 0.2)).abs() - tall
    collar = length(ring, wall.clamp(min=0)) - 0.062
    return union(d, collar, 0.05)
