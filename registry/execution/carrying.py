"""What runs leave for other runs, on its way to a worker that shares no folder with this machine, and back.

Files of a home, or of a visitor's folder, are named by the sha256 of their content, so a worker that has seen one
before needs its name only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from registry.artifacts import own
from registry.belongings import keeping_home, kept_in, make_room, reading_homes
from registry.errors import EditorError
from registry.execution.job import Job, Outcome
from registry.plugins import EditorSpec
from registry.subjects import Subject
from registry.weights import OwnFile
from registry.writing import write_whole

ROOMS = ("artifacts", "deltas", "tensors")
SMALL = 1_000_000  # bytes; a direction, a style: they go along without being named


def needed(spec: EditorSpec, job: Job) -> dict[str, Path]:
    """The files that a job may ask for: from their places in a home to where they lie here."""
    told = _told(spec, job)
    with kept_in(job.belongings):
        called = {each.sha256 for each in own() if f'"{each.name}"' in told or (each.key and each.key in told)}
        homes = reading_homes()
    found: dict[str, Path] = {}
    for home in homes:
        for room in ROOMS:
            for file in sorted((home / room).glob("*")) if (home / room).is_dir() else ():
                named = file.stem in called or file.stem[:12] in told or _begins(file.stem, told)
                if file.is_file() and (named or file.stat().st_size <= SMALL):
                    found.setdefault(f"{room}/{file.name}", file)
    return found


def own_files(job: Job) -> dict[str, Path]:
    """Files of the user's own among a job's inputs, from names that hold their sha256 to where they lie."""
    files = [value for value in job.values.values() if isinstance(value, OwnFile)]
    return {_place(each): each.path for each in files}


def moved(job: Job, folder: Path) -> Job:
    """The job with its own files where they lie below `folder`."""
    values = {
        name: OwnFile(folder / _place(value)) if isinstance(value, OwnFile) else value
        for name, value in job.values.items()
    }
    return replace(job, values=values)


def lying(folder: Path) -> dict[str, Path]:
    """What lies in a home that a job was given, by place."""
    return {
        f"{room}/{file.name}": file
        for room in ROOMS
        if (folder / room).is_dir()
        for file in (folder / room).iterdir()
        if file.is_file()
    }


def take_home(job: Job, outcome: Outcome, brought: Mapping[str, bytes]) -> Outcome:
    """Keep here what a run left elsewhere; the outcome with its artifacts where they lie now.

    Raises:
        EditorError: the disk refuses, or a visitor has no more room.
    """
    with kept_in(job.belongings):
        before = own()
        for place, content in brought.items():
            room, name = place.split("/")
            if room not in ROOMS or name != os.path.basename(name):
                continue
            make_room(len(content))
            try:
                write_whole(keeping_home() / room / name, content)
            except OSError as problem:
                raise EditorError(f"What the edit left could not be kept: {problem.strerror or problem}.") from None
        artifacts = tuple(
            replace(each, path=keeping_home() / "artifacts" / each.path.name) for each in outcome.artifacts
        )
        for each in artifacts:  # as `keep` does where it all happens in one place
            same = [old for old in before if each.key and (old.kind, old.key) == (each.kind, each.key)]
            for old in same:
                if old.sha256 != each.sha256:
                    old.path.unlink(missing_ok=True)
    return replace(outcome, artifacts=artifacts)


def _told(spec: EditorSpec, job: Job) -> str:
    """All that the job says, as text."""
    inputs = spec.record(job.values)
    subjects: Iterable[Any] = (value for value in job.values.values() if isinstance(value, Subject))
    refs = [str(each.generator) for each in subjects if each.generator is not None]
    return json.dumps([inputs, refs], default=str)


def _begins(stem: str, told: str) -> bool:
    """Whether something is named by the first digits of its sha256, six at least."""
    return any(f"{word}:{stem[:6]}" in told for word in ("yours", "own"))


def _place(file: OwnFile) -> str:
    return f"files/{file.sha256}{file.path.suffix}"
