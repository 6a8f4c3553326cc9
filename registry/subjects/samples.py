"""The pictures that come with Facet: photographs (`samples`) and style pictures (`styles`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.errors import BadInput
from registry.spoilt import note_spoilt

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
COLLECTIONS = ("samples", "styles")


@dataclass(frozen=True)
class Sample:
    """One bundled picture. `attribution` and `licence` are shown wherever the picture is offered."""

    id: str
    title: str
    path: Path
    attribution: str = ""
    licence: str = ""


@cache
def collection(name: str) -> tuple[Sample, ...]:
    """All pictures of ``assets/<name>/<name>.json``, in the file's order; empty if there is no such collection.

    What is missing or damaged is left out, and said on stderr and on the Add-ons page.
    """
    index = ASSETS / name / f"{name}.json"
    if not index.is_file():
        return ()
    try:
        found = [
            Sample(
                row["id"], row["title"], index.parent / row["file"], row.get("attribution", ""), row.get("licence", "")
            )
            for row in json.loads(index.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        note_spoilt(
            f"The list of bundled pictures {index.name} is damaged: none of them is offered. Install Facet anew."
        )
        return ()
    for gone in (entry for entry in found if not entry.path.is_file()):
        note_spoilt(f"The bundled picture {gone.path.name} is missing. Install Facet anew.")
    return tuple(entry for entry in found if entry.path.is_file())


def _sample(row: Mapping[str, str], folder: Path) -> Sample:
    return Sample(row["id"], row["title"], folder / row["file"], row.get("attribution", ""), row.get("licence", ""))


def sample(sample_id: str, field: str) -> Sample:
    """The bundled picture with that id, from any collection.

    Raises:
        BadInput: there is none; the sentence names `field` and lists those there are.
    """
    known = {entry.id: entry for name in COLLECTIONS for entry in collection(name)}
    if sample_id not in known:
        raise BadInput(field, f"no sample is called {sample_id[:60]!r}", f"There are: {', '.join(known) or 'none'}.")
    return known[sample_id]
