"""Colour of every surface before light: face paint, eyes, hair, clothes, and the part each point belongs to."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from training.puppets import shapes
from training.puppets.hair import hairline, strands
from training.puppets.rig import Rig
from training.puppets.sdf import length, ridge, soft, turn

PARTS = (
    "background", "skin", "nose", "eye", "iris", "brow", "upper_lip", "lower_lip", "mouth", "teeth", "hair", "beard",
    "ear", "neck", "cloth", "glasses", "hat", "earring",
)  # fmt: skip
PART = {name: i for i, name in enumerate(PARTS)}
RGB = tuple[Tensor, Tensor, Tensor]


class Paint(NamedTuple):
    """What the light needs to know of a surface."""

    colour: RGB
    part: Tensor
    gloss: Tensor
    """Strength of the highlight."""
    polish: Tensor
    """Exponent of the highlight."""
    glow: Tensor
    """Light added whatever falls on it: the glint in an eye."""


def mix(a: RGB, b: RGB, weight: Tensor) -> RGB:
    """``a`` where the weight is 0, ``b`` where it is 1."""
    return a[0] + (b[0] - a[0]) * weight, a[1] + (b[1] - a[1]) * weight, a[2] + (b[2] - a[2]) * weight


def _times(a: RGB, x: Tensor | float, y: Tensor | float | None = None, z: Tensor | float | None = None) -> RGB:
    y, z = (x, x) if y is None or z is None else (y, z)
    return a[0] * x, a[1] * y, a[2] * z


def brow(ax: Tensor, y: Tensor, r: Rig) -> Tensor:
    """How much of an eyebrow covers a point, 0..1."""
    t = (ax - r.eye_x + 0.20) / 0.40
    centre = r.brow_y + r.brow_arch * (1 - (2 * t - 1.1).square()) + r.brow_tilt * (0.5 - t)
    half = r.brow_t * (1.05 - 0.55 * t.clamp(0, 1))
    return soft(half - (y - centre).abs(), 110) * soft(t + 0.01, 60) * soft(1.01 - t, 60)


def _wrinkles(ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> Tensor:
    """Lines of age and of a smile, 0..1."""
    forehead = (
        ridge(ax, 0.34) * ridge(y - 0.47, 0.09) * (0.5 + 0.5 * torch.cos((y + 0.02 * torch.cos(7 * ax)) * 66)).pow(3)
    )
    forehead = forehead * soft(hairline(ax, z, r) - y - 0.12, 40) * 0.4 * (1 - r.hat)
    drop = (r.nose_y - y).clamp(min=0)
    fold = ridge(ax - 0.175 - 0.48 * drop, 0.022) * ridge(y - r.nose_y + 0.14, 0.13)
    feet = ridge(length(ax - r.eye_x - 0.24, y - 0.0) - 0.06, 0.012) * soft(ax - r.eye_x - 0.23, 60) * ridge(y, 0.09)
    bags = ridge(y + 0.20 - 0.9 * (ax - r.eye_x).square(), 0.014) * ridge(ax - r.eye_x, 0.15) * 0.5
    return (r.old * (forehead + fold + 0.7 * feet + bags) + 0.35 * r.glad * fold) * soft(z - 0.15, 20)


def _skin(x: Tensor, ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[RGB, Tensor, Tensor]:
    """Colour of the skin with all that is painted on it, part numbers, gloss."""
    front = soft(z - 0.25, 30)
    base: RGB = (r.skin_r + 0 * x, r.skin_g + 0 * x, r.skin_b + 0 * x)
    rosy = ridge(length(ax - 0.42, y + 0.24 - 0.05 * r.glad), 0.20) * (0.25 + 0.65 * r.blush)
    rosy = (rosy + 0.35 * ridge(length(ax, y - r.nose_y), 0.13)) * front + 0.35 * r.anger * front
    colour = _times(base, 1 + 0.06 * rosy, 1 - 0.42 * rosy, 1 - 0.36 * rosy)
    dots = torch.sin(41 * x + 6 * torch.sin(19 * y)) * torch.sin(43 * y + 5 * torch.sin(23 * x))
    spots = soft(dots - 0.25, 14) * ridge(y + 0.20, 0.16) * soft(0.55 - ax, 20) * r.freckles * front
    colour = mix(colour, _times(base, 0.50, 0.34, 0.26), 0.75 * spots)
    line = _wrinkles(ax, y, z, r).clamp(0, 1)
    colour = _times(colour, 1 - 0.30 * line, 1 - 0.46 * line, 1 - 0.48 * line)
    nostril = ridge(length((ax - 0.055 * r.nose_w) / 1.3, y - r.nose_y + 0.085), 0.022) * front
    colour = mix(colour, _times(base, 0.30, 0.16, 0.14), 0.75 * nostril)

    part = torch.where((ax < 0.15 * r.nose_w) & (y > r.nose_y - 0.10) & (y < 0.08) & (z > 0.70), 2.0, 1.0)
    part = torch.where((ax > 0.70 * r.face_w) & (z < 0.16) & (y < 0.25) & (y > -0.32), 12.0, part)
    part = torch.where((y < -0.60) & (z < 0.18 + 0.55 * (y + 0.95)), 13.0, part)

    m = shapes.mouth(ax, r)
    beard, whiskers = shapes.beard_mask(ax, y, z, m, r)
    hairy = torch.maximum(beard * r.beard, whiskers * r.moustache)
    hairy = soft(hairy - 0.35, 14) * (0.95 + 0.05 * torch.sin(30 * x + 3 * torch.sin(7 * y)))
    colour = mix(colour, (r.hair_r * 0.85, r.hair_g * 0.85, r.hair_b * 0.85), hairy)
    part = torch.where(hairy > 0.5, 11.0, part)
    colour, part = _eye_makeup(colour, part, ax, y, z, front, r)
    arch = brow(ax, y, r) * front
    colour = mix(colour, (r.hair_r * 0.55, r.hair_g * 0.55, r.hair_b * 0.55), 0.92 * arch)
    part = torch.where(arch > 0.5, 5.0, part)
    colour, part, wet = _mouth(colour, part, ax, y, m, front, r)
    colour, tear = _tears(colour, ax, y, front, r)
    return colour, part, 0.10 + 0.30 * wet + 0.9 * tear


def _eye_makeup(
    colour: RGB, part: Tensor, ax: Tensor, y: Tensor, z: Tensor, front: Tensor, r: Rig
) -> tuple[RGB, Tensor]:
    above, _ = shapes.lid_planes(ax, y, z, r)
    ball = length(ax - r.eye_x, y - r.eye_y, z - r.eye_z)
    near = soft(r.eye_r + 0.045 - ball, 90) * front
    colour = mix(colour, (r.shadow_r, r.shadow_g, r.shadow_b), 0.75 * r.eye_shadow * near * soft(above, 60))
    lash = near * soft(0.020 + 0.012 * r.lash - above.abs(), 120) * (0.55 + 0.45 * r.lash)
    dark = torch.full_like(ax, 0.012)
    return mix(colour, (dark, dark * 0.8, dark * 0.8), lash), part


def _mouth(
    colour: RGB, part: Tensor, ax: Tensor, y: Tensor, m: shapes.Mouth, front: Tensor, r: Rig
) -> tuple[RGB, Tensor, Tensor]:
    inside_x = soft(0.004 - m.outside, 260) * front
    up = soft(m.upper + m.thick * 1.15 - y, 110) * soft(y - m.upper + 0.012, 130) * inside_x
    low = soft(m.lower + 0.012 - y, 130) * soft(y - m.lower + m.thick * 1.45, 110) * inside_x
    red = torch.maximum(up, low)
    colour = mix(colour, (r.lip_r, r.lip_g, r.lip_b), red)
    part = torch.where(up > 0.5, 6.0, torch.where(low > 0.5, 7.0, part))
    seam = ridge(y - 0.5 * (m.upper + m.lower), 0.013) * soft(0.012 - m.outside, 160) * front
    seam = seam * (1 - soft(r.gap * (1 - m.along * m.along) - 0.03, 120))
    colour = mix(colour, (r.lip_r * 0.22, r.lip_g * 0.12, r.lip_b * 0.12), 0.85 * seam)
    hollow = (
        soft(m.upper - y + 0.003, 160)
        * soft(y - m.lower + 0.003, 160)
        * inside_x
        * soft(m.upper - m.lower - 0.016, 200)
    )
    ones = torch.ones_like(ax)
    colour = mix(colour, (0.085 * ones, 0.012 * ones, 0.018 * ones), hollow)
    tongue = hollow * ridge(ax, 0.13) * soft(m.lower + 0.075 * r.gap / 0.2 - y, 60)
    colour = mix(colour, (0.62 * ones, 0.16 * ones, 0.17 * ones), tongue)
    teeth = hollow * soft(y - m.upper + 0.012 + 0.28 * r.gap, 130) * soft(0.93 - m.along, 40)
    colour = mix(colour, (0.93 * ones, 0.90 * ones, 0.84 * ones), teeth)
    part = torch.where(hollow > 0.5, torch.where(teeth > 0.5, 9.0, 8.0), part)
    return colour, part, red * (0.4 + r.lipstick)


def _tears(colour: RGB, ax: Tensor, y: Tensor, front: Tensor, r: Rig) -> tuple[RGB, Tensor]:
    """A runnel from each eye that ends in a drop on the cheek."""
    top, end = r.eye_y - 0.17, r.eye_y - 0.42
    x = ax - r.eye_x - 0.05
    path = soft(0.022 - x.abs(), 140) * soft(top - y, 80) * soft(y - end, 80)
    drop = soft(0.052 - length(x, (y - end) * 0.8), 110)
    wet = torch.maximum(path * 0.8, drop) * r.tears * front
    ones = torch.ones_like(ax)
    return mix(colour, (0.50 * ones, 0.76 * ones, 0.98 * ones), 0.80 * wet), wet


def _eye(x: Tensor, ax: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[RGB, Tensor, Tensor]:
    """Colour of an eyeball, part, glint."""
    side = torch.where(x > 0, 1.0, -1.0)
    ex, ey = (x - side * r.eye_x) / r.eye_r, (y - r.eye_y) / r.eye_r
    gx, gy = ex - r.gaze_x + 0.05 * side, ey - r.gaze_y
    rad = length(gx, gy)
    ones = torch.ones_like(x)
    colour: RGB = (0.90 * ones, 0.89 * ones, 0.88 * ones)
    # light gathers in the lower half of an iris; a dark ring holds it
    lit = (0.75 - 1.0 * gy).clamp(0.45, 1.5) * (1 - 0.65 * ridge(rad - 0.55, 0.09))
    iris = soft(0.565 - rad, 34)
    colour = mix(colour, (r.iris_r * lit, r.iris_g * lit, r.iris_b * lit), iris)
    colour = mix(colour, (0.006 * ones, 0.005 * ones, 0.006 * ones), soft(0.275 - rad, 40))
    above, below = shapes.lid_planes(ax, y, z, r)
    shade = 1 - 0.55 * soft(0.035 + above, 45) - 0.15 * soft(0.01 + below, 60)
    colour = _times(colour, shade)
    toward = torch.tanh(3 * r.sun_x)
    glint = soft(0.135 - length(gx - 0.24 * toward, gy - 0.23), 40) + 0.30 * soft(
        0.085 - length(gx + 0.22 * toward, gy + 0.24), 34
    )
    return colour, torch.where(iris > 0.5, 4.0, 3.0), glint * soft(-above - 0.005, 120)


def paint(x: Tensor, y: Tensor, z: Tensor, wy: Tensor, d: tuple[Tensor, ...], r: Rig) -> Paint:
    """Paints points of the head's frame; ``wy`` is world height, ``d`` the distances of scene.GROUPS."""
    ax = torch.sqrt(x * x + 1e-6)
    face, face_part, face_gloss = _skin(x, ax, y, z, r)
    ball, ball_part, glint = _eye(x, ax, y, z, r)
    wave = strands(x, y, z, r)
    fine = torch.sin(46 * turn(x - 0.15 * r.hair_part, z + 0.30) + 3.5 * torch.sin(3 * y))
    tone = 1 + (0.13 * wave + 0.08 * fine) * (1 - 0.6 * r.afro)
    locks: RGB = (r.hair_r * tone, r.hair_g * tone, r.hair_b * tone)
    band = 1 - 0.25 * soft(0.09 - (y - 0.58 - 0.12 * z).abs(), 80)
    cap: RGB = (r.capc_r * band, r.capc_g * band, r.capc_b * band)
    pale = 0.75 * r.stripes * soft(torch.sin(wy * 24), 9)
    shirt = mix((r.cloth_r + 0 * x, r.cloth_g + 0 * x, r.cloth_b + 0 * x), (0.85, 0.82, 0.76), pale)  # type: ignore[arg-type]
    frame: RGB = (r.frame_r + 0 * x, r.frame_g + 0 * x, r.frame_b + 0 * x)
    bead: RGB = (r.metal_r + 0 * x, r.metal_g + 0 * x, r.metal_b + 0 * x)
    surfaces = (
        (face, face_part, face_gloss, 18.0, 0.0),
        (ball, ball_part, 0.30, 70.0, glint),
        (locks, 10.0, 0.16 + 0.10 * wave, 16.0, 0.0),
        (cap, 16.0, 0.03, 6.0, 0.0),
        (frame, 15.0, 0.55, 30.0, 0.0),
        (shirt, 14.0, 0.03, 6.0, 0.0),
        (bead, 17.0, 0.9, 26.0, 0.0),
    )
    zero = torch.zeros_like(x)
    best, colour, part, gloss, polish, glow = d[0], face, face_part, zero + face_gloss, zero + 18.0, zero
    for distance, (c, p, g, s, e) in zip(d[1:], surfaces[1:], strict=True):
        closer = distance < best
        best = torch.minimum(best, distance)
        colour = tuple(torch.where(closer, new, old) for new, old in zip(c, colour, strict=True))  # type: ignore[assignment]
        part, gloss = torch.where(closer, p, part), torch.where(closer, g, gloss)
        polish, glow = torch.where(closer, s, polish), torch.where(closer, e, glow)
    return Paint(colour, part, gloss, polish, glow)
