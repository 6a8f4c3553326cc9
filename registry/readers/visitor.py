"""Walks what a file holds: which tensors, under which names, with which plain facts beside them.

Modules are read as their `__dict__` lies in the file (`_parameters`, `_buffers`, `_modules`); the source text that
NVlabs' files carry is only hashed.
"""

from __future__ import annotations

import hashlib

import torch

from registry.readers.interpret import Interpreter, Plain, is_tensor
from registry.readers.limits import MAX_DEPTH, MAX_NAME, Refused, shown
from registry.readers.networks import as_pairs, dotted, module_state, named_entries
from registry.readers.records import PERSISTENT, SCALAR, SEQUENCES, TF_NETWORK, Call, Global, Items, Pairs, Record, Span

NOTHING = object()  # what is left of a tensor among the plain values


class Visitor:
    """Walks one entry of a file, gathers its tensors by name and gives back what else it holds.

    Args:
        interpreter: reads the values.
        warnings: gathers what was left out.
    """

    def __init__(self, interpreter: Interpreter, warnings: list[str]) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self._interpreter, self._budget, self._warnings = interpreter, interpreter.budget, warnings

    def visit(self, record: Record, name: str = "", depth: int = 0) -> object:
        """The plain value of `record` (JSON's types), or `NOTHING`; its tensors are put under `name`.

        Raises:
            Refused: nested too deeply, which every object that contains itself is; or a damaged tensor.
        """
        if record is None or isinstance(record, (bool, int, float, str)):
            self._budget.node()
            return record
        self._budget.node(1, len(name))
        if depth > MAX_DEPTH:
            raise Refused("its objects are nested too deeply, or contain themselves")
        if isinstance(record, Call):
            return self._call(record, name, depth)
        if isinstance(record, Pairs):
            return self._dict(record, name, depth)
        if isinstance(record, (list, tuple)):
            return self._list(record, name, depth)
        if isinstance(record, Span):
            return self._interpreter.text(record)
        if isinstance(record, bytes):
            return f"<{len(record)} bytes>"
        return f"<{shown(record.dotted)}>" if isinstance(record, Global) else "<reference>"

    def _call(self, record: Call, name: str, depth: int) -> object:
        if is_tensor(record):
            self._keep(name, self._interpreter.tensor(record))
            return NOTHING
        kind, pairs = record.dotted, as_pairs(record)
        if pairs is not None:
            return self._dict(pairs, name, depth)
        state = module_state(record)
        if state is not None:
            return self._module(record, state, name, depth)
        if kind == TF_NETWORK:
            return self._tf_network(record, name, depth)
        if kind == SCALAR:
            return self._interpreter.scalar(record)
        if kind in SEQUENCES:
            return self._list([part for part in record.arguments if isinstance(part, (list, tuple))], name, depth)
        if kind == "torch.device" or kind.startswith("pathlib."):
            return "".join(part for part in record.arguments[-1:] if isinstance(part, str))
        self._warn(f"left out an object of class {shown(kind)}")
        return f"<{shown(kind)}>"

    def _dict(self, pairs: Pairs, name: str, depth: int) -> object:
        self._budget.node(len(pairs))
        out: dict[str, Plain] = {}
        held = len(self.tensors)
        for key, value in named_entries(pairs):
            if key is None:
                self._warn("left out an entry whose name is no text")
                continue
            plain = self.visit(value, f"{name}.{key}" if name else key, depth + 1)
            if plain is not NOTHING:
                out[key] = plain  # type: ignore[assignment]
        return out if out or len(self.tensors) == held else NOTHING

    def _list(self, parts: list[Record] | tuple[Record, ...], name: str, depth: int) -> object:
        values = [
            self.visit(part, f"{name}.{index}" if name else str(index), depth + 1) for index, part in enumerate(parts)
        ]
        kept = [value for value in values if value is not NOTHING]
        return kept if kept or not values else NOTHING

    def _module(self, record: Call, state: Pairs, name: str, depth: int) -> object:
        self._budget.node(len(state))
        skipped = self._texts(state.get("_non_persistent_buffers_set"))
        for group in ("_parameters", "_buffers"):
            held = as_pairs(state.get(group)) or Pairs()
            self._budget.node(len(held))
            for key, value in named_entries(held):
                if value is None or (group == "_buffers" and key in skipped):
                    continue
                if key is None or not is_tensor(value):
                    raise Refused(f"it has a parameter {shown(key)} that is no tensor")
                self._keep(f"{name}.{key}" if name else key, self._interpreter.tensor(value))
        parts = as_pairs(state.get("_modules")) or Pairs()
        self._budget.node(len(parts))
        for key, value in named_entries(parts):
            if key is not None and value is not None:
                inner = module_state(value)
                if inner is None:
                    raise Refused(f"it has a part {shown(key)} that is no network")
                self.visit(value, f"{name}.{key}" if name else key, depth + 1)
        return self._facts(record, state, depth) if not name else NOTHING

    def _facts(self, record: Call, state: Pairs, depth: int) -> dict[str, object]:
        """What a network says of itself: class, constructor arguments, plain attributes, hash of its source."""
        facts: dict[str, object] = {"class_name": shown(record.dotted)}
        if record.dotted == PERSISTENT:
            about = as_pairs(record.arguments[0]) or Pairs()
            facts["class_name"] = shown(about.get("class_name"))
            facts["version"] = about.get("version") if type(about.get("version")) is int else None
            facts["module_sha256"] = self._hash(about.get("module_src"))
        for key in ("_init_args", "_init_kwargs"):
            facts[key[1:]] = self._without_tensors(state.get(key), depth + 1)
        facts["attributes"] = {
            shown(key): value
            for key, value in named_entries(state)
            if key is not None and not key.startswith("_") and type(value) in (bool, int, float, str)
        }
        return facts

    def _tf_network(self, record: Call, name: str, depth: int) -> object:
        """NVlabs' TensorFlow networks: `variables` is a list of names and arrays, `components` are networks."""
        self._budget.node(1, len(name))
        state = as_pairs(record.state) if depth <= MAX_DEPTH else None
        variables = state.get("variables") if state is not None else None
        if state is None or not isinstance(variables, list):
            raise Refused("it holds a TensorFlow network without variables")
        for pair in variables:
            if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
                raise Refused("it holds a TensorFlow variable that is no named array")
            if not is_tensor(pair[1]) and dotted(pair[1]) != SCALAR:
                raise Refused("it holds a TensorFlow variable that is no named array")
            self._keep(f"{name}{pair[0]}", self._interpreter.tensor(pair[1]))
        for key, part in named_entries(as_pairs(state.get("components")) or Pairs()):
            if key is None or dotted(part) != TF_NETWORK:
                raise Refused("it holds a TensorFlow network with a part that is none")
            self._tf_network(part, f"{name}{key}/", depth + 1)
        if name:
            return NOTHING
        return {
            "class_name": shown(state.get("build_func_name")),
            "version": state.get("version") if type(state.get("version")) is int else None,
            "module_sha256": self._hash(state.get("build_module_src")),
            "init_kwargs": self._without_tensors(state.get("static_kwargs"), depth + 1),
        }

    def _without_tensors(self, record: Record, depth: int) -> object:
        aside = Visitor(self._interpreter, self._warnings)
        plain = aside.visit(record, "argument", depth)
        return None if plain is NOTHING else plain

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
