"""Tables: what an editor worked out about its networks, slowly, and kept for the next time.

A table is a safetensors file in ``$FACET_HOME/tables/``, found by plain facts such as the sha256 of the networks. It
only saves time: one that is missing, damaged or cannot be written is worked out again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch

from registry.errors import EditorError
from registry.readers import read_tensors
from registry.readers.safetensors_file import put_safetensors
from registry.weights.places import facet_home

MOST_BYTES = 2 << 30
"""Of all tables together; those used longest ago make room."""


def load_table(facts: Mapping[str, str]) -> dict[str, torch.Tensor]:
    """The tensors that were kept under these facts; empty if there are none, or their file is damaged."""
    path = _path(facts)
    try:
        contents = read_tensors(path)
        path.touch()
        known = json.loads(str(contents.plain["facts"]))
    except (EditorError, OSError, ValueError, KeyError):
        return {}
    return dict(contents.tensors.get("", {})) if known == dict(facts) else {}


def keep_table(facts: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> bool:
    """Keep tensors under these facts, in place of what was kept before; False where the disk refuses."""
    path, temporary, buffer = _path(facts), None, io.BytesIO()
    text = json.dumps(dict(facts), sort_keys=True)
    put_safetensors(buffer, {name: tensors[name].cpu().contiguous() for name in sorted(tensors)}, {"facts": text})
    content = buffer.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_room(path, len(content))
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        return False
    return True


def _path(facts: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(json.dumps(dict(facts), sort_keys=True).encode()).hexdigest()
    return facet_home() / "tables" / f"{digest}.safetensors"


def _make_room(path: Path, size: int) -> None:
    files = [file for file in path.parent.glob("*.safetensors") if file != path]
    left = MOST_BYTES - size
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
        left -= file.stat().st_size
        if left < 0:
            file.unlink(missing_ok=True)
