"""An editor's declaration, read from its handler's typed signature and checked when it is loaded."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from registry.errors import BadInput, BadSpec
from registry.inputs import Kind, Picture, Seed, Slider
from registry.marks import Paint, Points
from registry.steps import Step
from registry.subject import Subject
from registry.weights.declare import Net

API_VERSION = 1
"""Raised when plugins written for this Facet could not run on an older one; `@editor(api=…)` asks for at least that."""

TASKS = ("restyle", "drag", "attribute", "adapt", "translate", "generate")
"""The tasks Facet's own editors have. A plugin may name another; editors of one task can be compared."""

# Names that the surfaces need for themselves (command-line options, recipe fields).
RESERVED = frozenset({"ctx", "editor", "out", "json", "help", "device", "threads", "recipe", "api_name"})

Handler = Callable[..., Iterator[Step]]


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
        row["required"] = self.default is REQUIRED
        if self.default is not REQUIRED:
            row["default"] = self.default if self.default is None else self.kind.record(self.default)
        return row


@dataclass(frozen=True)
class EditorSpec:
    """Everything the surfaces know about an editor. Made by `@editor`; calling it calls the handler."""

    id: str
    title: str
    task: str
    version: str
    api: int
    doc: str
    about: str
    handler: Handler
    inputs: tuple[Input, ...]
    gpu_seconds: Callable[..., float]
    nets: tuple[Net, ...] = ()
    tags: tuple[str, ...] = ()
    plugin: str = ""  # who brought it: "built-in", a distribution with version, or a file; set by the loader

    def __call__(self, ctx: Any, **inputs: Any) -> Iterator[Step]:
        """Call the handler, as a test would."""
        return self.handler(ctx, **inputs)

    def input(self, name: str) -> Input:
        """The declared input with that name. Raises KeyError."""
        return next(entry for entry in self.inputs if entry.name == name)

    @property
    def takes_subject(self) -> bool:
        """Whether it edits a picture (False for an editor that makes one)."""
        return any(entry.name == "subject" for entry in self.inputs)

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All inputs, converted, defaults filled in. Raises BadInput for the first wrong, unknown or missing one."""
        names = [entry.name for entry in self.inputs]
        for name in values:
            if name not in names:
                raise BadInput(name, f"is no input of {self.id}", f"It has: {', '.join(names)}.")
        checked: dict[str, Any] = {}
        for entry in self.inputs:
            if entry.name in values:
                checked[entry.name] = entry.check(values[entry.name])
            elif entry.default is REQUIRED:
                raise BadInput(entry.name, "is missing", entry.kind.doc)
            else:
                checked[entry.name] = None if entry.default is None else entry.check(entry.default)
        for entry in self.inputs:  # marks need the picture they lie on
            if isinstance(entry.kind, (Points, Paint)):
                entry.kind.check_on(checked[entry.name], checked[entry.kind.on], entry.name)
        return checked

    def record(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Checked inputs as JSON, for the recipe."""
        return {
            entry.name: None if values[entry.name] is None else entry.kind.record(values[entry.name])
            for entry in self.inputs
        }

    def describe(self) -> dict[str, Any]:
        """As JSON, for ``facet list --json`` and the docs."""
        return {
            "id": self.id,
            "title": self.title,
            "task": self.task,
            "version": self.version,
            "doc": self.doc,
            "plugin": self.plugin,
            "tags": list(self.tags),
            "inputs": [entry.describe() for entry in self.inputs],
            "weights": [net.describe() for net in self.nets],
        }


def editor(
    id: str,
    title: str,
    *,
    task: str,
    version: str = "1.0",
    gpu_seconds: float | Callable[..., float] = 30,
    nets: tuple[Net, ...] = (),
    tags: tuple[str, ...] = (),
    api: int = 1,
) -> Callable[[Handler], EditorSpec]:
    """Declare an editor. The decorated handler is a generator of `Step`s with typed keyword-only inputs.

    Args:
        id: what the command line, HTTP and MCP call it: lower-case letters, digits and ``_``.
        title: what its tab says.
        task: what it does to a picture (see `TASKS`); editors of one task can be compared.
        version: raised when the same inputs would give another picture; recorded in every recipe.
        gpu_seconds: an estimate of GPU time, a number or a function of the inputs.
        nets: the networks it uses, fetched by ``ctx.net(name)``.
        tags: words to find it by.
        api: the API_VERSION it was written for.

    Raises:
        BadSpec: the declaration is wrong; the text says where and how to mend it.
    """

    def declare(handler: Handler) -> EditorSpec:
        try:
            seconds = gpu_seconds if callable(gpu_seconds) else _constant(float(gpu_seconds))
            doc = inspect.cleandoc(handler.__doc__ or "")
            first, _, rest = doc.partition("\n")
            made = EditorSpec(
                id,
                title,
                task,
                version,
                api,
                first.strip(),
                rest.strip(),
                handler,
                (),
                seconds,
                tuple(nets),
                tuple(tags),
            )
            _verify(made)
            return replace(made, inputs=_read_signature(handler))
        except BadSpec as problem:
            raise BadSpec(f"editor {id!r}: {problem}") from None

    return declare


def _constant(seconds: float) -> Callable[..., float]:
    return lambda **_: seconds


def _verify(spec: EditorSpec) -> None:
    """Raise BadSpec for anything wrong outside the signature."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", spec.id):
        raise BadSpec("the id must be 2 to 40 lower-case letters, digits and underscores, starting with a letter")
    if not spec.title.strip() or len(spec.title) > 40:
        raise BadSpec("the title must have 1 to 40 characters")
    if not re.fullmatch(r"[a-z][a-z_]*", spec.task):
        raise BadSpec("the task must be one lower-case word")
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", spec.version):
        raise BadSpec("the version must look like 1.0 or 1.0.2")
    if spec.api > API_VERSION:
        raise BadSpec(f"it needs plugin API {spec.api} and this Facet has {API_VERSION}: install a newer Facet")
    if not inspect.isgeneratorfunction(spec.handler):
        raise BadSpec("the handler must be a generator that yields Steps: write “yield Step(…)” in it")
    if len(spec.doc) < 10:
        raise BadSpec("the handler needs a docstring: its first line is what the tab says about it")
    if not all(isinstance(net, Net) for net in spec.nets):
        raise BadSpec("nets must be a tuple of Net")


def _read_signature(handler: Handler) -> tuple[Input, ...]:
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
        if isinstance(entry.kind, (Points, Paint)) and entry.kind.on not in names:
            raise BadSpec(f"input {entry.name!r} is drawn on {entry.kind.on!r}, which is no input")
        if entry.name == "subject" and not isinstance(entry.kind, Picture):
            raise BadSpec("the input called 'subject' must be Annotated[Subject, Picture()]")
    if sum(isinstance(entry.kind, Seed) for entry in inputs) > 1:
        raise BadSpec("an editor has at most one Seed")
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
        kind.verify(bare)
    except BadSpec as problem:
        raise BadSpec(f"input {name!r}: {problem}") from None
    if isinstance(kind, Slider):
        kind = replace(kind, whole=bare is int)
    default = REQUIRED if parameter.default is parameter.empty else parameter.default
    entry = Input(name, kind, default, optional or isinstance(kind, Paint))
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
