"""What a walk through a file has found so far: tensors by name, facts of layers, and what was left out."""

from __future__ import annotations

import hashlib

import torch

from registry.readers.interpret import Interpreter, Plain
from registry.readers.limits import MAX_NAME, Refused, shown
from registry.readers.networks import named_entries
from registry.readers.records import Call, Items, Pairs, Record, Span

OF_LAYERS = frozenset({"conv_clamp"})  # facts that NVlabs' layers keep and their constructors' arguments may leave out


class Gathered:
    """The state of a `Visitor`.

    Args:
        interpreter: reads the values.
        warnings: gathers what was left out.
    """

    def __init__(self, interpreter: Interpreter, warnings: list[str]) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self._parts: dict[str, dict[str, Plain]] = {}  # of the network that is being walked: facts of its layers
        self._interpreter, self._budget, self._warnings = interpreter, interpreter.budget, warnings

    def _hash(self, source: Record) -> str | None:
        if isinstance(source, Span):
            self._budget.node(1, source.size)
            return hashlib.sha256(source.source.read_at(source.start, source.size)).hexdigest()
        return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest() if isinstance(source, str) else None

    def _keep(self, name: str, tensor: torch.Tensor) -> None:
        if len(name) > MAX_NAME or not name.isprintable():
            raise Refused("a tensor has a name that is too long or no valid text")
        if name in self.tensors:
            raise Refused(f"it has two tensors called {shown(name)}")
        self._budget.node(4, len(name))  # a tensor without its numbers
        self._budget.named(tensor.numel() * tensor.element_size())
        self.tensors[name] = tensor

    def _texts(self, record: Record) -> frozenset[str]:
        parts = record.arguments[0] if isinstance(record, Call) and record.arguments else record
        if not isinstance(parts, (list, Items)):
            return frozenset()
        self._budget.node(len(parts))
        return frozenset(part for part in parts if isinstance(part, str))

    def _warn(self, text: str) -> None:
        if text not in self._warnings and len(self._warnings) < 20:
            self._warnings.append(text)

    def _left_out(self, kind: str) -> str:
        self._warn(f"left out an object of class {shown(kind)}")
        return f"<{shown(kind)}>"

    def _note_part(self, part: str, state: Pairs) -> None:
        """What a layer says of itself and its tensors do not show."""
        for key, value in named_entries(state):
            if key in OF_LAYERS and (value is None or type(value) in (int, float)):
                self._budget.node(2, len(part))
                self._parts.setdefault(part, {})[key] = value
