"""The rig: every number the renderer needs, worked out once per puppet from its controls.

World units: x right, y up, z to the camera; a skull has a radius of about 0.8 and sits at the origin.
"""

from __future__ import annotations

from collections import namedtuple

import torch
from torch import Tensor

from training.puppets import palettes
from training.puppets.parameters import INDEX, neutral, smoothstep

PIVOT = (0.0, -0.80, -0.15)
"""Where head and neck meet; the head turns about this point."""


def _rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Ry(yaw) · Rx(-pitch) · Rz(roll), [batch, 3, 3]."""
    (cy, cp, cr), (sy, sp, sr) = ([f(a) for a in (yaw, pitch, roll)] for f in (torch.cos, torch.sin))
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)
    ry = torch.stack([cy, zero, sy, zero, one, zero, -sy, zero, cy], 1).view(-1, 3, 3)
    rx = torch.stack([one, zero, zero, zero, cp, sp, zero, -sp, cp], 1).view(-1, 3, 3)
    rz = torch.stack([cr, -sr, zero, sr, cr, zero, zero, zero, one], 1).view(-1, 3, 3)
    return ry @ rx @ rz


def _head(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    child = 1 - smoothstep(p["age"], 0.0, 0.3)
    old = smoothstep(p["age"], 0.55, 1.0)
    r["old"], r["feminine"] = old, p["gender"]
    r["face_w"] = 1 + 0.06 * p["face_width"] - 0.02 * p["gender"] + 0.03 * child
    r["face_l"] = 1 + 0.08 * p["face_length"] - 0.10 * child + 0.03 * (1 - p["gender"])
    r["jaw_w"] = 1.04 - 0.13 * p["gender"] + 0.10 * p["jaw_width"] + 0.04 * old
    r["chin_r"] = 0.165 - 0.045 * p["gender"] + 0.035 * p["chin"] - 0.02 * child
    r["cheek_r"] = 0.235 + 0.045 * p["cheeks"] + 0.03 * child - 0.02 * old
    r["nose_y"] = -0.19 - 0.05 * p["nose_length"] + 0.04 * child - 0.03 * old
    r["nose_z"] = 0.775 + 0.035 * p["nose_length"] - 0.03 * child + 0.015 * old
    r["nose_w"] = 1.05 + 0.22 * p["nose_width"] - 0.12 * p["gender"] - 0.12 * child + 0.08 * old
    r["nose_up"] = 0.03 * p["nose_tip"]
    r["ear_s"] = 1 + 0.35 * p["ear_size"] + 0.1 * old
    r["neck_r"] = 0.30 - 0.06 * p["gender"] + 0.035 * p["neck_width"] - 0.04 * child
    r["shoulder"] = 0.98 - 0.14 * p["gender"] - 0.14 * child
    r["jaw_drop"] = 0.10 * p["mouth_open"]


def _eyes(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    child = 1 - smoothstep(p["age"], 0.0, 0.3)
    glad, shut = p["smile"].clamp(min=0), p["eyes_closed"]
    r["eye_r"] = 0.208 + 0.022 * p["eye_size"] + 0.012 * p["gender"] + 0.018 * child - 0.012 * r["old"]
    r["eye_x"] = 0.300 + 0.022 * p["eye_spacing"] + 0.012 * p["face_width"]
    r["eye_y"], r["eye_z"] = torch.zeros_like(shut), 0.705 - r["eye_r"] + 0.012 * p["eye_size"]
    wide = 0.58 + 0.16 * p["brow_raise"] - 0.08 * glad - 0.12 * p["sadness"] - 0.16 * p["anger"] - 0.12 * r["old"]
    r["lid_up"] = wide + (-0.36 - wide) * shut
    low = 0.46 - 0.28 * glad - 0.10 * p["anger"] + 0.04 * p["sadness"]
    r["lid_low"] = low + (0.36 - low) * shut
    for lid in ("lid_up", "lid_low"):
        r[f"{lid}_cos"], r[f"{lid}_sin"] = torch.cos(r[lid]), torch.sin(r[lid])
    r["lid_tilt"] = (
        0.16 * p["eye_tilt"] - 0.20 * p["sadness"] + 0.30 * p["anger"] + 0.05 * p["gender"] - 0.08 * r["old"]
    )
    r["gaze_x"], r["gaze_y"] = 0.42 * p["gaze_x"], 0.34 * p["gaze_y"]
    r["brow_y"] = 0.335 + 0.085 * p["brow_raise"] - 0.07 * p["anger"] + 0.015 * glad
    r["brow_arch"] = 0.055 + 0.03 * p["brow_arch"] + 0.015 * p["gender"]
    r["brow_tilt"] = 0.20 * p["sadness"] - 0.26 * p["anger"] + 0.03
    r["brow_t"] = 0.043 + 0.013 * p["brow_thickness"] - 0.014 * p["gender"]
    r["lash"] = 0.25 + 0.75 * p["gender"]


def _mouth(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    glad, opened = p["smile"].clamp(min=0), p["mouth_open"]
    gloom = (-p["smile"]).clamp(min=0)
    r["glad"] = glad
    r["mouth_y"] = -0.455 - 0.03 * p["face_length"] - 0.02 * opened
    r["mouth_w"] = 0.205 * (1 + 0.20 * p["mouth_width"]) * (1 + 0.38 * glad - 0.22 * opened * (1 - glad) - 0.06 * gloom)
    r["mouth_bend"] = 0.155 * p["smile"] - 0.09 * p["sadness"] - 0.05 * p["anger"]
    grin = smoothstep(glad, 0.35, 1.0)
    r["gap_up"] = 0.020 * opened + 0.020 * grin
    r["gap_low"] = 0.205 * opened + 0.055 * grin
    r["lip_t"] = 0.046 + 0.015 * p["lip_fullness"] + 0.006 * p["gender"] - 0.007 * r["old"] - 0.006 * p["anger"]
    r["gap"] = r["gap_up"] + r["gap_low"]


_COPIED = """
    tears sadness anger freckles blush hair_length hair_volume fringe hair_part curl bald bun
    ponytail ponytail_side pigtails afro quiff beard moustache glasses glasses_round glasses_tint
    hat hat_brim hat_visor earrings lipstick eye_shadow collar stripes night background_angle
