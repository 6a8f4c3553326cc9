"""Reading labelled samples: JSON, a table, a folder of pictures."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from registry.directions import w_space
from registry.errors import BadInput
from registry.inputs.kind import shown
from registry.inputs.samples import Samples
from registry.inputs.seeds import seeds_in
from registry.paths import existing_file, is_folder

MOST_BYTES = 20 << 20
MOST_SAMPLES = 100_000
_WORDS = {"yes": 1.0, "true": 1.0, "y": 1.0, "no": 0.0, "false": 0.0, "n": 0.0}


def read_samples(value: Any, field: str) -> Samples:
    """Labelled samples out of whatever `Labels.check` takes. Raises BadInput."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith(("{", "[")):
            try:
                return read_samples(json.loads(text), field)
            except (ValueError, RecursionError):
                raise BadInput(field, "are no JSON", 'Write e.g. {"yes": [1, 5], "no": [2, 3]}.') from None
        return _from_path(Path(text), field)
    if isinstance(value, Path):
        return _from_path(value, field)
    if isinstance(value, Mapping):
        if "codes_sha256" in value:
            raise BadInput(field, "were pictures, which a recipe does not hold", "Give the file or folder again.")
        if "seeds" in value and "labels" in value:
            return _by_seed(zip(_list(value["seeds"], field), _list(value["labels"], field), strict=False), field)
        rows = [(seed, label) for label in ("yes", "no") for seed in _seeds(value.get(label, []), field)]
        return _by_seed(rows, field)
    return _by_seed((row for row in _list(value, field)), field)


def _list(value: Any, field: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise BadInput(field, f"must be labelled seeds, not {shown(value)}", 'Write {"yes": [1, 5], "no": [2, 3]}.')
    return value


def _seeds(value: Any, field: str) -> Sequence[Any]:
    return seeds_in(value, field, MOST_SAMPLES) if isinstance(value, str) else _list(value, field)


def _by_seed(rows: Iterable[Any], field: str) -> Samples:
    labels: dict[int, float] = {}
    for count, row in enumerate(rows):
        if count >= MOST_SAMPLES:
            raise BadInput(field, f"hold more than {MOST_SAMPLES:,} samples")
        try:
            seed, label = row
            number = seeds_in(str(seed), field, 1)[0]
        except (TypeError, ValueError, IndexError):
            raise BadInput(field, f"hold {shown(row)}, which is no seed with a label", "Write [seed, label].") from None
        known = _label(label, field, f"seed {number}")
        if labels.setdefault(number, known) != known:
            raise BadInput(
                field, f"seed {number} is marked twice, as {labels[number]:g} and {known:g}", "Mark it once."
            )
    return Samples(np.array(list(labels.values()), np.float64), tuple(labels))


def _label(value: Any, field: str, where: str) -> float:
    word = str(value).strip().lower()
    try:
        number = _WORDS[word] if word in _WORDS else float(word)
    except ValueError:
        raise BadInput(field, f"{where}: the label {shown(value)} is neither yes, no nor a number") from None
    if not math.isfinite(number):
        raise BadInput(field, f"{where}: the label is not a finite number ({word})", "Leave that sample out.")
    return number


def _from_path(path: Path, field: str) -> Samples:
    if is_folder(path):
        if (path / "labels.csv").is_file():
            return _from_csv(path / "labels.csv", field)
        named = [(file, label) for label in ("yes", "no") for file in sorted((path / label).glob("*.png"))]
        if not named:
            raise BadInput(field, f"{path.name} has neither labels.csv nor PNGs in folders yes and no")
        return _by_picture(named, field)
    return _from_csv(existing_file(path, field, "file or folder"), field)


def _from_csv(path: Path, field: str) -> Samples:
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(field, f"{path.name} is larger than {MOST_BYTES >> 20} MB")
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(map(str.strip, row))]
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(field, f"{path.name} is no text with commas", "Save it as CSV in UTF-8.") from None
    named = dict(_columns(rows, path.name, field))
    if "seed" in named:
        return _by_seed(zip(named["seed"], named["label"], strict=True), field)
    if any(len(name) > 1000 for name in named["file"]):
        raise BadInput(field, f"{path.name} names a file of more than 1000 letters")
    files = [path.parent / name for name in named["file"]]
    return _by_picture(list(zip(files, named["label"], strict=True)), field)


def _columns(rows: list[list[str]], name: str, field: str) -> Iterator[tuple[str, list[str]]]:
    """The columns that matter; without a heading, the first is the seed or file and the second the label."""
    head = [cell.lower() for cell in rows[0]] if rows else []
    if "label" in head and ("seed" in head or "file" in head):
        rows = rows[1:]
    elif len(head) == 2 and head[0].isdigit():
        head = ["seed", "label"]
    else:
        raise BadInput(field, f"{name} has no columns called seed (or file) and label", "Name them in its first line.")
    wanted = ["seed" if "seed" in head else "file", "label"]
    for number, row in enumerate(rows, 1):
        if len(row) < len(head):
            raise BadInput(field, f"{name}: sample {number} has {len(row)} columns of {len(head)}")
    for column in wanted:
        yield column, [row[head.index(column)] for row in rows]


def _by_picture(named: Sequence[tuple[Path, Any]], field: str) -> Samples:
    from registry.saved import subject_with_lineage

    codes, labels = [], []
    spaces: dict[str, str] = {}
    for path, label in named:
        subject = subject_with_lineage(path, field)
        if subject.latent is None or subject.generator is None:
            why = f"{path.name} carries no latent code"
            raise BadInput(field, why, "Use PNGs that Facet saved of generated or inverted pictures.")
        spaces.setdefault(w_space(subject.generator.id), path.name)
        if len(spaces) > 1:
            (one, first), (other, second) = spaces.items()
            raise BadInput(field, f"{first} belongs to {one}, but {second} to {other}", "Fit one generator at a time.")
        codes.append(subject.latent.mean(0))  # generators that share a W may differ in how many rows they take
        if codes[-1].shape != codes[0].shape:
            raise BadInput(field, f"{path.name} has a code of another width than {named[0][0].name}", "Leave it out.")
        labels.append(_label(label, field, path.name))
    return Samples(np.array(labels, np.float64), codes=np.stack(codes), generator=next(iter(spaces), ""))
