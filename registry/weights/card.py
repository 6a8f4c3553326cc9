"""The card beside embedded weights: what they are, and the facts that editors need to work with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from registry.weights.declare import Weights
from registry.weights.locations import embedded_path


def card(weights: Weights) -> Mapping[str, Any]:
    """The ``card.json`` beside embedded weights; empty for weights of the Hub, and where there is none."""
    return _read(embedded_path(weights).with_name("card.json")) if weights.embedded else {}


@cache
def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
