"""What the golden pictures are of: one for each family of editors, small, from a photograph or a puppet."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
PHOTO = HERE / "photo.png"
MACHINE = HERE / "machine.json"
MOST_BYTES = 200_000

Step = tuple[str, dict[str, Any]]
"""An editor's id and its inputs; those that take a picture get the one before, or the photograph as the first."""

PUPPET: Step = ("latent", {"model": "puppets_256", "seed": 11, "gallery": 1})
SMALL: Step = ("latent", {"model": "puppets", "seed": 11, "gallery": 1})
CORNER = [[118, 190, 104, 186]]
"""From the corner of the mouth outwards, in pixels of the larger puppet."""

INVERT: Step = ("invert", {"model": "puppets", "steps": 4, "tuning": 3})

CASES: dict[str, list[Step]] = {
    "colour_transfer": [("colour_transfer", {"style": "sample:oil", "method": "covariance"})],
    "neural_style": [("neural_style", {"style": "sample:knife", "size": 96, "effort": 4})],
    "latent": [("latent", {"model": "puppets_256", "seed": 6, "mix": "fine", "mix_seed": 3, "gallery": 1})],
    "latent_mix": [SMALL, ("latent_mix", {"rows": "coarse: seed 4", "amount": 0.8})],
    "latent_arithmetic": [SMALL, ("latent_arithmetic", {"formula": "A + 0.6 * (seed 3 - seed 8)"})],
    "units": [SMALL, ("units", {"units": "0-7", "block": "32", "gain": 2.0})],
    "drag": [PUPPET, ("drag", {"pairs": CORNER, "steps": 4})],
    "free_drag": [PUPPET, ("free_drag", {"pairs": CORNER, "steps": 4})],
    "drag_flow": [PUPPET, ("drag_flow", {"pairs": CORNER})],
    "attributes": [PUPPET, ("attributes", {"strengths": {"smile": 1.5, "yaw": 12}})],
    "invert": [INVERT],
    "paste_back": [INVERT, ("attributes", {"strengths": {"smile": 1.0}}), ("paste_back", {})],
}


def machine() -> dict[str, str]:
    """What the bytes of a result depend on beside its recipe: the processor and what computes on it."""
    return {
        "processor": _processor(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def _processor() -> str:
    """The model's name and a digest of what it can do; two of one name may differ in that."""
    try:
        rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    facts = {name.strip(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    flags = " ".join(sorted(facts.get("flags", facts.get("Features", "")).split()))
    return f"{facts.get('model name', platform.processor())} {hashlib.sha256(flags.encode()).hexdigest()[:12]}"
