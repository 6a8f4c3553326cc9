"""The initialisers (weights) of an ONNX model, read from the protobuf wire format; the graph is only listed.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Data outside the file is refused.
"""

from __future__ import annotations

import array
import math
import sys

import torch

from registry.readers.limits import MAX_NAME, Budget, Refused, shown
from registry.readers.protobuf import Field, fields_of, text_at, varints
from registry.readers.source import Source
from registry.readers.storages import TORCH_TYPES, item_size, read_flat, whole_numbers

_DTYPES = {
    code: TORCH_TYPES[name]
    for code, name in {
        **{1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool"},
        **{10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 16: "bfloat16"},
    }.items()
    if name in TORCH_TYPES
}
_FIXED = {4: 4, 10: 8}  # float_data and double_data: bytes of one element
_VARINTS = frozenset({5, 7, 11})  # int32_data, int64_data, uint64_data
_MOST_NODES, _MOST_ATTRIBUTES, _MOST_NUMBERS = 5000, 32, 4096


def read_onnx(source: Source, budget: Budget) -> tuple[dict[str, torch.Tensor], dict[str, object]]:
    """The initialisers by name, and facts: producer, graph name, input and output names, nodes.

    Raises:
        Refused: damaged, without initialisers, or with weights outside the file.
    """
    tensors: dict[str, torch.Tensor] = {}
    names: dict[int, list[str]] = {11: [], 12: []}
    nodes: list[dict[str, object]] = []
    facts: dict[str, object] = {"inputs": names[11], "outputs": names[12], "nodes": nodes}
    for number, wire, start, size in fields_of(source, 0, source.size, budget):
        if number == 1 and wire == 0:
            facts["ir_version"] = start
        elif number == 2 and wire == 2:
            facts["producer"] = text_at(source, start, size)
        elif number == 7 and wire == 2:
            _graph(source, start, size, budget, tensors, names, nodes)
        elif number == 8 and wire == 2:
            facts["opset"] = [at for f, w, at, _ in fields_of(source, start, start + size, budget) if (f, w) == (2, 0)]
    if "opset" not in facts:  # every model has it, and behind the weights: so a model that was cut is noticed
        raise Refused("it is cut short: the end of the ONNX model is missing")
    if not tensors:
        raise Refused("it is an ONNX model without weights of its own", "Choose a model that holds its weights")
    return tensors, facts


def _graph(
    source: Source,
    start: int,
    size: int,
    budget: Budget,
    tensors: dict[str, torch.Tensor],
    names: dict[int, list[str]],
    nodes: list[dict[str, object]],
) -> None:
    for number, wire, at, length in fields_of(source, start, start + size, budget):
        if wire != 2:
            continue
        if number == 5:
            name, tensor = _tensor(source, at, length, budget)
            if name in tensors:
                raise Refused(f"it has two tensors called {shown(name)}")
            budget.named(tensor.numel() * tensor.element_size())
            tensors[name] = tensor
        elif number in names:
            found = [
                text_at(source, a, n) for f, w, a, n in fields_of(source, at, at + length, budget) if (f, w) == (1, 2)
            ]
            names[number] += found
        elif number == 1 and len(nodes) < _MOST_NODES:
            nodes.append(_node(source, at, length, budget))


def _node(source: Source, start: int, size: int, budget: Budget) -> dict[str, object]:
    """One operation: its kind, the names of what it takes and gives, and its attributes."""
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, int | str | list[int]] = {}
    kind = ""
    for number, wire, at, length in fields_of(source, start, start + size, budget):
        if wire == 2 and number in (1, 2):
            (inputs if number == 1 else outputs).append(text_at(source, at, length))
        elif wire == 2 and number == 4:
            kind = text_at(source, at, length)
        elif wire == 2 and number == 5 and len(attributes) < _MOST_ATTRIBUTES:
            attributes |= _attribute(source, at, length, budget)
    return {"op": kind, "inputs": inputs, "outputs": outputs, "attributes": attributes}


