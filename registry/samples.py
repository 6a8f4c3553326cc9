"""The pictures that come with Facet: photographs (`samples`) and style pictures (`styles`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.errors import BadInput

ASSETS = Path(__file__).resolve().parent.parent / "assets"
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
    """All pictures of ``assets/<name>/<name>.json``, in the file's order; empty if there is no such collection."""
    index = ASSETS / name / f"{name}.json"
    if not index.is_file():
        return ()
    return tuple(
        Sample(row["id"], row["title"], index.parent / row["file"], row.get("attribution", ""), row.get("licence", ""))
        for row in json.loads(index.read_text(encoding="utf-8"))
    )


def sample(sample_id: str, field: str) -> Sample:
    """The bundled picture with that id, from any collection.

    Raises:
        BadInput: there is none; the sentence names `field` and lists those there are.
    """
    known = {entry.id: entry for name in COLLECTIONS for entry in collection(name)}
    if sample_id not in known:
        raise BadInput(field, f"no sample is called {sample_id[:60]!r}", f"There are: {', '.join(known)}.")
    return known[sample_id]
