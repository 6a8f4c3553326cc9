"""What an edit leaves for other edits, kept on this machine by sha256."""

from registry.artifacts.artifact import KIND, Artifact
from registry.artifacts.deltas import (
    delta_file,
    delta_is_here,
    delta_path,
    keep_delta_file,
    load_delta,
    on_top,
    save_delta,
    sound_delta,
    with_delta,
)
from registry.artifacts.keeping import bring_in, delete, export, file_name, find, found, keep, own, rename
from registry.artifacts.shelf import Kept, tensors_of
from registry.artifacts.tables import keep_table, load_table

__all__ = [
    "Artifact",
    "KIND",
    "Kept",
    "bring_in",
    "delete",
    "delta_file",
    "delta_is_here",
    "delta_path",
    "export",
    "file_name",
    "find",
    "found",
    "keep",
    "keep_delta_file",
    "keep_table",
    "load_delta",
    "load_table",
    "on_top",
    "own",
    "rename",
    "save_delta",
    "sound_delta",
    "tensors_of",
    "with_delta",
]
