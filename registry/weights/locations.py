"""Where weights, and what is known about them, lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from registry.settings import facet_home
from registry.weights.declare import Weights

EMBEDDED = Path(__file__).resolve().parent.parent.parent / "assets" / "weights"


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
