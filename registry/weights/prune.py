"""Clearing away weights that Facet has downloaded and no longer needs.

The Hub's cache belongs to other programs too. So only files that Facet's lock says it fetched are considered, besides
safetensors copies in Facet's own home and what killed downloads of known repositories have left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.weights import lock
from registry.weights.declare import Weights
from registry.weights.locations import hub_cache, tensor_copies
from registry.weights.lock import Row

ABANDONED_SECONDS = 600


@dataclass(frozen=True)
class Leftover:
    """Something that can go: files on disk (none if only its row in the lock is left), and why.

    Attributes:
        what: for people.
        why: for people.
        paths: files and links to delete.
        bytes: what that gives free.
        key: name of its row in the lock, or empty.
        replaced: its row among the superseded ones, or None.
    """

    what: str
    why: str
    paths: tuple[Path, ...]
    bytes: int
    key: str = ""
    replaced: Row | None = None


def leftovers(needed: Iterable[Weights]) -> list[Leftover]:
    """All that none of the `needed` weights needs."""
    wanted = {lock.key(weights): weights for weights in needed if not weights.embedded}
    rows = lock.rows()
    keep = {_pointer(row) for name, row in rows.items() if name in wanted}
    found = []
    for name, row in rows.items():
        if name not in wanted:
            found.append(_of_row(row, "nothing declares it any more", keep, name))
    found += [_of_row(row, "replaced by an update", keep, replaced=row) for row in lock.superseded()]
    hashes = {row.sha256 for name, row in rows.items() if name in wanted}
    hashes |= {weights.sha256 for weights in wanted.values() if weights.sha256}
    found += _copies(hashes)
    repos = {weights.repo for weights in wanted.values()} | {row.repo for row in rows.values()}
    return [*found, *_abandoned(repos)]


def remove(found: Iterable[Leftover]) -> int:
    """Delete them; returns the bytes given free. What cannot be deleted keeps its row in the lock."""
    freed, gone, replaced = 0, set(), set()
    for leftover in found:
        try:
            for path in leftover.paths:
                path.unlink(missing_ok=True)
        except OSError:
            continue
        freed += leftover.bytes
        gone.add(leftover.key)
        replaced.add(leftover.replaced)
    if gone or replaced:
        lock.remove(gone - {""}, {row for row in replaced if row is not None})
    return freed


def _of_row(row: Row, why: str, keep: set[Path], key: str = "", replaced: Row | None = None) -> Leftover:
    pointer = _pointer(row)
    paths: list[Path] = []
    if pointer not in keep and pointer.is_file():
        paths.append(pointer)
        blob = _target(pointer)
        others = pointer.parents[len(Path(row.file).parts)].rglob("*")
        if blob != pointer and not any(_target(other) == blob for other in others if other != pointer):
            paths.append(blob)
    size = paths[-1].stat().st_size if paths and not paths[-1].is_symlink() else 0
    return Leftover(f"{row.repo} {row.file}", why, tuple(paths), size, key, replaced)


def _pointer(row: Row) -> Path:
    return hub_cache() / f"models--{row.repo.replace('/', '--')}" / "snapshots" / row.revision / row.file


def _target(path: Path) -> Path:
    """What a link points to, without following that further: a blob may itself be a link to other programs' store."""
    return Path(os.path.normpath(path.parent / path.readlink())) if path.is_symlink() else path


def _copies(hashes: set[str]) -> Iterator[Leftover]:
    for path in sorted(tensor_copies().glob("*.safetensors")):
        if path.stem not in hashes:
            yield Leftover(path.name, "a copy for faster reading of a file that is not needed", (path,), _size(path))


def _abandoned(repos: set[str]) -> Iterator[Leftover]:
    for repo in sorted(repos):
        for path in (hub_cache() / f"models--{repo.replace('/', '--')}" / "blobs").glob("*.incomplete"):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                yield Leftover(f"part of a file of {repo}", "an interrupted download", (path,), _size(path))


def _size(path: Path) -> int:
    return path.stat().st_size
