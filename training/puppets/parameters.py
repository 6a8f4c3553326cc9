"""The named controls of a puppet, their ranges, and a fixed smooth map from a normal latent to controls.

A puppet is one row of a float32 tensor [batch, len(NAMES)]: column ``INDEX[name]`` holds control ``name``. Each is
continuous, including hair styles and accessories, so that any two puppets can be joined by a path of puppets.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

Z_DIM = 96
"""Length of the latent. More than the number of draws below, so that the tail is spare room for later controls."""


class Control(NamedTuple):
    """One control: its name, range, neutral value, and the group it is drawn in."""

    name: str
    low: float
    high: float
    neutral: float
    group: str


def _group(group: str, text: str) -> list[Control]:
    """Reads ``name low high neutral`` quadruples."""
    words = text.split()
    rows = zip(words[0::4], words[1::4], words[2::4], words[3::4], strict=True)
    return [Control(name, float(low), float(high), float(mid), group) for name, low, high, mid in rows]


CONTROLS: tuple[Control, ...] = (
    # radians; positive yaw turns the nose to the right of the picture, positive pitch looks up
    *_group("pose", "yaw -.75 .75 0  pitch -.32 .32 0  roll -.2 .2 0  gaze_x -1 1 0  gaze_y -1 1 0"),
    *_group("expression", "smile -1 1 .25  mouth_open 0 1 0  eyes_closed 0 1 0  brow_raise -1 1 0"),
    *_group("expression", "sadness 0 1 0  tears 0 1 0  anger 0 1 0"),
    *_group("identity", "age 0 1 .35  gender 0 1 .5  face_width -1 1 0  face_length -1 1 0  jaw_width -1 1 0"),
    *_group("identity", "chin -1 1 0  cheeks -1 1 0  nose_length -1 1 0  nose_width -1 1 0  nose_tip -1 1 0"),
    *_group("identity", "eye_size -1 1 0  eye_spacing -1 1 0  eye_tilt -1 1 0  ear_size -1 1 0  lip_fullness -1 1 0"),
    *_group("identity", "mouth_width -1 1 0  brow_thickness -1 1 0  brow_arch -1 1 0  neck_width -1 1 0"),
    *_group("skin", "skin_tone 0 1 .35  skin_warmth -1 1 0  freckles 0 1 0  blush 0 1 .4  eye_colour 0 1 .3"),
    *_group("hair", "hair_colour 0 1 .35  hair_grey 0 1 0  hair_length 0 1 .3  hair_volume -1 1 0  fringe 0 1 .3"),
    *_group("hair", "hair_part -1 1 .3  curl 0 1 0  bald 0 1 0  bun 0 1 0  ponytail 0 1 0  ponytail_side -1 1 1"),
    *_group("hair", "pigtails 0 1 0  afro 0 1 0  quiff 0 1 0  beard 0 1 0  moustache 0 1 0"),
    *_group("accessories", "glasses 0 1 0  glasses_round 0 1 .7  glasses_tint 0 1 0  glasses_colour 0 1 0"),
    *_group("accessories", "hat 0 1 0  hat_brim 0 1 0  hat_visor 0 1 0  hat_colour 0 1 .6"),
    *_group("accessories", "earrings 0 1 0  earring_colour 0 1 .2"),
    *_group("make-up", "lipstick 0 1 0  lipstick_colour 0 1 .3  eye_shadow 0 1 0  eye_shadow_colour 0 1 .5"),
    *_group("clothes", "cloth_colour 0 1 .6  collar 0 1 0  stripes 0 1 0"),
    *_group("light", "light_side -1.2 1.2 -.5  light_height .15 1 .6  light_warmth -1 1 .3  fill 0 1 .5  night 0 1 0"),
    *_group("background", "background_a 0 1 .5  background_b 0 1 .6  background_angle -1 1 0"),
)
NAMES: tuple[str, ...] = tuple(c.name for c in CONTROLS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
IDENTITY: tuple[str, ...] = tuple(c.name for c in CONTROLS if c.group == "identity" and c.name not in ("age", "gender"))
"""Controls that make up the identity code: the shape of a face, which no expression, pose or light changes."""

HAIR_STYLES: dict[str, dict[str, float]] = {
    "short": {"hair_length": 0.0, "hair_volume": -0.2, "fringe": 0.25, "quiff": 0.0},
    "quiff": {"hair_length": 0.0, "hair_volume": 0.0, "fringe": 0.0, "quiff": 1.0},
    "curly": {"hair_length": 0.08, "hair_volume": 0.5, "fringe": 0.2, "curl": 1.0},
    "afro": {"hair_length": 0.0, "hair_volume": 0.3, "fringe": 0.0, "afro": 1.0, "curl": 0.8},
    "wavy": {"hair_length": 0.75, "hair_volume": 0.5, "fringe": 0.15, "curl": 0.55},
    "long": {"hair_length": 1.0, "hair_volume": 0.1, "fringe": 0.35},
    "bob": {"hair_length": 0.45, "hair_volume": 0.35, "fringe": 0.9},
    "pigtails": {"hair_length": 0.0, "hair_volume": -0.1, "fringe": 0.6, "pigtails": 1.0},
    "ponytail": {"hair_length": 0.0, "hair_volume": -0.1, "fringe": 0.2, "ponytail": 1.0},
    "bun": {"hair_length": 0.0, "hair_volume": -0.2, "fringe": 0.1, "bun": 1.0},
}
"""Style families as points of the hair controls; neighbours in this order blend into each other."""
_STYLE_CONTROLS = ("hair_length", "hair_volume", "fringe", "curl", "bun", "ponytail", "pigtails", "afro", "quiff")


_SIDED = "yaw roll gaze_x hair_part ponytail_side light_side background_angle"


def neutral(batch: int = 1) -> Tensor:
    """The neutral puppet, [batch, len(NAMES)]."""
    return torch.tensor([c.neutral for c in CONTROLS]).expand(batch, -1).clone()


def with_control(params: Tensor, name: str, value: float | Tensor) -> Tensor:
    """A copy of ``params`` with one control set, clamped to its range."""
    out = params.clone()
    control = CONTROLS[INDEX[name]]
    out[:, INDEX[name]] = torch.as_tensor(value, dtype=out.dtype).clamp(control.low, control.high)
    return out


def mirrored(params: Tensor) -> Tensor:
    """The puppets as a mirror shows them. Fine texture (strands, curls, freckles) is not mirrored exactly."""
    out = params.clone()
    for name in _SIDED.split():
        out[:, INDEX[name]] *= -1
    return out


def smoothstep(x: Tensor, low: float, high: float) -> Tensor:
    """0 below ``low``, 1 above ``high``, a cubic between."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def rotation(seed: int = 11) -> Tensor:
    """The fixed rotation [Z_DIM, Z_DIM] that keeps single coordinates of z from having a meaning."""
    generator = torch.Generator().manual_seed(seed)
    q, _ = torch.linalg.qr(torch.randn(Z_DIM, Z_DIM, generator=generator, dtype=torch.float64))
    return q.float()


