"""Safetensors and ONNX files that lie."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from tests.readers.builders import message, onnx_model, varint
from tests.readers.hostile.wire import HOSTILE, MIB

# ---- safetensors


def safetensors(header: bytes | dict, data: bytes = b"\0" * 16, length: int | None = None) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def _entry(start: int, stop: int, shape: list | None = None, dtype: str = "F32") -> dict:
    return {"dtype": dtype, "shape": [4] if shape is None else shape, "data_offsets": [start, stop]}


_SAFETENSORS = {
    "overlapping_offsets": lambda: safetensors({"a": _entry(0, 16), "b": _entry(0, 16)}),
    "gap_between_tensors": lambda: safetensors({"a": _entry(0, 16), "b": _entry(32, 48)}, b"\0" * 48),
    "header_beyond_the_file": lambda: safetensors({"a": _entry(0, 16)}, length=1 << 30),
    "header_of_nested_lists": lambda: safetensors(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "header_of_many_lists": lambda: safetensors(b'{"a":[' + b"[]," * 3_000_000 + b"[]]}"),
    "header_duplicate_keys": lambda: safetensors(
        b'{"a":%s,"a":%s}' % ((json.dumps(_entry(0, 16)).encode(),) * 2),
    ),
    "header_not_utf8": lambda: safetensors(b'{"\xff":1}'),
    "header_cut": lambda: safetensors(b'{"a": {"dtype"'),
    "shape_lie": lambda: safetensors({"a": _entry(0, 16, [1 << 30])}),
    "shape_overflow": lambda: safetensors({"a": _entry(0, 0, [0, 1 << 39, 1 << 39])}, b""),
    "negative_shape": lambda: safetensors({"a": _entry(0, 16, [-2, -2])}),
    "float_shape": lambda: safetensors({"a": _entry(0, 16, [4.0])}),
    "true_shape": lambda: safetensors({"a": _entry(0, 4, [True])}, b"\0" * 4),
    "nan_offset": lambda: safetensors(b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,NaN]}}'),
    "long_integer_offset": lambda: safetensors(
        b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,%s]}}' % (b"9" * 5000)
    ),
    "unknown_type": lambda: safetensors({"a": _entry(0, 16, dtype="OBJ")}),
    "type_is_a_list": lambda: safetensors(b'{"a":{"dtype":[],"shape":[4],"data_offsets":[0,16]}}'),
    "backward_offsets": lambda: safetensors({"a": _entry(16, 0)}),
    "metadata_of_numbers": lambda: safetensors({"__metadata__": {"a": 1}, "b": _entry(0, 16)}),
    "extra_bytes": lambda: safetensors({"a": _entry(0, 16)}, b"\0" * 99),
    "bool_lie": lambda: safetensors({"a": _entry(0, 4, dtype="BOOL")}, b"\7" * 4),
}
for _name, _make in _SAFETENSORS.items():
    HOSTILE[f"safetensors_{_name}"] = lambda folder, make=_make: _write(folder, make())


def _write(folder: Path, data: bytes) -> Path:
    path = folder / "weights.safetensors"
    path.write_bytes(data)
    return path


# ---- ONNX


_RAW = (9, b"\0" * 16)
_ONNX = {
    "endless_varint": lambda: b"\x08\x04\x3a\x20" + b"\xff" * 32,
    "length_beyond_the_file": lambda: b"\x08\x04\x3a" + varint(1 << 40) + b"x",
    "group_wire_type": lambda: b"\x08\x04\x3a\x03\x2b\x00\x2c",
    "huge_dims": lambda: onnx_model(message((1, 1 << 39), (1, 1 << 39), (2, 1), (8, b"w"), _RAW)),
    "negative_dims": lambda: onnx_model(message((1, (1 << 64) - 4), (2, 1), (8, b"w"), _RAW)),
    "type_lie": lambda: onnx_model(message((1, 4), (2, 11), (8, b"w"), _RAW)),
    "unknown_type": lambda: onnx_model(message((1, 4), (2, 8), (8, b"w"), _RAW)),
    "floats_as_integers": lambda: onnx_model(message((1, 4), (2, 1), (8, b"w"), (7, b"\1\2\3\4"))),
    "outside_data": lambda: onnx_model(
        message((1, 4), (2, 1), (8, b"w"), (13, message((1, b"location"), (2, b"/etc/passwd"))))
    ),
    "two_of_one_name": lambda: onnx_model(*[message((1, 4), (2, 1), (8, b"w"), _RAW)] * 2),
    "name_not_utf8": lambda: onnx_model(message((1, 4), (2, 1), (8, b"\xff\xfe"), _RAW)),
    "no_weights": lambda: onnx_model(),
    "integer_bomb": lambda: onnx_model(message((1, 16 * MIB), (2, 7), (8, b"w"), (7, b"\1" * (16 * MIB)))),
    "field_bomb": lambda: onnx_model(message((1, 4), (2, 1), (8, b"w")) + b"\x78\x01" * (6 * MIB)),
    "dims_bomb": lambda: onnx_model(message((1, b"\1" * (16 * MIB)), (2, 1), (8, b"w"), _RAW)),
}
for _name, _make in _ONNX.items():
    HOSTILE[f"onnx_{_name}"] = lambda folder, make=_make: _write(folder, make())
