"""Keeping a direction: as an artifact, with its card, by the sha256 of its vector."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from registry.artifacts import Artifact
from registry.artifacts import keep as keep_artifact
from registry.belongings import belongings, keeping_home
from registry.directions.catalogue import MOST_FILES, directions_of, generator_sha256, own_files
from registry.directions.direction import Direction
from registry.errors import BadInput, EditorError
from registry.settings import is_on


def may_keep() -> bool:
    """Whether directions may be kept: with a session, or by the owner where no stranger would be shown them.

    Strangers would be on a Space, and where ``FACET_SHARED`` is set.
    """
    return belongings() is not None or (not is_on("SHARED") and "SPACE_ID" not in os.environ)


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
        raise BadInput(field, f"cannot be kept: there are {MOST_FILES} directions already", "Delete some of them.")
    folder = keeping_home() / "artifacts"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        why = f"cannot be kept: {problem.strerror or problem}: {folder}"
        raise BadInput(field, why, "Let FACET_HOME name a folder that can be written.") from None


def direction_artifact(direction: Direction, generator_weights_sha256: str = "", picture: Any = None) -> Artifact:
    """A direction as what a handler yields in ``Step.artifacts``; one of the same name and generator gives way to it.

    Args:
        direction: what is kept.
        generator_weights_sha256: the weights it was fitted to; looked up where it is empty.
        picture: as `Artifact.picture`.
    """
    import torch

    row = {"name": direction.id, **direction.describe()}
    for name in ("id", "title", "generator", "source", "sha256", "facts", "licence", "attribution"):
        del row[name]
    facts = {key: value for key, value in direction.facts.items() if key != "generator_sha256"}
    weights = generator_weights_sha256 or generator_sha256(direction.generator)
    return Artifact(
        "direction",
        direction.title,
        {direction.id: torch.from_numpy(direction.vector.copy())},
        direction.generator,
        picture,
        {**facts, "direction": row, "generator_sha256": weights},
        direction.licence,
        direction.attribution,
        key=f"{direction.generator}/{direction.id}",
    )


def keep(direction: Direction, generator_weights_sha256: str = "") -> Path:
    """Keep a direction that no run made, replacing an own one of the same name; returns its file.

    Args:
        direction: what is kept.
        generator_weights_sha256: the weights it was fitted to; looked up where it is empty.

    Raises:
        BadInput: the name is taken.
        EditorError: it cannot be written, or nothing may be kept here.
    """
    check_free(direction.generator, direction.id)
    return keep_artifact(direction_artifact(direction, generator_weights_sha256)).path


def _replayed() -> bool:
    where = belongings()
    return where is not None and where.replay