"""


def _copied(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    for name in _COPIED.split():
        r[name] = p[name]


def _colours(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    tint = torch.stack([1 + 0.06 * p["skin_warmth"], torch.ones_like(p["age"]), 0.95 - 0.16 * p["skin_warmth"]], 1)
    skin = palettes.look_up(p["skin_tone"], palettes.SKIN) * tint
    grey = torch.full_like(skin, 0.58)
    hair = palettes.look_up(p["hair_colour"], palettes.HAIR)
    hair = hair + (grey - hair) * 0.9 * p["hair_grey"][:, None]
    bare_lips = skin * skin.new_tensor([0.80, 0.38, 0.40])
    lips = palettes.look_up(p["lipstick_colour"], palettes.LIPS)
    lips = bare_lips + (lips - bare_lips) * 0.9 * p["lipstick"][:, None]
    looked_up = {
        "skin": skin, "hair": hair, "lip": lips,
        "iris": palettes.look_up(p["eye_colour"], palettes.EYES),
        "cloth": palettes.look_up(p["cloth_colour"], palettes.CLOTH),
        "capc": palettes.look_up(p["hat_colour"], palettes.CLOTH),
        "frame": palettes.look_up(p["glasses_colour"], palettes.FRAMES),
        "metal": palettes.look_up(p["earring_colour"], palettes.METAL),
        "shadow": palettes.look_up(p["eye_shadow_colour"], palettes.SHADOW),
        "back_a": palettes.look_up(p["background_a"], palettes.BACKDROP),
        "back_b": palettes.look_up(p["background_b"], palettes.BACKDROP) * 0.7,
    }  # fmt: skip
    for name, colour in looked_up.items():
        for channel, value in zip("rgb", colour.unbind(1), strict=True):
            r[f"{name}_{channel}"] = value


def _light(r: dict[str, Tensor], p: dict[str, Tensor]) -> None:
    night, warm = p["night"], p["light_warmth"]
    side, height = torch.sin(p["light_side"]), p["light_height"]
    flat = torch.cos(height)
    r["sun_x"], r["sun_y"], r["sun_z"] = side * flat, torch.sin(height), torch.cos(p["light_side"]) * flat
    day = {"key": (1.52, 1.44, 1.34), "fill": (0.44, 0.46, 0.52)}
    dusk = {"key": (0.40, 0.52, 0.95), "fill": (0.07, 0.10, 0.23)}
    swing = (0.13 * warm, 0.0 * warm, -0.20 * warm)
    brightness = {"key": 1.0 - 0.0 * night, "fill": 0.75 + 0.5 * p["fill"]}
    for name in ("key", "fill"):
        for i, channel in enumerate("rgb"):
            value = day[name][i] * (1 + (swing[i] if name == "key" else 0.3 * swing[i]))
            r[f"{name}_{channel}"] = (value + (dusk[name][i] - value) * night) * brightness[name]
    r["lamp"] = night


def build(params: Tensor) -> dict[str, Tensor]:
    """All rig numbers by name, each [batch], from controls [batch, len(NAMES)]."""
    p = {name: params[:, i] for name, i in INDEX.items()}
    r: dict[str, Tensor] = {}
    rotation = _rotation(p["yaw"], p["pitch"], p["roll"])
    for i in range(3):
        for j in range(3):
            r[f"r{i}{j}"] = rotation[:, i, j]
    for part in (_head, _eyes, _mouth, _copied, _colours, _light):
        part(r, p)
    return r


RIG_NAMES: tuple[str, ...] = tuple(build(neutral()).keys())
Rig = namedtuple("Rig", RIG_NAMES)  # type: ignore[misc]
"""One puppet's numbers. A plain named tuple, because compiled code reads its fields without a graph break."""


def pack(params: Tensor) -> Tensor:
    """Rig rows [batch, len(RIG_NAMES)], the form that crosses into compiled code."""
    return torch.stack(list(build(params).values()), 1)


def unpack(row: Tensor) -> Rig:
    """Rig fields of one row [k] as [1] tensors, or of rows [batch, k] as [batch, 1]; they broadcast against points."""
    return Rig(*[value[..., None] for value in row.unbind(-1)])


def to_head(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[Tensor, Tensor, Tensor]:
    """World points in the head's own frame."""
    x, y, z = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
    return (
        r.r00 * x + r.r10 * y + r.r20 * z + PIVOT[0],
        r.r01 * x + r.r11 * y + r.r21 * z + PIVOT[1],
        r.r02 * x + r.r12 * y + r.r22 * z + PIVOT[2],
    )


def from_head(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[Tensor, Tensor, Tensor]:
    """Points of the head's frame in the world."""
    x, y, z = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
    return (
        r.r00 * x + r.r01 * y + r.r02 * z + PIVOT[0],
        r.r10 * x + r.r11 * y + r.r12 * z + PIVOT[1],
        r.r20 * x + r.r21 * y + r.r22 * z + PIVOT[2],
    )
