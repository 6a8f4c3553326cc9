"""A comparison as a file: the sheet of all its pictures, a table of its numbers, or its recipes."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Sequence
from pathlib import Path

from gradio.utils import get_upload_folder

from registry.errors import BadInput
from registry.subjects import Subject
from registry.writing import write_whole
from surfaces.compare import Column, record
from surfaces.compare.rows import table
from surfaces.compare.sheet import sheet

NAMES = {"sheet": "comparison.png", "table": "comparison.csv", "recipes": "comparison.json"}


def comparison_file(columns: Sequence[Column], kind: object) -> Path:
    """Write it where Gradio can serve it, under an address that nobody guesses.

    Args:
        columns: of a comparison that is over.
        kind: one of `NAMES`.

    Raises:
        BadInput: there is no such file, or nothing was compared.
    """
    if str(kind) not in NAMES or not any(column.result for column in columns):
        raise BadInput("comparison", "has no picture yet", "Compare something first.")
    path = Path(get_upload_folder()) / uuid.uuid4().hex / NAMES[str(kind)]
    write_whole(path, _content(columns, str(kind)))
    return path


def _content(columns: Sequence[Column], kind: str) -> bytes:
    if kind == "table":
        return table(columns).encode()
    if kind == "recipes":
        return json.dumps(record(columns), indent=1, allow_nan=False).encode()
    subject = columns[0].values.get("subject")
    buffer = io.BytesIO()
    sheet(columns, subject if isinstance(subject, Subject) else None).save(buffer, "PNG")
    return buffer.getvalue()
