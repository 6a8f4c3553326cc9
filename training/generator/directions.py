"""Directions in W for the controls: how far to move w to turn one knob of a puppet and leave the others.

``python -m training.generator.directions --weights assets/weights/puppets_128`` writes directions.safetensors beside
the weights and their figures into the card. Three estimates are made from samples (w, controls) and the best one is
kept for each control, by how much of the true change of the picture it makes on puppets that it was not made from:

- ``paired``: the mean of E(controls with the knob high) - E(controls with the knob low), other knobs held still;
- ``joint``: joint least squares w ≈ A · controls (ridge), one column of A;
- ``slope``: least squares of w on this control alone; it equals the covariance of w times the normal of Fisher's linear
  discriminant, the boundary of InterFaceGAN (Shen et al. 2020) made to follow the spread of W.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from nets.stylegan2 import Generator
from training.controls import ControlEncoder, features
from training.generator.directions_file import DIRECTIONS
from training.generator.effects import measure
from training.generator.export import CARD, sha256
from training.generator.student import read_controls, read_generator
from training.judges.export import read_judges
from training.puppets import CONTROLS, INDEX, Z_DIM, from_latent

_NAMES = """
    yaw pitch roll gaze_x smile mouth_open eyes_closed brow_raise sadness tears anger age gender face_width jaw_width
    eye_size nose_width lip_fullness skin_tone freckles hair_grey hair_length hair_volume fringe curl bald bun ponytail
    pigtails afro quiff beard moustache glasses glasses_tint hat earrings lipstick eye_shadow light_side light_warmth
    night
"""
NAMES = tuple(_NAMES.split())
"""Controls that get a direction: those with a meaning as a slider (palette positions have none)."""

_TITLES = """
    yaw: Turn the head; pitch: Look up; roll: Tilt the head; gaze_x: Look aside; mouth_open: Open mouth;
    eyes_closed: Closed eyes; brow_raise: Raised brows; gender: Masculine; face_width: Wide face; jaw_width: Wide jaw;
    eye_size: Large eyes; nose_width: Wide nose; lip_fullness: Full lips; skin_tone: Dark skin; hair_grey: Grey hair;
    hair_length: Long hair; hair_volume: Full hair; curl: Curls; glasses_tint: Tinted glasses;
    light_side: Light from the right; light_warmth: Warm light
"""
TITLES = dict(entry.strip().split(": ") for entry in _TITLES.split(";"))
"""What a slider says at its high end, where that is more than the control's name."""
GROUPS = {"age": "age and gender", "gender": "age and gender", "identity": "face"}
"""Headings of sliders, by name or by the control's group, where they differ from the latter."""


def shown(name: str) -> dict[str, str]:
    """Title, group and unit of a control's slider."""
    group = CONTROLS[INDEX[name]].group
    unit = "rad" if name in ("yaw", "pitch", "roll") else ""
    title = TITLES.get(name, name.replace("_", " ").capitalize())
    return {"title": title, "group": GROUPS.get(name, GROUPS.get(group, group)), "unit": unit}


def _ends(params: Tensor, name: str) -> tuple[Tensor, Tensor]:
    """The same puppets with one control at a low and at a high value, inside what training saw."""
    control = CONTROLS[INDEX[name]]
    low, high = params.clone(), params.clone()
    low[:, INDEX[name]], high[:, INDEX[name]] = control.low, control.high
    return low, high


def estimates(controls: ControlEncoder, params: Tensor, w: Tensor, pairs: int) -> dict[str, dict[str, Tensor]]:
    """Directions by method and name, [w_dim], each scaled to the whole range of its control."""
    span = torch.tensor([c.high - c.low for c in CONTROLS])
    knobs = params / span
    centred, spread = knobs - knobs.mean(0), w - w.mean(0)
    ridge = 1e-3 * len(w) * torch.eye(centred.shape[1])
    joint = torch.linalg.solve(centred.T @ centred + ridge, centred.T @ spread)
    found: dict[str, dict[str, Tensor]] = {"paired": {}, "joint": {}, "slope": {}}
    for name in NAMES:
        low, high = (controls(features(end)) for end in _ends(params[:pairs], name))
        found["paired"][name] = (high - low).mean(0)
        found["joint"][name] = joint[INDEX[name]]
        column = centred[:, INDEX[name]]
        found["slope"][name] = spread.T @ column / column.square().sum()
    return found


@torch.no_grad()
def reproduced(net: Generator, controls: ControlEncoder, params: Tensor, name: str, direction: Tensor) -> float:
    """Share of the picture's true change that the direction makes: 1 is all of it and nothing else, 0 is none.

    The truth is the picture of the same controls with the knob turned; 1 - |moved - truth|² / |still - truth|².
    """
    low, high = (controls(features(end)) for end in _ends(params, name))
    still, truth, moved = (net.synthesis(net.mapping.rows(w)) for w in (low, high, low + direction))
    return 1 - ((moved - truth).square().sum() / (still - truth).square().sum().clamp(min=1e-9)).item()


def make(
    net: Generator, controls: ControlEncoder, samples: int, pairs: int, judged: int
) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """The best direction of every control, and its figures."""
    params = from_latent(torch.randn(samples, Z_DIM, generator=torch.Generator().manual_seed(31)))
    fresh = from_latent(torch.randn(judged, Z_DIM, generator=torch.Generator().manual_seed(32)))
    with torch.no_grad():
        w = controls(features(params))
        found = estimates(controls, params, w, pairs)
    kept, rows = {}, []
    for name in NAMES:
        shares = {m: reproduced(net, controls, fresh, name, found[m][name]) for m in found}
        best = max(shares, key=lambda m: shares[m])
        control = CONTROLS[INDEX[name]]
        kept[name] = found[best][name] / (control.high - control.low)
        rows.append({
            "name": name, **shown(name), "low": control.low, "high": control.high, "neutral": control.neutral,
            "method": best, "reproduced": {m: round(s, 3) for m, s in shares.items()},
        })  # fmt: skip
    return kept, rows


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--judges", type=Path, help="who measures gain and side effects (default: beside the weights)")
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--pairs", type=int, default=128)
    parser.add_argument("--judged", type=int, default=12)
    args = parser.parse_args()
    net, controls = read_generator(args.weights), read_controls(args.weights)
    judges = args.judges or args.weights.parent / "puppets_judges"
    directions, rows = make(net, controls, args.samples, args.pairs, args.judged)
    half = {name: value.half().contiguous() for name, value in directions.items()}
    if judges.is_dir():
        measure(net, read_judges(judges), rows, half, 2 * args.judged)
    ranges = [{key: row[key] for key in ("name", "group", "low", "high", "neutral")} for row in rows]
    note = {"meaning": "w moves by this much per unit of the control", "ranges": json.dumps(ranges)}
    save_file(half, args.weights / DIRECTIONS, note)
    (args.weights / DIRECTIONS).chmod(0o644)
    path = args.weights / CARD
    card = json.loads(path.read_text())
    file = args.weights / DIRECTIONS
    card["files"][DIRECTIONS] = {"sha256": sha256(file), "size": file.stat().st_size}
    card["directions"] = rows
    path.write_text(json.dumps(card, indent=2) + "\n")
    for row in rows:
        print(row["name"], row["method"], row["reproduced"])


if __name__ == "__main__":
    main()
