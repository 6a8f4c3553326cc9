"""Records of a pickle into tensors and plain values, by a fixed table of what is known.

Nothing is looked up by a name from the file: a name is only compared with those in `records`.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch

from registry.readers.limits import Budget, Refused, shown
from registry.readers.pickle_machine import decoded
from registry.readers.records import (
    ARRAY,
    ARRAY_FROM_BUFFER,
    DTYPE,
    LOAD_STORAGE,
    REBUILD_PARAMETER,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V3,
    REBUILD_TYPED,
    SCALAR,
    Call,
    Pairs,
    PersistentId,
    Record,
    Span,
)
from registry.readers.storages import NUMPY_TYPES, item_size, raw_bytes, read_flat, strided, torch_type, whole_numbers
from registry.readers.torch_files import Fetch, open_stream

Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"
LONGEST_TEXT = 4096  # characters of a text that is kept as metadata
_TENSORS = REBUILD_TENSOR | REBUILD_PARAMETER | {REBUILD_TENSOR_V3, REBUILD_TYPED, ARRAY, ARRAY_FROM_BUFFER}


class NoNumbers(Refused):
    """An array of texts, dates or objects: no weights."""


def is_tensor(record: Record) -> bool:
    """Whether a record is one that `Interpreter.tensor` reads."""
    return isinstance(record, Call) and record.dotted in _TENSORS


class Interpreter:
    """Reads the tensors and small values that records describe.

    Args:
        budget: pays for them.
        fetch: gives the storage behind a persistent id, where the file has such.
    """

    def __init__(self, budget: Budget, fetch: Fetch | None = None) -> None:
        self.budget, self._fetch = budget, fetch
        self._tensors: dict[int, torch.Tensor] = {}  # by id of the record, which its root keeps alive
        self._storages: dict[int, torch.Tensor] = {}

    def tensor(self, record: Call) -> torch.Tensor:
        """The tensor that a record describes; the same record gives the same tensor.

        Raises:
            Refused: a storage or geometry that is not as it says.
        """
        found = self._tensors.get(id(record))
        if found is None:
            found = self._tensors[id(record)] = self._make(record)
        return found

    def _make(self, record: Call) -> torch.Tensor:
        for _ in range(4):  # a parameter of a typed tensor is the deepest wrapping there is
            name, arguments = record.dotted, record.arguments
            if name in REBUILD_PARAMETER and arguments:
                record = arguments[0]
            elif name == REBUILD_TYPED and len(arguments) >= 3 and isinstance(arguments[2], tuple):
                record = Call(arguments[0], arguments[2])
            elif name in REBUILD_TENSOR and len(arguments) >= 4:
                offset, size, stride = arguments[1:4]
                return strided(self._flat(arguments[0]), offset, size, stride, self.budget)
            elif name == REBUILD_TENSOR_V3 and len(arguments) >= 7:
                return self._untyped(arguments)
            elif name == SCALAR and len(arguments) == 2:
                return self._array((1, (), arguments[0], False, arguments[1]))
            elif name == ARRAY:
                return self._array(record.state)
            elif name == ARRAY_FROM_BUFFER and len(arguments) == 4:
                raw, dtype, shape, order = arguments
                return self._array((1, shape, dtype, order == "F", raw))
            if not is_tensor(record):
                break
        raise Refused("a tensor is described in a way that this reader does not know")

    def _flat(self, record: Record) -> torch.Tensor:
        if isinstance(record, PersistentId) and self._fetch is not None:
            return self._fetch(record.pid)
        if not isinstance(record, Call) or record.dotted != LOAD_STORAGE or len(record.arguments) != 1:
            raise Refused("a tensor has no storage")
        if id(record) not in self._storages:
            source, start, size = raw_bytes(record.arguments[0], self.budget)
            root, fetch = open_stream(source, start, start + size, self.budget)
            if not isinstance(root, PersistentId):
                raise Refused("a nested storage holds something else than a storage")
            self._storages[id(record)] = fetch(root.pid)
        return self._storages[id(record)]

    def _untyped(self, arguments: tuple[Record, ...]) -> torch.Tensor:
        """Torch's form for element types without a storage class: the storage is bytes, the type is an argument."""
        flat, dtype = self._flat(arguments[0]), torch_type(arguments[6], "tensor")
        if flat.dtype != torch.uint8 or flat.numel() % item_size(dtype) or dtype == torch.bool:
            raise Refused("a storage is not as long as it says")
        offset, size, stride = arguments[1:4]
        return strided(flat.view(dtype) if flat.numel() else flat.to(dtype), offset, size, stride, self.budget)

    def _array(self, state: Record) -> torch.Tensor:
        """A NumPy array from ``(version, shape, dtype, is Fortran order, bytes)``."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise Refused("a NumPy array is damaged")
        shape, dtype = whole_numbers(state[1], "shape"), self._numpy_type(state[2])
        source, start, size = raw_bytes(state[4], self.budget)
        if math.prod(shape) * item_size(dtype) != size:
            raise Refused("a NumPy array is not as long as it says")
        flat = read_flat(source, start, math.prod(shape), dtype, self.budget)
        if state[3] is True and len(shape) > 1:
            steps = [math.prod(shape[:axis]) for axis in range(len(shape))]
            return strided(flat, 0, shape, steps, self.budget)
        steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
        return strided(flat, 0, shape, steps, self.budget)

    def _numpy_type(self, record: Record) -> torch.dtype:
        code = record.arguments[0] if isinstance(record, Call) and record.dotted == DTYPE and record.arguments else None
        state = record.state if isinstance(record, Call) else None
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else "|"
        found = NUMPY_TYPES.get(code) if isinstance(code, str) else None
        if found is None or order not in ("<", "|", "="):
            raise NoNumbers(f"a NumPy array holds what is no plain little-endian number ({shown(code)})")
        return found

    def scalar(self, record: Call) -> Plain:
        """A NumPy number as Python's."""
        value = self.tensor(record).item()
        return value if isinstance(value, (bool, int, float)) else None

    def text(self, span: Span) -> str:
        """A long text or bytes as metadata: only its length, or the text itself up to `LONGEST_TEXT` characters."""
        if not span.encoding or span.size > 4 * LONGEST_TEXT:
            return f"<{span.size} bytes>"
        self.budget.node(1, 8 * span.size)
        text = decoded(span.source.read_at(span.start, span.size), span.encoding)
        return text if len(text) <= LONGEST_TEXT else f"<{span.size} bytes>"


def entries(pairs: Pairs) -> list[tuple[Record, Record]]:
    """A dict's entries in order; a later one replaces an earlier one of the same text key, as in Python."""
    out: dict[object, tuple[Record, Record]] = {}
    for index in range(0, len(pairs) - 1, 2):
        key = pairs[index]
        out[key if type(key) in (str, int, bool) else (index,)] = (key, pairs[index + 1])
    return list(out.values())
