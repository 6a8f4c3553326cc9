"""Directions out of files: our own format with its card, the embedded ones, and what others publish as .npy and .pt.

Our format is a safetensors file with one tensor per direction; its metadata holds a card as JSON:
``{"generator": "puppets", "generator_sha256": "…", "directions": [{"name": "smile", "low": -1.5, …}, …]}``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from registry.artifacts import tensors_of
from registry.directions.direction import Direction
from registry.directions.published import PUBLISHED
from registry.errors import BadInput, WeightsCorrupt
from registry.weights import embedded, embedded_path, file_sha256

FORMAT = "directions-1"
MOST_BYTES = 64 << 20
_FIELDS = (
    "title",
    "group",
    "low",
    "high",
    "step",
    "unit",
    "span",
    "gain",
    "effects",
    "facts",
    "licence",
    "attribution",
)


def read_own(path: Path) -> list[Direction]:
    """The directions of a file in our format; `facts` also has the sha256 of the generator's weights.

    Raises:
        BadInput, WeightsCorrupt: it is none, or something in it cannot be used.
    """
    tensors, plain = _tensors(path)
    try:
        card = json.loads(str(plain["card"]))
        rows, generator = card["directions"], str(card["generator"])
        named = {row["name"] for row in rows}
    except (KeyError, TypeError, ValueError):
        raise WeightsCorrupt(
            f"{path.name} has no card that says which generator it belongs to. Bring it in with “facet direction add”."
        ) from None
    if not named or named != set(tensors):
        raise WeightsCorrupt(f"{path.name} does not hold the directions that its card names.")
    digest, fitted_to = file_sha256(path), {"generator_sha256": str(card.get("generator_sha256", ""))}
    rows = [{**row, "facts": {**fitted_to, **dict(row.get("facts") or {})}} for row in rows]
    return [_direction(row, tensors[row["name"]], generator, "own", digest) for row in rows]


def read_kept(path: Path) -> Direction:
    """The direction in the file of an artifact; its title is what that is called now.

    Raises:
        BadInput, WeightsCorrupt, WeightsMissing: it is none, or something in it cannot be used.
    """
    kept, tensors = tensors_of(path)
    facts = dict(kept.facts)
    row = facts.pop("direction", None)
    if kept.kind != "direction" or not isinstance(row, Mapping) or set(tensors) != {str(row.get("name"))}:
        raise WeightsCorrupt(f"“{kept.name}” has no card that says what direction it is. Export it again.")
    said = {"title": kept.name, "facts": facts, "licence": kept.licence, "attribution": kept.attribution}
    vector = tensors[str(row["name"])].float().numpy()
    return _direction({**row, **said}, vector, kept.generator, "own", kept.sha256)


def read_embedded(weights: Any, generator: str) -> list[Direction]:
    """The directions that lie beside an embedded generator; its card.json gives ranges and figures.

    Raises:
        WeightsMissing, WeightsCorrupt: the file is not there, or not the one that was shipped.
    """
    local = embedded(weights)
    tensors, _ = _tensors(local.path)
    card = json.loads(embedded_path(weights).with_name("card.json").read_text(encoding="utf-8"))
    rows = {str(row["name"]): row for row in card["directions"]}
    return [
        _direction(*_of_control(rows[name], tensors[name], card["licence"]), generator, "embedded", local.sha256)
        for name in rows
        if name in tensors
    ]


def read_foreign(path: Path, generator: str, source: str, **known: Any) -> list[Direction]:
    """The directions in a file that somebody else made: .npy, or anything that the weights' readers read.

    Every tensor is one direction, called by its name; a file that holds just one is called by the file's name, and may
    be among the published ones, which brings its range. `known` goes before what was found.

    Raises:
        BadInput: a tensor is no direction. WeightsCorrupt: the file holds something else.
    """
    tensors = {name: _unflattened(array) for name, array in _tensors(path)[0].items()}
    digest = file_sha256(path)
    about = PUBLISHED.get(digest, {})
    if len(tensors) == 1:
        tensors = {str(about.get("name") or _as_id(path.stem)): next(iter(tensors.values()))}
    rows = [{"name": _as_id(name), **about, **known} for name in tensors]
    found = zip(rows, tensors.values(), strict=True)
    return [_direction(row, vector, str(row.get("generator") or generator), source, digest) for row, vector in found]


def _tensors(path: Path) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Name → array, and what else the file says. Nothing in it is executed."""
    if path.stat().st_size > MOST_BYTES:
        raise WeightsCorrupt(f"{path.name} is larger than directions are ({MOST_BYTES >> 20} MB).")
    if path.suffix == ".npy":
        try:
            # mapped, so that a header cannot ask for more memory than the file has bytes
            array = np.array(np.lib.format.open_memmap(path, mode="r"))
        except (ValueError, OSError, EOFError):
            raise WeightsCorrupt(
                f"{path.name} is no array of numbers; arrays of Python objects are never opened. Save it as numbers."
            ) from None
        return {path.stem: array}, {}
    from registry.readers import (
        SEAL,
        is_sound,
        read_tensors,  # torch is only paid for by files that need it
    )

    contents = read_tensors(path)
    if SEAL in contents.plain and not is_sound(contents.tensors.get("", {}), contents.plain):
        raise WeightsCorrupt(f"{path.name} is damaged: it does not hold what was written. Fit it or bring it in again.")
    flat = {name: tensor for group in contents.tensors.values() for name, tensor in group.items()}
    return {name: tensor.float().numpy() for name, tensor in flat.items()}, contents.plain


