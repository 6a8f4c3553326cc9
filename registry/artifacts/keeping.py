"""Keeping artifacts: what a run left, renamed, deleted, exported, imported."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from registry.artifacts.artifact import MOST_NAME, Artifact, plain
from registry.artifacts.content import content_sha256
from registry.artifacts.deltas import on_top
from registry.artifacts.shelf import MOST_THUMB, Kept, folder, folders, metadata_of, sealed_card, tensors_of
from registry.belongings import belongings, make_room
from registry.errors import BadInput, EditorError, WeightsCorrupt, WeightsMissing
from registry.readers import put_safetensors
from registry.settings import facet_home, number
from registry.subjects import jpeg_bytes, to_pixels
from registry.writing import write_whole

MOST_KEPT = 512
THUMB = 160  # longest side, in pixels


def keep(artifact: Artifact, recipe: Mapping[str, Any] | None = None, picture: Any = None) -> Kept:
    """Keep what a run left; in a replay it is only named and not kept.

    Args:
        artifact: what is kept.
        recipe: editor, version, inputs and seed of the run.
        picture: of the step, where the artifact has none of its own.

    Raises:
        EditorError: the disk refuses, or there is no more room.
        ValueError: it holds no tensors.
    """
    base, tensors = artifact.base, artifact.made()
    if base is not None and base.delta_sha256 and artifact.kind == "generator":
        tensors = dict(on_top(tensors, base.delta_sha256))
    sha256 = content_sha256(tensors)
    kept = Kept(
        sha256, artifact.kind, artifact.name, folder() / f"{sha256}.safetensors", 0, base.id if base else "",
        json.loads(json.dumps(dict(artifact.facts))), artifact.licence, artifact.attribution, artifact.key,
        _short(recipe or {}), _thumb(picture if artifact.picture is None else artifact.picture), time.time(),
    )  # fmt: skip
    if _replayed():
        return kept
    before = [each for each in own() if artifact.key and (each.kind, each.key) == (kept.kind, kept.key)]
    done = _write(kept, tensors)
    for each in before:
        if each.sha256 != sha256:
            each.path.unlink(missing_ok=True)
    return done


def own() -> tuple[Kept, ...]:
    """What is kept by whoever asks, the newest first: on a page that strangers share, only what the session made."""
    return _in((folder(),))


def found(kind: str = "", home: bool = False) -> tuple[Kept, ...]:
    """What a run may use of that kind (of any if empty), the newest first; in a replay also what the home has.

    `home`: what the owner kept as well, whoever asks: for what the owner's page offers to all.
    """
    places = dict.fromkeys((*folders(), *([facet_home() / "artifacts"] if home else [])))
    return tuple(each for each in _in(places) if not kind or each.kind == kind)


def find(name: str, field: str = "name") -> Kept:
    """One of `own`, by its id, the beginning of its sha256 (at least 6 digits), or its name where only one has it.

    Raises:
        BadInput: there is none, or several are called so.
    """
    text, rows = name.strip(), own()
    short = text.removeprefix("yours:").lower()
    hits = [each for each in rows if len(short) >= 6 and each.sha256.startswith(short)]
    hits = hits or [each for each in rows if each.name.casefold() == text.casefold()]
    if len(hits) == 1:
        return hits[0]
    if hits:
        known = ", ".join(each.id for each in hits)
        raise BadInput(field, f"“{text[:60]}” is what several are called", f"Say which: {known}.")
    raise BadInput(field, f"nothing of yours is called “{text[:60]}”", "“facet yours list” has what there is.")


def rename(kept: Kept, name: str) -> Kept:
    """Call it something else; its sha256 stays.

    Raises:
        BadInput: no name is left of what was given.
        WeightsCorrupt, WeightsMissing, EditorError: its file is damaged or gone, or the disk refuses.
    """
    called = plain(name, MOST_NAME)
    if not called:
        raise BadInput("name", "is empty", "Write what it shall be called.")
    _, tensors = tensors_of(kept.path)
    return _write(replace(kept, name=called), tensors)


def delete(kept: Kept) -> None:
    """Delete it. Raises EditorError if the disk refuses."""
    try:
        kept.path.unlink(missing_ok=True)
    except OSError as problem:
        raise EditorError(f"“{kept.name}” could not be deleted: {problem.strerror or problem}.") from None


def export(kept: Kept, path: Path) -> Path:
    """Write it, verified, as one safetensors file with its card; returns the path.

    Raises:
        WeightsCorrupt, WeightsMissing, EditorError: its file is damaged or gone, or the disk refuses.
    """
    tensors_of(kept.path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept.path, path)
    except OSError as problem:
        raise EditorError(f"{path.name} could not be written: {problem.strerror or problem}.") from None
    return path


def bring_in(path: Path, field: str = "file") -> Kept:
    """Keep what somebody exported; it may be a stranger's file, and nothing in it is executed or taken for a path.

    Raises:
        BadInput: it is no such file, or damaged; says why.
        EditorError: there is no more room, or the disk refuses.
        OutOfMemory: it does not fit into memory.
    """
    try:
        kept, tensors = tensors_of(path)
    except (WeightsCorrupt, WeightsMissing) as problem:
        raise BadInput(field, f"cannot be taken: {problem}") from None
    if any(tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise BadInput(field, "holds numbers that are not finite (NaN or infinity)", "Export it again.")
    return _write(replace(kept, made=kept.made or time.time()), tensors)


def file_name(kept: Kept) -> str:
    """What an exported file is called: the name in plain letters, the kind, and the ending."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in kept.name.lower())
    return f"{'-'.join(filter(None, words.split('-')))[:48] or kept.sha256[:12]}.{kept.kind}.safetensors"


