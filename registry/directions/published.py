"""Directions that others have published for generators we know, recognised by the sha256 of their files.

Nobody's file is bundled here; what is known about them saves a user from typing it. Ranges are those of the demos that
they came with. All belong to the W space of StyleGAN2 FFHQ config-f at 1024 pixels; none fits a generator that was
trained separately.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FFHQ = {"generator": "ffhq_1024", "licence": "MIT", "step": 0.1}
_E4E = {**_FFHQ, "attribution": "encoder4editing, Tov et al. 2021"}
_PTI = {**_FFHQ, "attribution": "PTI, Roich et al. 2022"}
_SFE = {**_FFHQ, "attribution": "StyleFeatureEditor, Bobkov et al. 2024", "step": 0.5}
_AGE, _SMILE, _POSE = ({"group": group} for group in ("age and gender", "expression", "pose"))

PUBLISHED: Mapping[str, Mapping[str, Any]] = {
    "50074516b1629707d89b5e43d6b8abd1792212fa3b961a87a11323d6a5222ae0": {
        "name": "age",
        "title": "Age",
        "low": -5,
        "high": 5,
        **_AGE,
        **_E4E,
    },
    "817a7e732b59dee9eba862bec8bd7e8373568443bc9f9731a21cf9b0356f0653": {
        "name": "smile",
        "title": "Smile",
        "low": -5,
        "high": 5,
        **_SMILE,
        **_E4E,
    },
    "736e0eacc8488fa0b020a2e7bd256b957284c364191dfea693705e5d06d43e7d": {
        "name": "pose",
        "title": "Turn the head",
        "low": -5,
        "high": 5,
        **_POSE,
        **_E4E,
    },
    "9ef9787ac6b7b37940e47fef22e78cbbe5aeae2e566c0b391bf279f3264b1d1c": {
        "name": "rotation",
        "title": "Turn the head",
        "low": -7,
        "high": 7,
        **_POSE,
        **_PTI,
    },
    "227c8edae45f8cf06a0578e8422ef2dc59de6fb741d55280746a63fd40d2936c": {
        "name": "eyeglasses",
        "title": "Glasses",
        "group": "accessories",
        "low": -20,
        "high": 30,
        **_SFE,
    },
    "dbd6336240825cf1a8077c5e40bde544ebd6b7c300ee76e28991e8e2d892030d": {
        "name": "makeup",
        "title": "Make-up",
        "group": "make-up",
        "low": -10,
        "high": 15,
        **_SFE,
    },
    "5782190b00340d58f8418885dc9ad9ab53462874d7a9a1b91241e76099c9fc22": {
        "name": "smiling",
        "title": "Smiling",
        "low": -10,
        "high": 10,
        **_SMILE,
        **_SFE,
    },
}
"""sha256 of the file → what a card would say."""
