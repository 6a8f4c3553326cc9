"""Which examples there are, and the bundled puppets they begin with. Gradio-free.

They are made by ``python benchmarks/examples.py``, so that what is shown is what comes out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.plugins import REQUIRED, EditorSpec
from registry.saved import subject_with_lineage
from registry.spoilt import note_spoilt
from registry.subjects import Subject, sample
from surfaces.page.picture_urls import thumb_url
from surfaces.settings import ROOT

FOLDER = ROOT / "assets" / "examples"
BUILT_IN = ("", "built-in")


@dataclass(frozen=True)
class Example:
    """One example of an editor.

    Attributes:
        title: a few words.
        on: ``sample:ID`` or ``puppet:ID``, the picture it begins with; empty where it begins from nothing. One of the
            puppets is a photograph that was brought in.
        inputs: the settings that are not the declared ones, as a recipe records them.
        file: name of the picture of its result, in `FOLDER`.
        seconds: what it took where it was made.
    """

    title: str
    on: str
    inputs: Mapping[str, Any]
    file: str
    seconds: float


@cache
def _told() -> Mapping[str, Any]:
    try:
        told: dict[str, Any] = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
        rows = {editor: [Example(**row) for row in found] for editor, found in told["editors"].items()}
        return {"puppets": dict(told["puppets"]), "editors": rows, "generators": dict(told["generators"])}
    except (OSError, ValueError, KeyError, TypeError):
        note_spoilt("The list of examples is damaged: none of them is offered. Install Facet anew.")
        return {"puppets": {}, "editors": {}, "generators": {}}


def examples_of(spec: EditorSpec) -> list[Example]:
    """The examples of a built-in editor; none of any other."""
    return list(_told()["editors"].get(spec.id, ())) if spec.plugin in BUILT_IN else []


def recorded(spec: EditorSpec, example: Example) -> dict[str, Any]:
    """All settings of an example as a recipe records them: its own, and the declared ones of the others."""
    declared = {
        entry.name: entry.kind.record(entry.default)
        for entry in spec.inputs
        if entry.default is not REQUIRED and entry.default is not None
    }
    return declared | dict(example.inputs)


@cache
def _puppet(folder: Path, file: str) -> Subject:
    return subject_with_lineage(folder / file)


def puppet(name: str) -> tuple[Subject, str]:
    """A bundled puppet with its code, and its title. Raises BadInput if there is none of that name."""
    row = _told()["puppets"].get(name)
    if row is None:
        raise BadInput("subject", "names no bundled puppet", "Choose another one.")
    return replace(_puppet(FOLDER, row["file"])), str(row["title"])


def puppets() -> list[dict[str, str]]:
    """The bundled puppets for the pickers, without damaged ones, and without what only an example begins with."""
    found = []
    for name in [name for name, row in _told()["puppets"].items() if row.get("offered", True)]:
        try:
            subject, title = puppet(name)
            found.append({"id": name, "title": title, "credit": "rendered", "thumb": thumb_url(subject.pixels)})
        except (OSError, BadInput):
            note_spoilt(f"The bundled puppet {name} is damaged. Install Facet anew.")
    return found


def subject_of(on: str) -> tuple[Subject, str]:
    """The picture that ``sample:ID`` or ``puppet:ID`` names, and its title. Raises BadInput."""
    kind, _, name = on.partition(":")
    return puppet(name) if kind == "puppet" else (Subject.read(on), sample(name, "subject").title)


def drawings() -> list[dict[str, str]]:
    """A portrait by each embedded generator, for the choice of one."""
    return [{"id": name, "thumb": found} for name, file in _told()["generators"].items() if (found := _address(file))]


def thumb(row: Example) -> str:
    """The small picture of its result as an address; empty if it is missing."""
    return _address(row.file)


def _address(file: str) -> str:
    try:
        return "data:image/webp;base64," + base64.b64encode((FOLDER / file).read_bytes()).decode()
    except OSError:
        note_spoilt(f"The picture {file} of the examples is missing. Install Facet anew.")
        return ""
