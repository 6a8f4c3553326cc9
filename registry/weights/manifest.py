"""The weights on the Hub that Facet knows by name; ``manifest.json`` beside this file says how sure each address is."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.weights.declare import Weights


@dataclass(frozen=True)
class Entry:
    """One named file of weights.

    Attributes:
        name: what ``facet weights`` and `get` call it.
        kind: ``generator``, ``encoder``, ``directions``, ``clip``, ``tokens``, ``features``, ``style``,
            ``translation``, ``faces`` or ``upscaler``.
        weights: the declaration for an editor's `Net`.
        note: what else is known.
        w_space: the generator whose W space it is, for directions and for generators fine-tuned from another.
        witness_sha256, witness_size: what other copies of the file have, not yet compared with the Hub's.
    """

    name: str
    kind: str
    weights: Weights
    note: str = ""
    witness_sha256: str = ""
    witness_size: int = 0
    w_space: str = ""

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "note": self.note,
            "w_space": self.w_space,
            "witness_sha256": self.witness_sha256,
            "witness_size": self.witness_size,
            **self.weights.describe(),
        }


def get(name: str) -> Weights:
    """The weights with that name, to be put into a `Net`.

    Raises:
        BadInput: there are none; suggests a near name.
    """
    return entry(name).weights


def entry(name: str) -> Entry:
    """The entry with that name. Raises BadInput."""
    known = entries()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        fix = f"Did you mean {near[0]}?" if near else "“facet weights list” shows all names."
        raise BadInput("name", f"no weights are called {name!r}", fix)
    return known[name]


@cache
def entries() -> dict[str, Entry]:
    """All entries by name, in the file's order."""
    text = Path(__file__).with_name("manifest.json").read_text(encoding="utf-8")
    return {name: _entry(name, row) for name, row in json.loads(text)["entries"].items()}


def _entry(name: str, row: dict[str, Any]) -> Entry:
    rest = dict(row)
    kind, note, w_space = rest.pop("kind"), rest.pop("note", ""), rest.pop("w_space", "")
    witness = rest.pop("witness", {})
    weights = Weights(**{**rest, "mirrors": tuple(rest.get("mirrors", ()))})
    return Entry(name, kind, weights, note, witness.get("sha256", ""), witness.get("size", 0), w_space)