def sample(seed: int, count: int) -> Tensor:
    """``count`` puppets from a seed, [count, len(NAMES)]; equal on every machine."""
    generator = torch.Generator().manual_seed(seed)
    return from_latent(torch.randn(count, Z_DIM, generator=generator))


def coordinates(z: Tensor) -> Tensor:
    """z [batch, Z_DIM] at unit second moment and rotated: each column is one draw of `from_latent`."""
    return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8) @ rotation().to(z)


def from_latent(z: Tensor) -> Tensor:
    """Maps z [batch, Z_DIM], drawn from a unit normal, to puppets [batch, len(NAMES)].

    z is normalised to unit second moment first, as a StyleGAN2 mapping network does, so a network can imitate this
    function.
    """
    draws = iter((0.5 * (1 + torch.erf(coordinates(z) / math.sqrt(2)))).unbind(1))
    p: dict[str, Tensor] = {}

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * next(draws)

    def present(share: float, ramp: float = 0.02) -> Tensor:
        """1 for ``share`` of the puppets, 0 for most others, with a narrow smooth border."""
        return smoothstep(next(draws), 1 - share - ramp, 1 - share + ramp)

    _pose_and_expression(p, uniform, present)
    _identity(p, uniform, present)
    _hair(p, uniform, present)
    _dress(p, uniform, present)
    columns = [p[c.name].clamp(c.low, c.high) for c in CONTROLS]
    return torch.stack(columns, 1)


