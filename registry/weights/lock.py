"""What each file was when it was first used, in ``$FACET_HOME/weights.lock.json``.

Weights whose commit or sha256 nobody has pinned are trusted on first use: what arrives is locked, and a later change
is refused. Files that are pinned anyway have a row too, which is how ``facet weights prune`` knows its own downloads.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from registry.errors import EditorError
from registry.settings import facet_home
from registry.spoilt import note_spoilt
from registry.weights.declare import Weights, is_commit
from registry.weights.json_file import changed_json, read_json


@dataclass(frozen=True)
class Row:
    """One locked file: where it really came from (a mirror perhaps), and what it was."""

    repo: str
    file: str
    revision: str
    sha256: str
    size: int
    first_used: str = ""


@dataclass(frozen=True)
class Pin:
    """What is known about a file from its declaration and the lock together; empty or 0 where nothing is.

    `by_trust` says that only the lock knows the sha256: it is what came at the first use.
    """

    sha256: str
    size: int
    revision: str
    row: Row | None = None
    by_trust: bool = False


def lock_file() -> Path:
    """The lock's path."""
    return facet_home() / "weights.lock.json"


def key(weights: Weights) -> str:
    """The name of a file's row."""
    return f"{weights.repo}/{weights.file}@{weights.revision}"


def pin_of(weights: Weights) -> Pin:
    """What the file must be. The declaration wins over a row that contradicts it.

    Raises:
        WeightsCorrupt: the lock file is damaged.
    """
    row = rows().get(key(weights))
    if row is not None and weights.sha256 and row.sha256 != weights.sha256:
        row = None
    if row is None:
        return Pin(weights.sha256, weights.size, weights.revision)
    revision = weights.revision
    if not is_commit(revision) and row.repo == weights.repo and is_commit(row.revision):
        revision = row.revision
    return Pin(row.sha256, row.size, revision, row, by_trust=not weights.sha256)


def known_pin(weights: Weights) -> Pin | None:
    """As `pin_of`, for looking whether a file is here; None where the lock is damaged, which is said once.

    What is downloaded or used meanwhile still needs a lock that can be read.
    """
    try:
        return pin_of(weights)
    except EditorError as problem:
        note_spoilt(str(problem))
        return None


def rows() -> dict[str, Row]:
    """All rows by name."""
    found = read_json(lock_file()).get("files", {})
    return {name: _row(entry) for name, entry in found.items()} if isinstance(found, dict) else {}


def superseded() -> list[Row]:
    """Files that were locked once and have been replaced."""
    found = read_json(lock_file()).get("superseded", [])
    return [_row(entry) for entry in found] if isinstance(found, list) else []


def record(weights: Weights, repo: str, file: str, revision: str, sha256: str, size: int) -> None:
    """Lock a file that has just been used for the first time; the same row again changes nothing."""
    old = rows().get(key(weights))
    if old is not None and (old.repo, old.file, old.revision, old.sha256) == (repo, file, revision, sha256):
        return
    today = datetime.now(timezone.utc).date().isoformat()
    with changed_json(lock_file()) as content:
        files = content.setdefault("files", {})
        if old is not None:
            content.setdefault("superseded", []).append(asdict(old))
        files[key(weights)] = asdict(Row(repo, file, revision, sha256, size, today))


def forget(weights: Weights) -> None:
    """Drop the row, so that the next download is trusted anew."""
    with changed_json(lock_file()) as content:
        dropped = content.get("files", {}).pop(key(weights), None)
        if dropped is not None:
            content.setdefault("superseded", []).append(dropped)


def remove(names: set[str], replaced: set[Row]) -> None:
    """Drop rows by name, and superseded ones; their files are gone."""
    with changed_json(lock_file()) as content:
        content["files"] = {name: row for name, row in content.get("files", {}).items() if name not in names}
        content["superseded"] = [row for row in content.get("superseded", []) if _row(row) not in replaced]


def _row(entry: Any) -> Row:
    known = {field.name for field in fields(Row)}
    given = {name: value for name, value in entry.items() if name in known} if isinstance(entry, dict) else {}
    return Row(**{"repo": "", "file": "", "revision": "", "sha256": "", "size": 0, **given})
