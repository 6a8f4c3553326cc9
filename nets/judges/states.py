"""Judges from tensors, and back."""

from __future__ import annotations

from nets.judges.config import JudgesConfig
from nets.judges.network import Judges
from nets.own_layout import OwnLayout

_LAYOUT = OwnLayout(lambda text: Judges(JudgesConfig.from_json(text)), "no judges")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
