"""Files that are already here: embedded ones, a person's own copies, and the Hub client's cache. No request is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from registry.errors import WeightsCorrupt, WeightsMissing
from registry.weights.declare import Weights, is_commit
from registry.weights.hub import places
from registry.weights.locations import embedded_path, hub_cache, own_copy
from registry.weights.lock import Pin

OWN = "own copy"


@dataclass(frozen=True)
class Local:
    """A file on this machine, verified.

    Attributes:
        path: where it lies.
        sha256: of its content, computed just now.
        size: bytes.
        repo, file, revision: where it came from, which may be a mirror; `revision` is a commit, ``"own copy"`` for a
            file that a person put there, or ``""`` for an embedded one.
    """

    path: Path
    sha256: str
    repo: str
    file: str
    revision: str
    size: int


def file_sha256(path: Path) -> str:
    """sha256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def embedded(weights: Weights) -> Local:
    """An embedded file, checked against its declaration or its card.

    Raises:
        WeightsMissing: it is not in this installation.
        WeightsCorrupt: it is not what was shipped, or nothing says what it should be.
    """
    path = embedded_path(weights)
    if not path.is_file():
        raise WeightsMissing(f"The file of {weights.label} is not there: {weights.name}. {_again(weights)}")
    wanted = embedded_sha256(weights)
    found = file_sha256(path)
    if not wanted:
        given = f'write sha256="{found}" in its Weights if this is the right file'
        raise WeightsCorrupt(f"Nothing says what the embedded {weights.name} should be: {given}.")
    if found != wanted:
        raise WeightsCorrupt(f"The file of {weights.label} is damaged or was changed. {_again(weights)}")
    return Local(path, found, "", weights.file, "", path.stat().st_size)


def embedded_sha256(weights: Weights) -> str:
    """What embedded weights must have: the declaration's, else the one in the card beside the file, else empty."""
    return weights.sha256 or _card_sha256(embedded_path(weights))


def cached(weights: Weights, pin: Pin) -> tuple[Local | None, list[Path]]:
    """The file in the cache, and files there that claim to be it but have another content.

    With a known sha256 any revision, mirror or own copy with that content will do. Without one it is the file that the
    cache has for the wanted revision, whatever it is.
    """
    wrong: list[Path] = []
    for local in _candidates(weights, pin):
        if pin.size in (0, local.size):
            found = file_sha256(local.path)
            if pin.sha256 in ("", found):
                return replace(local, sha256=found), wrong
        if local.revision == pin.revision or local.path.resolve().name == pin.sha256:
            wrong.append(local.path)  # other revisions may well differ, and belong to somebody else
    return None, wrong


def cached_path(weights: Weights, pin: Pin | None) -> Path | None:
    """Like `cached`, believing the size instead of reading the content; for lists. None where the pin is not known."""
    if pin is None:
        return None
    for local in _candidates(weights, pin):
        if pin.size in (0, local.size):
            return local.path
    return None


def discard(path: Path) -> None:
    """Delete a file of the Hub's cache whose content is wrong, with what it links to."""
    if hub_cache() not in path.parents:
        return
    while path.is_symlink():
        target = path.parent / path.readlink()
        path.unlink(missing_ok=True)
        path = target
    path.unlink(missing_ok=True)


def _again(weights: Weights) -> str:
    if weights.own:
        return "Choose the file again."
    return "Install its add-on again." if Path(weights.file).is_absolute() else "Install Facet again."


def _candidates(weights: Weights, pin: Pin) -> Iterator[Local]:
    own = own_copy(weights)
    if own.is_file():
        yield Local(own, "", weights.repo, weights.file, OWN, own.stat().st_size)
    row = pin.row
    wanted = [(place.repo, place.file, place.revision) for place in places(weights, pin.revision)]
    if row is not None and (row.repo, row.file, row.revision) not in wanted and row.revision != OWN:
        wanted.insert(0, (row.repo, row.file, row.revision))
    for repo, file, revision in wanted:
        found = [_in_cache(repo, file, each) for each in [revision, *(_commits(repo) if pin.sha256 else ())]]
        for path in dict.fromkeys(found):
            if path is not None:
                yield Local(path, "", repo, file, path.parents[len(Path(file).parts) - 1].name, path.stat().st_size)


def _in_cache(repo: str, file: str, revision: str) -> Path | None:
    """The file in the Hub client's cache: of a commit, or of the one that a branch or tag was last seen at."""
    if not hub_cache().is_dir():  # a fresh machine need not import the client
        return None
    from huggingface_hub import try_to_load_from_cache

    try:
        found = try_to_load_from_cache(repo, file, cache_dir=hub_cache(), revision=revision)
    except ValueError:  # no name that the Hub could have
        return None
    return Path(found) if isinstance(found, str) else None


def _commits(repo: str) -> list[str]:
    """All commits of a repository in the cache.

    One folder is looked into: the client's `scan_cache_dir` would walk through all repositories of all programs.
    """
    folder = hub_cache() / f"models--{repo.replace('/', '--')}" / "snapshots"
    return sorted(path.name for path in folder.glob("*") if is_commit(path.name))


def _card_sha256(path: Path) -> str:
    """The sha256 that a card beside the file (``generator.json`` or ``card.json``) gives for it, or empty."""
    for card in (path.with_suffix(".json"), path.with_name("card.json")):
        try:
            found = json.loads(card.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        row = found.get("files", {}).get(path.name, found) if isinstance(found, dict) else None
        if isinstance(row, dict) and isinstance(row.get("sha256"), str):
            return str(row["sha256"])
    return ""
