"""A history on the disk: for each picture a Facet PNG, and a JSON file that is written last. Gradio-free.

The folder of a history is called by a hash of what its browser's cookie says, so that who reads the disk cannot ask the
page for it. A picture is there once its JSON file is; both are written whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.film import FORMATS, FilmFile
from registry.saved import beside, delta_beside, subject_png, subject_with_lineage
from registry.settings import facet_home, number
from registry.subjects import Subject
from registry.writing import write_whole
from surfaces.page.history.entry import Entry, Outline, Parts

FORMAT = 1
_STATE = "state.json"


def histories_folder() -> Path:
    """Where all histories lie."""
    return facet_home() / "histories"


class Shelf:
    """The folder of one history."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> dict[int, Entry]:
        """All pictures that are there whole, oldest first; what cannot be read is left out."""
        found: dict[int, Entry] = {}
        for file in self.folder.glob("*.json"):
            if file.stem.isdigit() and (entry := self._entry(file)) is not None:
                found[entry.number] = entry
        return dict(sorted(found.items()))

    def last(self) -> int | None:
        """Number of the picture that was current last."""
        said = _json(self.folder / _STATE).get("current")
        return said if isinstance(said, int) else None

    def note(self, current: int | None) -> None:
        """Remember it; a disk that refuses costs no more than that."""
        try:
            self._write(self.folder / _STATE, json.dumps({"facet": FORMAT, "current": current}).encode())
        except OSError:
            return

    def write(self, entry: Entry) -> None:
        """Write all of a picture. Raises OSError if the disk refuses."""
        parts, path = entry.parts, self._path(entry.number)
        if not (parts.subject.sample_id and not parts.subject.lineage):  # a bundled picture needs no copy
            self._write_subject(parts.subject, path)
        for place, subject in enumerate(parts.further.values()):
            self._write_subject(subject, self._further_path(entry.number, place))
        if parts.film is not None:
            self._write(path.with_suffix(parts.film.extension), parts.film.content)
        self._write(path.with_suffix(".more"), json.dumps(dict(parts.more)).encode())
        self.write_about(entry)
        entry.lies_on_disk(partial(self._parts, entry.number))

    def write_about(self, entry: Entry) -> None:
        """Write what is known of a picture besides its pixels. Raises OSError if the disk refuses."""
        about = {
            "facet": FORMAT,
            "title": entry.title,
            "name": entry.name,
            "pinned": entry.pinned,
            "parent": entry.parent,
            "facts": entry.facts,
            "made": entry.made,
            "thumb": entry.thumb,
            "outline": asdict(entry.outline),
        }
        file = self._path(entry.number).with_suffix(".json")
        rest = _json(file) if entry.stored else _rest(entry.parts)
        self._write(file, json.dumps(rest | about).encode())

    def remove(self, number: int) -> None:
        """Delete a picture's files, its JSON file first."""
        path = self._path(number)
        for file in (path.with_suffix(".json"), *self.folder.glob(f"{path.stem}.*")):
            file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def png(self, number: int) -> Path | None:
        """The picture's PNG, if there is one."""
        path = self._path(number)
        return path if path.is_file() else None

    def size(self) -> int:
        """Bytes of all files."""
        return folder_size(self.folder)

    def fits(self) -> bool:
        """Whether that is within ``FACET_HISTORY_MB``."""
        return self.size() <= number("HISTORY_MB") * 1e6

    def _entry(self, file: Path) -> Entry | None:
        about, at = _json(file), int(file.stem)
        try:
            told: Mapping[str, Any] = about["outline"]
            outline = Outline(**{**told, "size": tuple(told["size"])})
            known = {key: about[key] for key in ("name", "pinned", "made", "thumb")}
            read = partial(self._parts, at)
            return Entry(at, read, str(about["title"]), about["parent"], about["facts"], outline, **known)
        except (KeyError, TypeError, ValueError):  # of another version, or damaged
            return None

    def _parts(self, at: int) -> Parts:
        about, path = _json(self._path(at).with_suffix(".json")), self._path(at)
        try:
            lineage_free = bool(about["sample"]) and not path.is_file()
            subject = (
                Subject.read(f"sample:{about['sample']}")
                if lineage_free
                else replace(subject_with_lineage(path), sample_id=about["sample"])
            )
            further = {
                name: subject_with_lineage(self._further_path(at, place)) for place, name in enumerate(about["further"])
            }
            return Parts(subject, _json(path.with_suffix(".more")), further, self._film(path, about["film"]))
        except (OSError, KeyError, TypeError, ValueError, BadInput):
            raise BadInput("history", "has lost that picture: its file is gone or damaged", "Choose another.") from None

    def _film(self, path: Path, about: Mapping[str, Any] | None) -> FilmFile | None:
        if about is None or about["format"] not in FORMATS:
            return None
        return FilmFile(**{**about, "content": path.with_suffix(f".{about['format']}").read_bytes()})

    def _write_subject(self, subject: Subject, path: Path) -> None:
        self._write(path, subject_png(subject))
        if delta := delta_beside(subject):
            self._write(beside(path), delta)

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, content)

    def _path(self, at: int) -> Path:
        return self.folder / f"{at:06d}.png"

    def _further_path(self, at: int, place: int) -> Path:
        return self.folder / f"{at:06d}.{place}.png"


def sweep(spared: Collection[str] = ()) -> None:
    """Delete histories unused for ``FACET_HISTORY_DAYS``, and those used longest ago beyond ``FACET_HISTORIES_MB``.

    `spared`: names of those that are open.
    """
    oldest_first = sorted((_used(folder), folder) for folder in histories_folder().glob("*") if folder.is_dir())
    oldest_first = [row for row in oldest_first if row[1].name not in spared]
    ends = time.time() - number("HISTORY_DAYS") * 86400
    sizes = {folder: folder_size(folder) for _, folder in oldest_first}
    most = number("HISTORIES_MB") * 1e6
    for used, folder in oldest_first:
        if used < ends or sum(sizes.values()) > most:
            shutil.rmtree(folder, ignore_errors=True)
            del sizes[folder]


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    total = 0
    for file in folder.glob("*"):
        try:
            total += file.stat().st_size
        except OSError:  # deleted in this very moment
            continue
    return total


def _used(folder: Path) -> float:
    try:
        return max(folder.stat().st_mtime, (folder / _STATE).stat().st_mtime)
    except OSError:
        return 0.0


def _rest(parts: Parts) -> dict[str, Any]:
    """What only reading the pixels again asks for."""
    film = None if parts.film is None else {**asdict(replace(parts.film, content=b"")), "content": None}
    return {"sample": parts.subject.sample_id, "further": list(parts.further), "film": film}


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
