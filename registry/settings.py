"""What the environment says: every FACET_ variable is read here."""

from __future__ import annotations

import os
from pathlib import Path

from registry.errors import BadInput


def facet_home() -> Path:
    """Where Facet keeps what outlives a run: ``$FACET_HOME``, else ``~/.facet``."""
    return Path(os.environ.get("FACET_HOME") or Path.home() / ".facet")


def number(name: str, default: float) -> float:
    """A number out of the environment.

    Raises:
        BadInput: something else stands there.
    """
    text = os.environ.get(name, "")
    try:
        value = float(text or default)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise BadInput(name, f"must be a number from 0, not “{text}”", "Correct the environment variable.")
    return value


def offline() -> bool:
    """Whether no request may be made: ``FACET_OFFLINE`` or ``HF_HUB_OFFLINE`` is set."""
    return any(os.environ.get(name, "").lower() in ("1", "on", "yes", "true") for name in _OFFLINE)


_OFFLINE = ("FACET_OFFLINE", "HF_HUB_OFFLINE")