def _in(places: Iterable[Path]) -> tuple[Kept, ...]:
    rows: dict[str, Kept] = {}
    for place in places:
        for path in place.glob("*.safetensors"):
            if (kept := sealed_card(path)) is not None:
                rows.setdefault(kept.sha256, kept)
    return tuple(sorted(rows.values(), key=lambda each: (-each.made, each.sha256)))


def _write(kept: Kept, tensors: Mapping[str, torch.Tensor]) -> Kept:
    path = folder() / f"{kept.sha256}.safetensors"
    buffer = io.BytesIO()
    ordered = {name: tensors[name] for name in sorted(tensors)}
    put_safetensors(buffer, ordered, metadata_of(kept))
    content = buffer.getvalue()
    try:
        if not path.is_file():
            _make_room(len(content))
        write_whole(path, content)
    except OSError as problem:
        raise EditorError(f"“{kept.name}” could not be kept: {problem.strerror or problem}.") from None
    return replace(kept, path=path, size=len(content))


def _make_room(size: int) -> None:
    """A session's oldest files give way; the owner's never do: they are told instead (``FACET_YOURS_MB``, 16384)."""
    if belongings() is not None:
        make_room(size)
        return
    sizes = [path.stat().st_size for path in folder().glob("*.safetensors")]
    most = number("YOURS_MB")
    if len(sizes) >= MOST_KEPT or (sum(sizes) + size) / 1e6 > most:
        what = f"{len(sizes)} things of yours are kept already, {sum(sizes) / 1e6:.0f} MB"
        raise EditorError(f"{what}: there is no more room. Delete some under Yours, or with “facet yours delete”.")


def _replayed() -> bool:
    where = belongings()
    return where is not None and where.replay


def _short(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe for the card; without its inputs where they are long."""
    found: dict[str, Any] = json.loads(json.dumps(dict(recipe), default=str))
    return found if len(json.dumps(found)) <= 100_000 else {**found, "inputs": "too long to be kept here"}


def _thumb(picture: Any) -> bytes:
    if picture is None:
        return b""
    found = jpeg_bytes(to_pixels(picture, "an artifact's picture"), THUMB, quality=82)
    return found if len(found) <= MOST_THUMB else b""
