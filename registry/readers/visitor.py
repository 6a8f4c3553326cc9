"""Walks what a file holds: which tensors, under which names, with which plain facts beside them.

Modules are read as their `__dict__` lies in the file (`_parameters`, `_buffers`, `_modules`); the source text that
NVlabs' files carry is only hashed.
"""

from __future__ import annotations

from registry.readers.gathered import Gathered
from registry.readers.interpret import NoNumbers, Plain, is_tensor
from registry.readers.limits import MAX_DEPTH, Refused, shown
from registry.readers.networks import as_pairs, dotted, module_state, named_entries
from registry.readers.records import PERSISTENT, SCALAR, SEQUENCES, TF_NETWORK, Call, Global, Pairs, Record, Span

NOTHING = object()  # what is left of a tensor among the plain values


class Visitor(Gathered):
    """Walks one entry of a file, gathers its tensors by name and gives back what else it holds."""

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
            try:
                self._keep(name, self._interpreter.tensor(record))
            except NoNumbers:
                self._warn(f"left out {shown(name) or 'an array'}, which holds no numbers")
            return NOTHING
        kind, pairs = record.dotted, as_pairs(record, self._budget)
        if pairs is not None:
            return self._dict(pairs, name, depth)
        state = module_state(record, self._budget)
        if state is not None:
            return self._network(record, state, name, depth)
        if kind == TF_NETWORK:
            return self._tf_network(record, name, depth)
        if kind == SCALAR:
            try:
                return self._interpreter.scalar(record)
            except NoNumbers:
                return self._left_out("numpy.generic")
        if kind in SEQUENCES:
            self._budget.looked_through(len(record.arguments))
            return self._list([part for part in record.arguments if isinstance(part, (list, tuple))], name, depth)
        if kind == "torch.device" or kind.startswith("pathlib."):
            return "".join(part for part in record.arguments[-1:] if isinstance(part, str))
        return self._left_out(kind)

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

    def _network(self, record: Call, state: Pairs, name: str, depth: int) -> object:
        """A whole network: its tensors, and what it and its layers say of themselves."""
        around, self._parts = self._parts, {}
        self._module(state, name, depth, "")
        facts = self._facts(record, state, depth)
        if self._parts:
            facts["parts"] = self._parts
        self._parts = around
        return facts

    def _module(self, state: Pairs, name: str, depth: int, part: str) -> None:
        """A module's tensors under `name`; inside its network it is called `part`."""
        if depth > MAX_DEPTH:
            raise Refused("its objects are nested too deeply, or contain themselves")
        self._budget.node(len(state))
        skipped = self._texts(state.get("_non_persistent_buffers_set"))
        for group in ("_parameters", "_buffers"):
            held = as_pairs(state.get(group), self._budget) or Pairs()
            self._budget.node(len(held))
            for key, value in named_entries(held):
                if value is None or (group == "_buffers" and key in skipped):
                    continue
                if key is None or not is_tensor(value):
                    raise Refused(f"it has a parameter {shown(key)} that is no tensor")
                self._keep(f"{name}.{key}" if name else key, self._interpreter.tensor(value))
        parts = as_pairs(state.get("_modules"), self._budget) or Pairs()
        self._budget.node(len(parts))
        for key, value in named_entries(parts):
            if key is not None and value is not None:
                inner = module_state(value, self._budget)
                if inner is None:
                    raise Refused(f"it has a part {shown(key)} that is no network")
                self._budget.node(1, len(name) + len(part))
                below = f"{part}.{key}" if part else key
                self._note_part(below, inner)
                self._module(inner, f"{name}.{key}" if name else key, depth + 1, below)

    def _facts(self, record: Call, state: Pairs, depth: int) -> dict[str, object]:
        """What a network says of itself: class, constructor arguments, plain attributes, hash of its source."""
        facts: dict[str, object] = {"class_name": shown(record.dotted)}
        if record.dotted == PERSISTENT:
            about = as_pairs(record.arguments[0], self._budget) or Pairs()
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
        state = as_pairs(record.state, self._budget) if depth <= MAX_DEPTH else None
        variables = state.get("variables") if state is not None else None
        if state is None or not isinstance(variables, list):
            raise Refused("it holds a TensorFlow network without variables")
        for pair in variables:
            if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
                raise Refused("it holds a TensorFlow variable that is no named array")
            if not is_tensor(pair[1]) and dotted(pair[1]) != SCALAR:
                raise Refused("it holds a TensorFlow variable that is no named array")
            self._keep(f"{name}{pair[0]}", self._interpreter.tensor(pair[1]))
        for key, part in named_entries(as_pairs(state.get("components"), self._budget) or Pairs()):
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