def _unflattened(array: Any) -> Any:
    """Published w_plus boundaries are often one row of num_ws · 512 numbers."""
    flat = np.asarray(array)
    rows, rest = divmod(flat.size, 512)
    one_row = flat.ndim > 0 and flat.size == flat.shape[-1]
    return flat.reshape(rows, 512) if one_row and rest == 0 and 4 <= rows <= 64 else flat


def _of_control(row: Mapping[str, Any], vector: Any, licence: str) -> tuple[dict[str, Any], Any]:
    """A control's row in a training card as a slider: the range becomes that of a change, radians become degrees."""
    span, low = float(row["high"]) - float(row["low"]), float(row["low"])
    unit = str(row.get("unit", ""))
    if unit == "rad":
        vector, span, unit = np.asarray(vector) * math.pi / 180, math.degrees(span), "°"
    reach = span * (0.75 if low < 0 else 1.0)  # two-sided controls start near their middle
    step = 1.0 if unit == "°" else _round(span / 100)
    most = round(math.ceil(reach / step - 1e-6) * step, 6)
    facts = {key: row[key] for key in ("method", "reproduced") if key in row}
    shown = {**row, "low": -most, "high": most, "step": step, "unit": unit, "span": round(span, 3), "facts": facts}
    return shown | {"licence": licence}, vector


def _round(number: float) -> float:
    return float(f"{number:.0e}")


def _direction(row: Mapping[str, Any], vector: Any, generator: str, source: str, digest: str) -> Direction:
    """A direction from a row of a card. Raises BadInput for a row that says what cannot be."""
    name = str(row["name"])
    given = {key: row[key] for key in _FIELDS if row.get(key) is not None}
    try:
        for key in ("low", "high", "step", "span", "gain"):
            if key in given:
                given[key] = float(given[key])
        given["effects"] = {str(other): float(by) for other, by in dict(given.get("effects", {})).items()}
        given["facts"] = dict(given.get("facts", {}))
    except (TypeError, ValueError):
        raise BadInput(
            name, "has a card with something else where numbers are due", "Fit or download it again."
        ) from None
    for key in ("title", "group", "unit", "licence", "attribution"):
        given[key] = " ".join(str(given.get(key, "")).split())[:120]
    given["group"] = given["group"] or "other"
    rows = _rows(row.get("rows"), name)
    return Direction(name, generator, vector, rows=rows, source=source, sha256=digest, **given)


def _as_id(name: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    return words.strip("_0123456789")[:40] or "direction"


def _rows(found: Any, name: str) -> tuple[int, int] | None:
    if found is None:
        return None
    if not isinstance(found, Sequence) or len(found) != 2 or not all(type(number) is int for number in found):
        raise BadInput(name, "has a card whose rows are not the first one and the one after the last")
    return int(found[0]), int(found[1])
