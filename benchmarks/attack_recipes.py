"""Hostile recipes for `attack.py`: files that ask a replay for what no edit of Facet's ever was."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from registry.execution import replay
from registry.plugins import load_registry
from registry.saved import read_lineage
from tests.decoding.hostile_pictures import chunks_png, png_with

SOUND: dict[str, Any] = {
    "facet": 1,
    "editor": "colour_transfer",
    "version": "1.0",
    "inputs": {},
    "seed": 0,
    "weights": [],
    "threads": 1,
    "steps": 1,
}
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1 << 70,
    1e308,
    "x" * 100_000,
    "/etc/passwd",
    [],
    {},
    [[[]]],
    {"sha256": "../" * 9},
)


def cases(folder: Path, quick: bool) -> list[tuple[str, Callable[[], object]]]:
    """Files that are no recipe, recipes with odd values in every place, and PNGs around texts that are too large."""
    registry = load_registry()
    files: dict[str, bytes] = {
        "deep": b"[" * 1_000_000,
        "deep objects": b'{"lineage":' * 200_000,
        "many rows": json.dumps([SOUND] * 15_000).encode(),
        "a long number": json.dumps(SOUND).encode().replace(b'"steps": 1', b'"steps": ' + b"9" * 100_000),
        "not a number": json.dumps(SOUND | {"steps": float("nan")}).encode(),
        "zeros": bytes(3_000_000),
        "text bomb": png_with((b"iTXt", b"facet\0\1\0\0\0" + zlib.compress(bytes(50_000_000)))),
        "many texts": png_with(*[(b"iTXt", b"facet\0\0\0\0\0" + b"[" * 900)] * 500),
        "text cut short": png_with((b"iTXt", b"facet\0\1")),
        "no text": png_with((b"iTXt", b"facet\0\1\0\0\0not compressed")),
        "chunks": chunks_png(),
        "a film's packet": b"GIF89a" + bytes(100) + b"<facet:lineage>" * 100_000,
    }
    for spec in list(registry)[: 6 if quick else None]:
        plain = SOUND | {"editor": spec.id, "version": spec.version}
        for entry in spec.inputs:
            for number, odd in enumerate(ODD[::2] if quick else ODD):
                row = plain | {"inputs": {entry.name: odd}}
                files[f"{spec.id}.{entry.name} {number}"] = json.dumps(row).encode()
    for key in SOUND:
        for number, odd in enumerate(ODD):
            files[f"{key} {number}"] = json.dumps(SOUND | {key: odd}).encode()
    found = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"{number}.json"
        path.write_bytes(content)
        found.append((name, partial(_replayed, registry, path)))
    return found


def _replayed(registry: Any, path: Path) -> None:
    replay(registry, read_lineage(path))
