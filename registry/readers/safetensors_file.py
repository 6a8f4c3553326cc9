"""Safetensors, with every promise of the header checked before anything is allocated, and a writer for the cache.

Layout: eight bytes with the length of a JSON header, the header, then the tensors side by side
(https://github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import torch

from registry.readers.limits import MAX_NAME, MIB, Budget, Refused, shown
from registry.readers.source import Source
from registry.readers.storages import TORCH_TYPES, item_size, read_flat, whole_numbers

_LONGEST_HEADER = 100 * MIB
_DTYPES: dict[str, torch.dtype] = {
    short: TORCH_TYPES[name]
    for short, name in {
        **{"F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64", "BOOL": "bool"},
        **{"I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64", "C64": "complex64"},
        **{"U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64"},
        **{"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"},
    }.items()
    if name in TORCH_TYPES
}
_SHORT = {dtype: short for short, dtype in _DTYPES.items()}


class Table(NamedTuple):
    """The header of a safetensors file: per tensor its first byte, shape and type; the metadata."""

    places: dict[str, tuple[int, tuple[int, ...], torch.dtype]]
    metadata: dict[str, str]


def table_of(source: Source, budget: Budget) -> Table:
    """The checked header of a safetensors file; no tensor is read.

    Raises:
        Refused: a header that is too long, no JSON, ambiguous, or whose tensors do not tile the file exactly.
    """
    if source.size < 10:
        raise Refused("it is cut short: its header is missing")
    length = int.from_bytes(source.read_at(0, 8), "little")
    if length > min(source.size - 8, _LONGEST_HEADER):
        raise Refused("its header is longer than the file or than the format allows")
    header = _header(source.read_at(8, length), budget)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise Refused("its metadata is no table of texts")
    places, ranges = {}, []
    for name, entry in header.items():
        dtype, shape, start, stop = _entry(name, entry)
        if stop - start != math.prod(shape) * item_size(dtype):
            raise Refused(f"tensor {shown(name)} is not as long as its shape says")
        places[name] = (8 + length + start, shape, dtype)
        ranges.append((start, stop))
    at = 0
    for start, stop in sorted(ranges):
        if start != at:
            raise Refused("its tensors overlap or leave a gap")
        at = stop
    if 8 + length + at != source.size:
        raise Refused("its tensors do not fill the file: it was cut short or something was added")
    return Table(places, metadata)


def read_safetensors(source: Source, budget: Budget) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """All tensors of a safetensors file, and its metadata.

    Raises:
        Refused: see `table_of`.
    """
    table = table_of(source, budget)
    tensors = {}
    for name, (start, shape, dtype) in table.places.items():
        tensors[name] = read_flat(source, start, math.prod(shape), dtype, budget).view(shape)
    return tensors, table.metadata


def _header(raw: bytes, budget: Budget) -> dict[str, Any]:
    budget.node(sum(raw.count(mark) for mark in (b",", b":", b"[", b"{")), 4 * len(raw))
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise Refused("its header is nested too deeply") from None
    except ValueError:  # also what is no UTF-8, and numbers of thousands of digits
        raise Refused("its header is no valid JSON") from None
    if not isinstance(header, dict):
        raise Refused("its header is no table")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise Refused("its header names something twice")
    return out


def _no_constant(text: str) -> None:
    raise Refused(f"its header holds {shown(text)}, which is no number")


def _entry(name: str, entry: Any) -> tuple[torch.dtype, tuple[int, ...], int, int]:
    if len(name) > 16 * MAX_NAME or not name.isprintable():
        raise Refused("a tensor has a name that is too long or no valid text")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Refused(f"tensor {shown(name)} is described in a way the format does not know")
    dtype = _DTYPES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if dtype is None:
        raise Refused(f"tensor {shown(name)} is of a type this reader does not know: {shown(entry['dtype'])}")
    offsets = whole_numbers(entry["data_offsets"], "place")
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        raise Refused(f"tensor {shown(name)} has an impossible place")
    shape = whole_numbers(entry["shape"], "shape")
    if math.prod(extent for extent in shape if extent) > 1 << 48:
        raise Refused(f"tensor {shown(name)} has an impossible shape")
    return dtype, shape, offsets[0], offsets[1]


def write_safetensors(file: IO[bytes], tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """Writes a file, down to the disk."""
    put_safetensors(file, tensors, metadata)
    file.flush()
    os.fsync(file.fileno())


def put_safetensors(file: IO[bytes], tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """Writes tensors one by one, so that no second copy of them all is ever held; the file may be in memory."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    at = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _SHORT[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(header, separators=(",", ":")).encode("utf-8")
    raw += b" " * (-len(raw) % 8)
    file.write(struct.pack("<Q", len(raw)) + raw)
    for tensor in tensors.values():
        if tensor.numel():
            flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            file.write(memoryview(flat.numpy()))
