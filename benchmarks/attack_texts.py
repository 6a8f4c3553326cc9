"""Hostile texts for `attack.py`: everything that every kind of input could be sent as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from registry.plugins import load_registry

UNITS = [*'19 -–,;\n:=.()[{"\\Aa_é\x00', "1 ", " -", "1-", "A+", "(A", "seed ", "mean(", "a=1,", "[[", "- -"]


def cases(folder: Path, quick: bool) -> list[tuple[str, Callable[[], object]]]:
    """Each text to every input of every editor; texts in the forms that JSON gives them too."""
    values: dict[str, Any] = {
        "a row of seeds": {"yes": "1" + " " * 60_000 + "x", "no": [2]},
        "deep JSON": "[" * 100_000,
        "deep lists": json.loads("[" * 500 + "]" * 500),
        "many rows": [[1, 1]] * 400_000,
        "many names": {f"n{number}": 1 for number in range(100_000)},
        "a long number": 10**5000,
        "a long number as text": "9" * 5000,
        "a row of numbers as JSON": json.dumps({"yes": list(range(200_000)), "no": []}),
        "a mask of blanks": "png:" + " " * 5_000_000,
        "a path too long": "/" + "a/" * 3000,
    }
    for unit in UNITS:
        for size in (500, 15_000) if quick else (500, 4_000, 15_000, 1_000_000):
            values[f"{size} of {unit!r}"] = "1" + unit * (size // len(unit)) + "x"
    kinds = {}
    for spec in load_registry():
        for entry in spec.inputs:
            kinds.setdefault((type(entry.kind), getattr(entry.kind, "most", 0)), entry)
    return [(name, partial(_sent, list(kinds.values()), value)) for name, value in values.items()]


def _sent(entries: list[Any], value: Any) -> None:
    from registry.errors import EditorError

    for entry in entries:
        try:
            entry.check(value)
        except EditorError as refusal:
            if "\n" in str(refusal) or len(str(refusal)) > 2000:
                raise RuntimeError(f"{entry.name}: no sentence") from None
