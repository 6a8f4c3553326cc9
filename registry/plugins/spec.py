"""An editor's declaration, read from its handler's typed signature and checked when it is loaded."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from registry.errors import BadInput, BadSpec
from registry.plugins.signature import REQUIRED, Input, read_signature
from registry.plugins.steps import Step
from registry.spoilt import spoilt
from registry.subjects import COLLECTIONS, Pixels, Subject, collection
from registry.weights import Net

API_VERSION = 1
"""Raised when plugins written for this Facet could not run on an older one; `@editor(api=…)` asks for at least that."""

TASKS = (
    "restyle",
    "drag",
    "attribute",
    "adapt",
    "translate",
    "enlarge",
    "parse",
    "generate",
    "train",
    "animate",
    "mix",
    "invert",
    "paste",
)
"""The tasks Facet's own editors have. A plugin may name another; editors of one task can be compared."""

# Words that are commands of `facet` or pages, and so cannot be an editor's id.
_RESERVED = (
    "addons api batch check compare direction docs facet history import_artifact list replay serve subject weights"
)
RESERVED_IDS = frozenset(_RESERVED.split())

Handler = Callable[..., Iterator[Step]]
Follow = Callable[[Any, Subject, Subject], Callable[[Subject], Pixels]]
"""Takes a `Context`, a subject, and the picture that it was cut from; see `editor`."""


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
    trial: Mapping[str, Any] = field(default_factory=dict)
    live: bool = False
    follow: Follow | None = None
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

    @property
    def film(self) -> str:
        """``"always"`` or ``"maybe"`` if it makes films, else empty."""
        return next((entry.kind.film for entry in self.inputs if entry.kind.film), "")

    @property
    def seed_input(self) -> str:
        """The input that fixes the run: the one called ``seed``, else the only Seed there is; empty without any."""
        seeds = [entry.name for entry in self.inputs if entry.kind.fixes_run]
        return "seed" if "seed" in seeds else next(iter(seeds), "")

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
        for entry in self.inputs:  # marks need the picture they lie on, strengths the one whose generator has them
            for on in entry.kind.depends_on:
                entry.kind.check_on(checked[entry.name], checked[on], entry.name)
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
    trial: Mapping[str, Any] | None = None,
    live: bool = False,
    follow: Follow | None = None,
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
        trial: inputs that make it quick (few steps, a small size), for the conformance kit and ``facet check``.
        live: its first step already has the final picture, within a fraction of a second: the page shows that step
            while sliders move, and keeps nothing until the button is pressed.
        follow: for an editor that puts a subject back into the picture it was cut from (a `SourcePicture`): makes, from
            a `Context`, the subject and that picture, a function that takes the subject while another edit changes it
            (with its code, if the edit tells one), and gives what that looks like in the whole picture: quickly, on the
            CPU, at most 512 pixels wide and high. With it the page offers to see every edit there. It may raise
            BadInput where that is unknown.
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
                id=id,
                title=title,
                task=task,
                version=version,
                api=api,
                doc=first.strip(),
                about=rest.strip(),
                handler=handler,
                inputs=(),
                gpu_seconds=seconds,
                nets=tuple(nets),
                tags=tuple(tags),
                trial=dict(trial or {}),
                live=live,
                follow=follow,
            )
            _verify(made)
            made = replace(made, inputs=read_signature(handler))
            if follow is not None and not any(entry.kind.cut_from for entry in made.inputs):
                raise BadSpec("follow is for an editor with a SourcePicture, which its subject was cut from")
            _verify_trial(made)
            return made
        except BadSpec as problem:
            raise BadSpec(f"editor {id!r}: {problem}") from None

    return declare


def _constant(seconds: float) -> Callable[..., float]:
    return lambda **_: seconds


def _verify(spec: EditorSpec) -> None:
    """Raise BadSpec for anything wrong outside the signature."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", spec.id):
        raise BadSpec("the id must be 2 to 40 lower-case letters, digits and underscores, starting with a letter")
    if spec.id in RESERVED_IDS:
        raise BadSpec("the id is a word that Facet needs itself; choose another")
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


def _is_spoilt_sample(value: Any) -> bool:
    """Whether a trial names a bundled picture that is damaged or gone here."""
    id = value.removeprefix("sample:") if isinstance(value, str) and value.startswith("sample:") else ""
    here = (entry.id for name in COLLECTIONS for entry in collection(name))
    return bool(id) and (bool(spoilt()) or id in here)


def _verify_trial(spec: EditorSpec) -> None:
    for name, value in spec.trial.items():
        try:
            spec.input(name).check(value)
        except StopIteration:
            raise BadSpec(f"trial names {name!r}, which is no input") from None
        except BadInput as problem:
            if _is_spoilt_sample(value):  # no fault of the editor's
                continue
            raise BadSpec(f"trial: {problem}") from None
