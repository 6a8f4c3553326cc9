"""Raw numbers out of a file: how bytes become flat torch storages, and storages become tensors."""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence

import torch

from registry.readers.limits import MAX_DIMS, MAX_EXTENT, MIB, Budget, Refused, shown
from registry.readers.records import Call, Record, Span
from registry.readers.source import Source

STORAGE_TYPES: dict[str, torch.dtype] = {
    **{"FloatStorage": torch.float32, "HalfStorage": torch.float16, "DoubleStorage": torch.float64},
    **{"BFloat16Storage": torch.bfloat16, "LongStorage": torch.int64, "IntStorage": torch.int32},
    **{"ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8},
    **{"BoolStorage": torch.bool, "ComplexFloatStorage": torch.complex64, "UntypedStorage": torch.uint8},
}
TORCH_TYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        *("float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2", "complex64", "bool"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    )
    if hasattr(torch, name)
}
NUMPY_TYPES: dict[str, torch.dtype] = {
    **{"f2": torch.float16, "f4": torch.float32, "f8": torch.float64, "c8": torch.complex64, "b1": torch.bool},
    **{"i1": torch.int8, "i2": torch.int16, "i4": torch.int32, "i8": torch.int64},
    **{"u1": torch.uint8, "u2": TORCH_TYPES.get("uint16"), "u4": TORCH_TYPES.get("uint32")},
}


def item_size(dtype: torch.dtype) -> int:
    """Bytes of one element."""
    return int(dtype.itemsize)


def read_flat(source: Source, start: int, count: int, dtype: torch.dtype, budget: Budget) -> torch.Tensor:
    """`count` elements of `source` from byte `start` on, as a flat tensor that owns its memory.

    Raises:
        Refused: the bytes are not there, or a truth value is neither 0 nor 1.
    """
    size = count * item_size(dtype)
    if count < 0 or start < 0 or start + size > source.size:
        raise Refused("a storage is longer than the file")
    budget.allocate(size)
    raw = torch.empty(size, dtype=torch.uint8)
    if size:
        source.read_into(start, memoryview(raw.numpy()))
    if dtype == torch.bool and size and int(raw.max()) > 1:
        raise Refused("a storage says truth values and holds others")
    return raw.view(dtype) if size else torch.empty(0, dtype=dtype)


def whole_numbers(values: Record, what: str) -> tuple[int, ...]:
    """A shape or stride of the file.

    Raises:
        Refused: not a short sequence of integers from 0 to `MAX_EXTENT`.
    """
    if isinstance(values, Call) and values.dotted == "torch.Size" and len(values.arguments) == 1:
        values = values.arguments[0]
    if not isinstance(values, (tuple, list)) or len(values) > MAX_DIMS:
        raise Refused(f"a tensor has no readable {what}")
    if not all(type(value) is int and 0 <= value <= MAX_EXTENT for value in values):
        raise Refused(f"a tensor has an impossible {what}")
    return tuple(values)


def strided(flat: torch.Tensor, offset: Record, size: Record, stride: Record, budget: Budget) -> torch.Tensor:
    """The tensor of a shape over a flat storage, contiguous; it shares the storage's memory where it fills it.

    Raises:
        Refused: the geometry is impossible or reaches outside the storage.
    """
    shape, steps = whole_numbers(size, "shape"), whole_numbers(stride, "stride")
    (start,) = whole_numbers((offset,), "offset")
    if len(shape) != len(steps):
        raise Refused("a tensor has an impossible stride")
    count = math.prod(shape)
    if not count:
        if math.prod(extent for extent in shape if extent) > MAX_EXTENT:
            raise Refused("a tensor has an impossible shape")
        return torch.empty(shape, dtype=flat.dtype)
    last = start + sum((extent - 1) * step for extent, step in zip(shape, steps, strict=True))
    if last >= flat.numel():
        raise Refused("a tensor reaches outside its storage")
    if _is_contiguous(shape, steps) and count == flat.numel():
        return flat.view(shape)
    budget.allocate(count * item_size(flat.dtype))
    return torch.as_strided(flat, shape, steps, start).clone(memory_format=torch.contiguous_format)


def _is_contiguous(shape: Sequence[int], steps: Sequence[int]) -> bool:
    expected = 1
    for extent, step in zip(reversed(shape), reversed(steps), strict=True):
        if extent != 1 and step != expected:
            return False
        expected *= extent
    return True


def raw_bytes(record: Record, budget: Budget) -> tuple[Source, int, int]:
    """Where a bytes object of a pickle lies: source, start, size. Text of protocols below 3 is turned back first.

    Raises:
        Refused: the record is no bytes.
    """
    if isinstance(record, Call) and record.dotted in ("_codecs.encode", "builtins.bytes", "builtins.bytearray"):
        if not record.arguments:
            return Source(b""), 0, 0
        record = record.arguments[0]
    if isinstance(record, Span):
        if not record.encoding:
            return record.source, record.start, record.size
        data = _latin(record, budget)
        return Source(data), 0, len(data)
    if isinstance(record, str):
        try:
            record = record.encode("latin-1")
        except UnicodeEncodeError:
            raise Refused("bytes written as text hold characters that are no bytes") from None
    if isinstance(record, bytes):
        return Source(record), 0, len(record)
    raise Refused("bytes are expected where it has something else")


def _latin(span: Span, budget: Budget) -> bytearray:
    """Bytes that protocol 2 wrote as text, decoded piece by piece."""
    budget.allocate(span.size)
    decoder, out = codecs.getincrementaldecoder(span.encoding)(), bytearray()
    try:
        for offset in range(0, span.size, MIB):
            piece = span.source.read_at(span.start + offset, min(MIB, span.size - offset))
            out += decoder.decode(piece, offset + len(piece) == span.size).encode("latin-1")
    except UnicodeError:
        raise Refused("bytes written as text hold characters that are no bytes") from None
    return out


def torch_type(record: Record, what: str) -> torch.dtype:
    """The element type that a torch global names (``torch.FloatStorage``, ``torch.float32``).

    Raises:
        Refused: a type this reader does not know.
    """
    name = getattr(record, "dotted", "")
    short = name.removeprefix("torch.")
    found = STORAGE_TYPES.get(short) or TORCH_TYPES.get(short)
    if found is None or not name.startswith("torch."):
        raise Refused(f"a {what} is of a type this reader does not know: {shown(name or type(record).__name__)}")
    return found
