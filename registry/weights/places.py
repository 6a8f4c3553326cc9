"""Where weights, and what is known about them, lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from registry.errors import BadInput
from registry.weights.declare import Weights

EMBEDDED = Path(__file__).resolve().parent.parent.parent / "assets" / "weights"


def facet_home() -> Path:
    """Where Facet keeps what outlives a run: ``$FACET_HOME``, else ``~/.facet``."""
    return Path(os.environ.get("FACET_HOME") or Path.home() / ".facet")


def tensor_copies() -> Path:
    """Folder of the safetensors copies that are made when a file of another format is read first."""
    return facet_home() / "tensors"


def own_copy(weights: Weights) -> Path:
    """Where a person may put the file themselves: ``$FACET_HOME/weights/<owner>/<name>/<file>``."""
    return facet_home() / "weights" / weights.repo / weights.file


def embedded_path(weights: Weights) -> Path:
    """The file of embedded weights; an absolute path stays as it is."""
    return EMBEDDED / weights.file


def hub_cache() -> Path:
    """The Hub client's own cache, shared with other programs: ``$HF_HUB_CACHE``, ``$HF_HOME/hub`` or its default."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def hub_endpoint() -> str:
    """The Hub's address: ``$HF_ENDPOINT``, or the client's default."""
    if address := os.environ.get("HF_ENDPOINT", "").rstrip("/"):
        return address
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


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
