"""Judges before they have learnt anything."""

from __future__ import annotations

from typing import Any

from nets.judges import Judges, JudgesConfig
from training.puppets import CONTROLS
from training.puppets.paint import PARTS
from training.puppets.parameters import IDENTITY


def new_judges(config: dict[str, Any]) -> Judges:
    """Untrained judges of this world."""
    low, high = (tuple(float(getattr(c, side)) for c in CONTROLS) for side in ("low", "high"))
    return Judges(JudgesConfig(PARTS, tuple(c.name for c in CONTROLS), low, high, IDENTITY, **config))
