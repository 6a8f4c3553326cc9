"""A safetensors copy of every weight file, made at its first reading, so that no pickle is parsed twice."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

import torch

from registry.errors import WeightsCorrupt, WeightsMissing
from registry.readers.contents import Tensors
from registry.readers.limits import Budget
from registry.readers.reading import named_errors, read_source
from registry.readers.safetensors_file import table_of, write_safetensors
from registry.readers.sealed import SEAL, is_sound, sealed
from registry.readers.source import FileSource

FORMAT = "facet-tensors-2"  # 2: nodes of ONNX graphs have their attributes


def cached_copy(path: str | Path, cache_dir: str | Path, *, memory_limit_bytes: int | None = None) -> Path:
    """The safetensors copy of a weight file, written on first use; `read_cached` reads it back.

    The copy is called after the sha256 of the source, holds every tensor in its stored type under ``group/name``, and
    in its metadata the source's hash, its layout and its plain facts. It appears whole or not at all.

    Raises:
        WeightsMissing, WeightsCorrupt, OutOfMemory: as `read_tensors`, or the cache cannot be written.
    """
    path, folder = Path(path), Path(cache_dir)
    with named_errors(path.name), FileSource(path) as source:
        digest = source.sha256()
        copy = folder / f"{digest}.safetensors"
        if _intact(copy, digest):
            return copy
        tensors = read_source(source, path.name, memory_limit_bytes, None)
    _write(tensors, digest, copy)
    return copy


def read_cached(copy: str | Path, *, memory_limit_bytes: int | None = None) -> Tensors:
    """The `Tensors` of a copy that `cached_copy` made, verified: the same groups, facts, layout and warnings.

    Raises:
        WeightsMissing, WeightsCorrupt, OutOfMemory: the copy is gone, damaged, not one of ours, or too large.
    """
    path = Path(copy)
    with named_errors(path.name), FileSource(path) as source:
        found = read_source(source, path.name, memory_limit_bytes, None)
    if FORMAT in found.plain and not is_sound(found.tensors.get("", {}), found.plain):
        raise WeightsCorrupt(f"The copy {path.name} is damaged. Choose the file it was made from once more.")
    try:
        about = json.loads(found.plain[FORMAT])
        groups: dict[str, dict[str, torch.Tensor]] = {group: {} for group in about["groups"]}
        for name, tensor in found.tensors.get("", {}).items():
            group, _, inner = name.partition("/")
            groups[unquote(group)][inner] = tensor
        return Tensors(
            groups,
            about["plain"],
            about["layout"],
            tuple(about["warnings"]),
            about["name"],
            free_bytes=found.free_bytes,
        )
    except (KeyError, TypeError, ValueError):
        raise WeightsCorrupt(f"{path.name} is no copy that Facet made. Delete it; it will be made again.") from None


def read_through(path: str | Path, cache_dir: str | Path) -> Tensors:
    """The `Tensors` of a weight file by way of its copy, which is made again where it is missing or damaged.

    Raises:
        WeightsMissing, WeightsCorrupt, OutOfMemory: as `cached_copy`.
    """
    copy = cached_copy(path, cache_dir)
    try:
        return read_cached(copy)
    except WeightsCorrupt:
        copy.unlink(missing_ok=True)
        return read_cached(cached_copy(path, cache_dir))


def _intact(copy: Path, digest: str) -> bool:
    """Whether a copy is there, as long as it says, and of the source with that hash; `read_cached` judges the rest."""
    try:
        with FileSource(copy) as source:
            contents = table_of(source, Budget(source.size))
    except (WeightsMissing, WeightsCorrupt, OSError):
        return False
    known = {FORMAT, SEAL} <= contents.metadata.keys()
    return known and contents.metadata.get("source_sha256") == digest


def _write(tensors: Tensors, digest: str, copy: Path) -> None:
    about = {
        "groups": list(tensors.tensors),
        "layout": tensors.layout,
        "plain": tensors.plain,
        "warnings": tensors.warnings,
        "name": tensors.name,
    }
    metadata = {"source_sha256": digest, FORMAT: json.dumps(about)}
    flat = {
        f"{quote(group, safe='')}/{name}": tensor
        for group, members in tensors.tensors.items()
        for name, tensor in members.items()
    }
    temporary = None
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=copy.parent, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            write_safetensors(file.file, flat, sealed(flat, metadata))
        os.replace(temporary, copy)
        temporary = None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The copy of {tensors.name} cannot be written to the cache: {reason}. Free some space there."
        raise WeightsMissing(sentence) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
