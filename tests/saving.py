"""Pictures read and written as the surfaces do it, in one call for tests."""

from __future__ import annotations

from pathlib import Path

from registry.saved.lineage import subject_png
from registry.subjects.layers import Pixels
from registry.subjects.pixels import read_layers
from registry.subjects.subject import Subject


def save_png(subject: Subject, path: str | Path) -> None:
    """Write a subject with its recipe and its latent."""
    Path(path).write_bytes(subject_png(subject))


def read_picture(source: object, field: str) -> Pixels:
    """The pixels of `read_layers`: uint8 RGB [height, width, 3], transparency laid on white."""
    return read_layers(source, field).pixels
