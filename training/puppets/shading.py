"""Light on a painted point: a warm key with soft shadow, cool fill, rim, highlights, tinted lenses, film tone curve."""

from __future__ import annotations

import torch
from torch import Tensor

from training.puppets.accessories import LENS_Z, lens
from training.puppets.paint import paint
from training.puppets.parameters import smoothstep
from training.puppets.rig import Rig, to_head, unpack
from training.puppets.scene import distances
from training.puppets.sdf import soft

Vector = tuple[Tensor, Tensor, Tensor]


def tone(value: Tensor) -> Tensor:
    """Linear light to sRGB with a soft shoulder instead of clipping."""
    value = value.clamp(min=0)
    value = torch.where(value > 0.6, 0.6 + 0.4 * torch.tanh((value - 0.6) / 0.4), value)
    return (value + 1e-6).pow(1 / 2.2)


def shade(point: Vector, normal: Vector, open_: Tensor, sun: Tensor, ray: Vector, row: Tensor) -> tuple[Tensor, Tensor]:
    """sRGB [3, n] and part numbers [n] of surface points.

    ``open_`` is ambient openness 0..1, ``sun`` the share of the key light that arrives, ``ray`` the view directions.
    """
    r = unpack(row)
    x, y, z = to_head(*point, r)
    surface = paint(x, y, z, point[1], distances(*point, r), r)
    nx, ny, nz = normal
    fleshy = ((surface.part != 10.0) & (surface.part < 14.0)).to(x.dtype)
    facing = nx * r.sun_x + ny * r.sun_y + nz * r.sun_z
    soft_edge = 0.22 + 0.10 * fleshy
    key = ((facing + soft_edge) / (1 + soft_edge)).clamp(min=0).square() * (0.15 + 0.85 * sun)
    key = 0.62 * key + 0.38 * ((facing + 0.1) / 1.1).clamp(min=0) * sun
    sky = (0.72 + 0.28 * ny) * (0.35 + 0.65 * open_)
    # blood under the skin reddens the edge of a shadow
    bleed = fleshy * 0.10 * (4 * key * (1 - key)).clamp(0, 1)
    graze = (1 + nx * ray[0] + ny * ray[1] + nz * ray[2]).clamp(0, 1)
    rim = graze.square() * graze * (0.5 + 0.5 * ny) * (0.25 + 0.75 * open_) * 0.42
    lamp = r.lamp * (0.85 * nx * -torch.sign(r.sun_x) + 0.1 * ny + 0.35 * nz + 0.1).clamp(min=0) * open_
    hx, hy, hz = r.sun_x - ray[0], r.sun_y - ray[1], r.sun_z - ray[2]
    half = ((nx * hx + ny * hy + nz * hz) * torch.rsqrt(hx * hx + hy * hy + hz * hz + 1e-9)).clamp(1e-4, 1)
    shine = surface.gloss * half.pow(surface.polish) * sun + surface.glow
    keys, fills = (r.key_r, r.key_g, r.key_b), (r.fill_r, r.fill_g, r.fill_b)
    lamps, bleeds = (1.30, 0.72, 0.32), (1.0, 0.25, 0.12)
    out = []
    for albedo, k, f, glow, red in zip(surface.colour, keys, fills, lamps, bleeds, strict=True):
        light = key * k + sky * f + bleed * red * k + lamp * glow
        out.append(albedo * light + shine * k * 0.9 + rim * f * (0.25 + albedo) * 1.6)
    return _through_lenses(out, surface.part, (x, y, z), ray, r)


def _through_lenses(colour: list[Tensor], part: Tensor, head: Vector, ray: Vector, r: Rig) -> tuple[Tensor, Tensor]:
    """Looks at the point through the glasses: a faint gleam, and a tint when they are sunglasses."""
    ux = r.r00 * ray[0] + r.r10 * ray[1] + r.r20 * ray[2]
    uy = r.r01 * ray[0] + r.r11 * ray[1] + r.r21 * ray[2]
    uz = (r.r02 * ray[0] + r.r12 * ray[1] + r.r22 * ray[2]).clamp(max=-0.05)
    back = (LENS_Z - head[2]) / uz
    lx, ly = head[0] + ux * back, head[1] + uy * back
    behind = soft(LENS_Z - head[2] + 0.02, 80) * (part != 15.0).to(lx.dtype)
    inside = soft(-lens(lx.abs(), ly, r), 120) * behind * smoothstep(r.glasses, 0.85, 1.0)
    gleam = inside * (0.03 + 0.16 * r.glasses_tint) * soft(torch.sin(8 * (lx.abs() - r.eye_x) * 0.8 + 8 * ly) - 0.4, 8)
    dark = inside * 0.90 * r.glasses_tint
    tints = (0.10 * r.frame_r + 0.012, 0.10 * r.frame_g + 0.012, 0.10 * r.frame_b + 0.018)
    rgb = [c + (t - c) * dark + gleam for c, t in zip(colour, tints, strict=True)]
    return tone(torch.stack(rgb)), torch.where(dark > 0.45, 15.0, part)


def background(px: Tensor, py: Tensor, r: Rig) -> Tensor:
    """sRGB [3, n] of the backdrop at picture positions in -1..1 (y up): a soft gradient with a glow behind the head."""
    along = 0.5 + 0.42 * (py * torch.cos(r.background_angle) + px * torch.sin(r.background_angle))
    along = along.clamp(0, 1)
    glow = 0.16 * torch.exp(-(px * px + (py - 0.1) * (py - 0.1)) * 1.6) - 0.08 * (px * px + py * py)
    out = []
    upper, lower = (r.back_a_r, r.back_a_g, r.back_a_b), (r.back_b_r, r.back_b_g, r.back_b_b)
    for a, b, moon in zip(upper, lower, (0.10, 0.13, 0.30), strict=True):
        day = (b + (a - b) * along) * (0.92 + glow)
        out.append(day * (1 - r.night) + r.night * moon * (0.35 + 0.5 * day))
    return tone(torch.stack(out))
