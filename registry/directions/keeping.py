"""Keeping a direction: a safetensors file with a card in ``$FACET_HOME/directions``, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from registry.belongings import belongings
from registry.directions.catalogue import MOST_FILES, directions_of, generator_sha256, own_files, own_folder
from registry.directions.direction import Direction
from registry.directions.reading import FORMAT
from registry.errors import BadInput, EditorError
from registry.settings import is_on
from registry.writing import write_whole


def may_keep() -> bool:
    """Whether directions may be kept: by the owner, and not on a Space or where ``FACET_SHARED`` is set."""
    return not is_on("SHARED") and "SPACE_ID" not in os.environ and belongings() is None


def direction_path(direction: Direction) -> Path:
    """The file of a direction that is kept."""
    return own_folder() / f"{direction.generator.replace(':', '-')}-{direction.id}.safetensors"


def check_free(generator: str, name: str, field: str = "name") -> None:
    """Raise BadInput if a name belongs to a direction that is not the user's own, or nothing more can be kept.

    The folder is tried, so that nothing is fitted in vain; so is whether anything may be kept here, else EditorError is
    raised. A replay keeps nothing.
    """
    if _replayed():
        return
    if not may_keep():
        raise EditorError("Directions are not kept on a page that strangers share. Fit it in a Facet of your own.")
    taken = directions_of(generator).get(name)
    if taken is not None and taken.source != "own":
        raise BadInput(
            field, f"“{name}” is the name of a direction that {generator} has already", "Choose another one."
        )
    if taken is None and len(own_files()) >= MOST_FILES:
        raise BadInput(field, f"cannot be kept: there are {MOST_FILES} directions already", "Delete some of the files.")
    try:
        own_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=own_folder()):
            pass
    except OSError as problem:
        why = f"cannot be kept: {problem.strerror or problem}: {own_folder()}"
        raise BadInput(field, why, "Let FACET_HOME name a folder that can be written.") from None


def keep(direction: Direction, generator_weights_sha256: str = "") -> Path:
    """Write a direction, replacing an own one of the same name; returns the file. A replay writes nothing.

    Args:
        direction: what is kept.
        generator_weights_sha256: the weights it was fitted to; looked up where it is empty.

    Raises:
        BadInput: the name is taken.
        EditorError: it cannot be written, or nothing may be kept here.
    """
    path = direction_path(direction)
    if _replayed():
        return path
    check_free(direction.generator, direction.id)
    content = direction_bytes(direction, generator_weights_sha256 or generator_sha256(direction.generator))
    try:
        write_whole(path, content)
    except OSError as problem:
        raise EditorError(f"The direction could not be kept: {problem.strerror or problem}.") from None
    return path


def _replayed() -> bool:
    where = belongings()
    return where is not None and where.replay


def direction_bytes(direction: Direction, generator_weights_sha256: str) -> bytes:
    """A direction with its card as a safetensors file; equal ones give equal bytes."""
    import torch

    from registry.readers import put_safetensors, sealed

    row: dict[str, Any] = {"name": direction.id, **direction.describe()}
    for name in ("id", "generator", "source", "sha256"):
        del row[name]
    row["facts"] = {key: value for key, value in row["facts"].items() if key != "generator_sha256"}
    card = {"generator": direction.generator, "generator_sha256": generator_weights_sha256, "directions": [row]}
    tensors = {direction.id: torch.from_numpy(direction.vector.copy())}
    buffer = io.BytesIO()
    metadata = {"facet": FORMAT, "card": json.dumps(card, sort_keys=True)}
    put_safetensors(buffer, tensors, sealed(tensors, metadata))
    return buffer.getvalue()