def _attribute(source: Source, start: int, size: int, budget: Budget) -> dict[str, int | str | list[int]]:
    """Name → a whole number, a text or whole numbers; none of the other kinds (floats, tensors, graphs)."""
    name, found, several = "", list[int | str](), list[int]()
    for number, wire, at, length in fields_of(source, start, start + size, budget):
        if number == 1 and wire == 2:
            name = text_at(source, at, length)
        elif number == 3 and wire == 0:
            found.append(_signed(at))
        elif number == 4 and wire == 2 and length <= MAX_NAME:
            found.append(source.read_at(at, length).decode("utf-8", "replace"))
        elif number == 8:
            several += map(_signed, [at] if wire == 0 else varints(source, at, length, budget))
        if len(several) > _MOST_NUMBERS:
            raise Refused("an operation in the ONNX file has too many numbers")
    return {name: several} if several else {name: found[-1]} if found else {}


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _tensor(source: Source, start: int, size: int, budget: Budget) -> tuple[str, torch.Tensor]:
    dims: list[int] = []
    code, name, raw = 0, "", None
    packed: list[Field] = []
    for field in fields_of(source, start, start + size, budget):
        number, wire, at, length = field
        if number == 1:
            dims += [at] if wire == 0 else varints(source, at, length, budget)
        elif number == 2 and wire == 0:
            code = at
        elif number == 8 and wire == 2:
            name = text_at(source, at, length)
        elif number == 9 and wire == 2:
            raw = (at, length)
        elif number == 13 or (number == 14 and at != 0):
            raise Refused("its weights lie in another file", "Choose an ONNX file that holds its weights itself")
        elif number in _FIXED or number in _VARINTS:
            packed.append(field)
    dtype, shape = _DTYPES.get(code), whole_numbers(dims, "shape")
    if dtype is None:
        raise Refused(f"tensor {shown(name)} is of type {code}, which this reader does not know")
    count = math.prod(shape)
    if raw is None:
        flat = _from_fields(source, packed, dtype, budget)
    elif packed or raw[1] != count * item_size(dtype):
        raise Refused(f"tensor {shown(name)} is not as long as its shape says")
    else:
        flat = read_flat(source, raw[0], count, dtype, budget)
    if flat.numel() != count or math.prod(extent for extent in shape if extent) > 1 << 48:
        raise Refused(f"tensor {shown(name)} is not as long as its shape says")
    return name, flat.view(shape)


def _from_fields(source: Source, fields: list[Field], dtype: torch.dtype, budget: Budget) -> torch.Tensor:
    """Elements written as protobuf numbers: floats as they are, integers as varints, half floats as their bits."""
    data, whole = bytearray(), array.array("Q")
    if (
        len(fields) == 1
        and fields[0][1] == 2
        and _FIXED.get(fields[0][0]) == item_size(dtype)
        and dtype.is_floating_point
    ):
        _, _, at, length = fields[0]
        return read_flat(source, at, length // item_size(dtype), dtype, budget)
    for number, wire, at, length in fields:
        if number in _FIXED:
            if dtype not in (torch.float32, torch.float64, torch.complex64) or wire == 0:
                raise Refused("a tensor says one type and holds another")
            budget.allocate(length)
            data += source.read_at(at, length)
        else:
            values = [at] if wire == 0 else varints(source, at, length, budget)
            budget.allocate(8 * len(values))
            whole.extend(values)
    if fields and any(field[0] in _FIXED for field in fields) != (not whole):
        raise Refused("a tensor says one type and holds another")
    if whole:
        width = item_size(dtype)
        if dtype in (torch.float32, torch.float64, torch.complex64):
            raise Refused("a tensor says one type and holds another")
        if sys.byteorder == "big":
            whole.byteswap()
        wide = torch.frombuffer(bytearray(whole.tobytes()), dtype=torch.uint8).view(-1, 8)
        budget.allocate(wide.numel())
        data = bytearray(wide[:, :width].contiguous().numpy().tobytes())
    if len(data) % item_size(dtype):
        raise Refused("a tensor is not as long as its shape says")
    return read_flat(Source(data), 0, len(data) // item_size(dtype), dtype, budget)