def _pose_and_expression(p: dict[str, Tensor], uniform, present) -> None:  # noqa: ANN001
    p["yaw"], p["pitch"], p["roll"] = uniform(-0.72, 0.72), uniform(-0.26, 0.26), uniform(-0.15, 0.15)
    # eyes tend to look back at the viewer when the head turns away
    p["gaze_x"] = uniform(-0.45, 0.45) - 0.8 * p["yaw"]
    p["gaze_y"] = uniform(-0.35, 0.35) - 1.0 * p["pitch"]
    p["sadness"], p["anger"] = smoothstep(uniform(0, 1), 0.80, 1.0), smoothstep(uniform(0, 1), 0.82, 1.0)
    p["smile"] = uniform(-0.45, 1.15) * (1 - 0.7 * p["sadness"]) * (1 - 0.5 * p["anger"])
    p["mouth_open"] = smoothstep(uniform(0, 1), 0.4, 1.0)
    p["eyes_closed"] = present(0.10)
    p["brow_raise"] = uniform(-0.8, 1.0)
    p["tears"] = present(0.08)


def _identity(p: dict[str, Tensor], uniform, present) -> None:  # noqa: ANN001
    p["age"], p["gender"] = uniform(0, 1), smoothstep(uniform(0, 1), 0.15, 0.85)
    for name in IDENTITY:
        p[name] = uniform(-1, 1)
    p["skin_tone"], p["skin_warmth"] = uniform(0, 1), uniform(-1, 1)
    p["freckles"] = present(0.15) * (1 - smoothstep(p["skin_tone"], 0.5, 0.8))
    p["blush"], p["eye_colour"] = uniform(0, 1), uniform(0, 1)


def _hair(p: dict[str, Tensor], uniform, present) -> None:  # noqa: ANN001
    styles = list(HAIR_STYLES.values())
    place = (uniform(0, 1) * 0.86 + 0.14 * p["gender"]) * (len(styles) - 1)
    low = place.floor().clamp(0, len(styles) - 2)
    blend = smoothstep(place - low, 0.42, 0.58)
    for name in _STYLE_CONTROLS:
        table = torch.tensor([style.get(name, 0.0) for style in styles])
        p[name] = table[low.long()] * (1 - blend) + table[low.long() + 1] * blend
    p["hair_length"] = p["hair_length"] * uniform(0.7, 1.15)
    p["hair_volume"] = p["hair_volume"] + uniform(-0.5, 0.5)
    p["fringe"] = p["fringe"] + uniform(-0.25, 0.35)
    p["hair_part"], p["ponytail_side"] = uniform(-1, 1), torch.tanh(uniform(-6, 6))
    p["bald"] = present(0.06) * (1 - p["gender"]) * (1 - p["hair_length"])
    p["hair_colour"] = uniform(0, 1)
    p["hair_grey"] = smoothstep(p["age"] + uniform(-0.15, 0.15), 0.7, 0.95)
    grown = smoothstep(p["age"], 0.2, 0.35) * (1 - smoothstep(p["gender"], 0.3, 0.7))
    p["beard"], p["moustache"] = present(0.40) * grown, present(0.40) * grown


def _dress(p: dict[str, Tensor], uniform, present) -> None:  # noqa: ANN001
    p["glasses"], p["glasses_round"], p["glasses_colour"] = present(0.28), uniform(0, 1), uniform(0, 1)
    p["glasses_tint"] = present(0.20) * p["glasses"]
    kind = uniform(0, 1)
    p["hat"] = present(0.20)
    p["hat_brim"], p["hat_visor"] = smoothstep(kind, 0.62, 0.70), 1 - smoothstep(kind, 0.30, 0.38)
    p["hat_colour"] = uniform(0, 1)
    p["earrings"], p["earring_colour"] = present(0.3), uniform(0, 1)
    p["lipstick"], p["lipstick_colour"] = present(0.3) * smoothstep(p["gender"], 0.3, 0.7), uniform(0, 1)
    p["eye_shadow"], p["eye_shadow_colour"] = present(0.25) * smoothstep(p["gender"], 0.3, 0.7), uniform(0, 1)
    p["cloth_colour"], p["collar"], p["stripes"] = uniform(0, 1), present(0.35), present(0.25)
    p["light_side"], p["light_height"] = uniform(-1.1, 1.1), uniform(0.25, 0.95)
    p["light_warmth"], p["fill"], p["night"] = uniform(-1, 1), uniform(0, 1), present(0.06)
    p["background_a"], p["background_b"] = uniform(0, 1), uniform(0, 1)
    p["background_angle"] = uniform(-1, 1)
