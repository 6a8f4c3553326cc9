"""Reading an editor's inputs from its handler's typed signature, once, when it is declared."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from registry.errors import BadInput, BadSpec
from registry.inputs import Kind, Picture
from registry.subjects import Subject

# Names that the surfaces need for themselves (command-line options, recipe fields).
RESERVED = frozenset(
    {
        "ctx",
        "editor",
        "out",
        "json",
        "help",
        "device",
        "threads",
        "recipe",
        "task",
        "methods",
        "api_name",
        "further",
        "strict",
    }
)


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Any = _Required()


@dataclass(frozen=True)
class Input:
    """One declared input: name, kind, default (`REQUIRED` if there is none) and whether None is allowed."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    optional: bool = False

    @property
    def label(self) -> str:
        """How the page calls it."""
        return self.kind.label or self.name.replace("_", " ").capitalize()

    def check(self, value: Any) -> Any:
        """The value, converted. Raises BadInput naming this input."""
        if value is None and self.optional:
            return None
        return self.kind.check(value, self.name)

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        row = {"name": self.name, "label": self.label, "doc": self.kind.doc, **self.kind.describe()}
        row["schema"] = self.kind.schema()
        row["required"] = self.default is REQUIRED
        if self.default is not REQUIRED:
            row["default"] = self.default if self.default is None else self.kind.record(self.default)
        return row


def read_signature(handler: Callable[..., Any]) -> tuple[Input, ...]:
    """The inputs of a handler ``f(ctx, *, name: Annotated[type, Kind(…)] = default, …)``.

    Raises:
        BadSpec: the signature is not of that form; the text names the argument and the mend.
    """
    parameters = list(inspect.signature(handler).parameters.values())
    if not parameters or parameters[0].name != "ctx" or parameters[0].kind is parameters[0].KEYWORD_ONLY:
        raise BadSpec("the handler's first argument must be ctx")
    try:
        hints = get_type_hints(handler, include_extras=True)
    except NameError as problem:
        raise BadSpec(f"an annotation cannot be resolved: {problem}") from None
    inputs = tuple(_read_parameter(parameter, hints.get(parameter.name)) for parameter in parameters[1:])
    names = {entry.name: entry for entry in inputs}
    for entry in inputs:
        for on in entry.kind.depends_on:  # marks, and strengths of what the picture's generator offers
            if on not in names:
                raise BadSpec(f"input {entry.name!r} is drawn on {on!r}, which is no input")
        if entry.name == "subject" and not entry.kind.is_picture:
            raise BadSpec("the input called 'subject' must be Annotated[Subject, Picture()]")
    seeds = [entry.name for entry in inputs if entry.kind.fixes_run]
    if len(seeds) > 1 and "seed" not in seeds:
        raise BadSpec("of several Seeds, the one that fixes the run must be called 'seed'")
    return inputs


def _read_parameter(parameter: inspect.Parameter, hint: Any) -> Input:
    name = parameter.name
    if parameter.kind is not parameter.KEYWORD_ONLY:
        raise BadSpec(f"input {name!r} must be keyword-only: put “*,” after ctx")
    if name in RESERVED or name.startswith("_"):
        raise BadSpec(f"input {name!r} has a name that Facet needs itself; choose another")
    if hint is Subject:
        hint = Annotated[Subject, Picture()]
    annotation, optional = _strip_optional(hint)
    kinds = [extra for extra in get_args(annotation)[1:] if isinstance(extra, Kind)]
    if get_origin(annotation) is not Annotated or len(kinds) != 1:
        raise BadSpec(f"input {name!r} must be annotated with one kind, e.g. Annotated[int, Slider(1, 9, doc=…)]")
    bare, also_optional = _strip_optional(get_args(annotation)[0])
    optional, kind = optional or also_optional, kinds[0]
    try:
        kind = kind.declared(bare)
    except BadSpec as problem:
        raise BadSpec(f"input {name!r}: {problem}") from None
    default = REQUIRED if parameter.default is parameter.empty else parameter.default
    entry = Input(name, kind, default, optional or kind.nullable)
    if default is None and not entry.optional:
        raise BadSpec(f"input {name!r} defaults to None, so its type must allow None")
    if default is not REQUIRED and default is not None:
        try:
            kind.check(default, name)
        except BadInput as problem:
            raise BadSpec(f"the default of {problem}") from None
    return entry


def _strip_optional(hint: Any) -> tuple[Any, bool]:
    """`T | None` → (T, True); anything else → (hint, False)."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [part for part in get_args(hint) if part is not type(None)]
        if len(rest) == 1 and len(rest) < len(get_args(hint)):
            return rest[0], True
    return hint, False
