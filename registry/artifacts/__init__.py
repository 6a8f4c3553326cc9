"""What an edit leaves for other edits, kept on this machine by sha256."""

from registry.artifacts.deltas import (
    delta_file,
    delta_path,
    keep_delta_file,
    load_delta,
    save_delta,
    sound_delta,
    with_delta,
)
from registry.artifacts.tables import keep_table, load_table

__all__ = [
    "delta_file",
    "delta_path",
    "keep_delta_file",
    "keep_table",
    "load_delta",
    "load_table",
    "save_delta",
    "sound_delta",
    "with_delta",
]
