"""Colour palettes of the puppet world, in sRGB, looked up by a continuous position in 0..1."""

from __future__ import annotations

import torch
from torch import Tensor

from training.puppets.parameters import smoothstep


def _hex(text: str) -> list[list[float]]:
    return [[int(word[i : i + 2], 16) / 255 for i in (0, 2, 4)] for word in text.split()]


SKIN = _hex("ffdcc8 fbcdb0 f3b992 e2a67c c68a60 a46a46 7e4b31 5a3524")
HAIR = _hex("17120f 2c1a12 4a2b18 6e4320 9c6a32 cf9f55 edcf86 c9622a 8f2f1c 5b2333")
EYES = _hex("4a2a14 6f4320 8a6a2c 5d7f38 2f8a6a 2e7fb5 6fa3c8")
CLOTH = _hex("d94f4f ef8a45 f3c552 7fb55f 35a08f 3b86c4 4a5bb8 8a5cb8 e07fa8 f2ede4 3a3f52")
FRAMES = _hex("1c1c22 5a3420 b88a3a 27407a 8a2233 2f6b58")
METAL = _hex("e8bf55 dfe3ea d98a6a 5fb0c0")
LIPS = _hex("c23a4c d9506a b02a5a e0705a 8f2446")
SHADOW = _hex("8a6ab8 4f86b8 b8687f 9a7a4a 4a9a8a")
BACKDROP = _hex("f4c7b4 f6dba2 bfdcae a6d8d4 a9c8ee c6b8ea efbdd0 dcdcd8")


def look_up(position: Tensor, palette: list[list[float]]) -> Tensor:
    """Linear-light RGB [batch, 3] at ``position`` [batch] in 0..1; steps between neighbours are smooth."""
    table = torch.tensor(palette, dtype=position.dtype, device=position.device).pow(2.2)
    place = position.clamp(0, 0.9999) * (len(palette) - 1)
    low = place.floor().long()
    blend = smoothstep(place - low, 0.1, 0.9)[:, None]
    return table[low] * (1 - blend) + table[low + 1] * blend
