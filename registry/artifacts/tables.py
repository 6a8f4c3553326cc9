"""Tables: what an editor worked out about its networks, slowly, and kept for the next time.

A table is a safetensors file in ``$FACET_HOME/tables/``, found by plain facts such as the sha256 of the networks. It
only saves time: one that is missing, damaged or cannot be written is worked out again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

import torch

from registry.belongings import belongings
from registry.errors import EditorError
from registry.readers import is_sound, put_safetensors, read_tensors, sealed
from registry.settings import facet_home
from registry.writing import write_whole

MOST_BYTES = 2 << 30
"""Of all tables together; those used longest ago make room."""


def load_table(facts: Mapping[str, str]) -> dict[str, torch.Tensor]:
    """The tensors that were kept under these facts; empty if there are none, or their file is damaged."""
    path = _path(facts)
    try:
        contents = read_tensors(path)
        path.touch()
        if not is_sound(contents.tensors.get("", {}), contents.plain):
            return {}
        known = json.loads(str(contents.plain["facts"]))
    except (EditorError, OSError, ValueError, KeyError):
        return {}
    return dict(contents.tensors.get("", {})) if known == dict(facts) else {}


def keep_table(facts: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> bool:
    """Keep tensors under these facts, in place of what was kept before; False where the disk refuses or in a replay."""
    if (where := belongings()) and where.replay:
        return False
    path, buffer = _path(facts), io.BytesIO()
    text = json.dumps(dict(facts), sort_keys=True)
    found = {name: tensors[name].cpu().contiguous() for name in sorted(tensors)}
    put_safetensors(buffer, found, sealed(found, {"facts": text}))
    content = buffer.getvalue()
    try:
        _make_room(path, len(content))
        write_whole(path, content)
    except OSError:
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
