"""What the columns of a comparison run: editors of one task, each with settings of its own, and sweeps of a setting."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.bounds import shown
from registry.errors import BadInput
from registry.inputs import Kind
from registry.plugins import EditorSpec, Registry
from registry.subjects import Subject

MOST_COLUMNS = 12
_NEXT = re.compile(r",(?=\s*[a-z][a-z0-9_]*\s*=)")  # what stands before the next setting's name
_COLUMN_FORM = "Write id:name=value,name=value."
_SWEEP_FORM = "Write id.name=from:to:count or id.name=a,b,c; id.name alone goes through the values of a choice."


@dataclass(frozen=True)
class Method:
    """What one column runs.

    Attributes:
        label: as one types it: ``"neural_style"``, ``"neural_style:stroke=2"``.
        spec: the editor.
        own: its own settings by name, unchecked; they go before the shared inputs.
    """

    label: str
    spec: EditorSpec
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        """Its own settings in words, empty for one with defaults."""
        return self.label.partition(":")[2]


def read_methods(
    registry: Registry, task: str, methods: Sequence[str | Method] | None = None, named: str = "methods"
) -> list[Method]:
    """The methods of a task: editor ids, or variants ``id:name=value,name=value``; all of the task if None.

    Raises:
        BadInput: no such task or editor, an editor of another task, none at all or too many.
    """
    tasks = registry.by_task()
    if task not in tasks:
        raise BadInput("task", f"no editor does {task!r}", f"There are: {', '.join(tasks)}.")
    chosen = [spec.id for spec in tasks[task]][:MOST_COLUMNS] if methods is None else list(methods)
    if not chosen:
        raise BadInput(named, "are missing", "Choose at least one.")
    if len(chosen) > MOST_COLUMNS:
        raise BadInput(named, f"are {len(chosen)}, the most is {MOST_COLUMNS}", "Leave some out.")
    found = [each if isinstance(each, Method) else read_column(registry, each, named) for each in chosen]
    for each in found:
        if each.spec.task != task:
            why = f"{each.spec.id} does {each.spec.task!r}, not {task!r}"
            raise BadInput(named, why, "Compare editors of one task.")
    return found


def read_column(registry: Registry, text: str, named: str = "column") -> Method:
    """``id`` or ``id:name=value,name=value``, with values as the command line gives them. Raises BadInput."""
    id, _, settings = text.partition(":")
    spec = registry.get(id.strip())
    own: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in _NEXT.split(settings))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise BadInput(named, f"cannot read “{part[:60]}” in “{text[:60]}”", _COLUMN_FORM)
        kind = _setting(spec, name, named)
        if name == "subject":
            raise BadInput(name, "is the same for all columns", "Give it as --subject.")
        own[name] = kind.given([value] if kind.option().repeated else value, name)
    return Method(text.strip(), spec, own)


def read_sweep(registry: Registry, text: str, named: str = "sweep") -> list[Method]:
    """A column for each value of one setting.

    Args:
        registry: where the editors are.
        text: ``id.name=from:to:count``, ``id.name=a,b,c``, or ``id.name`` of a choice or a switch; a direction of
            strengths as ``id.strengths.smile=from:to:count``.
        named: what the surface calls it.

    Raises:
        BadInput: no such editor or setting, or it cannot be swept so.
    """
    where, equals, told = text.partition("=")
    id, dot, name = where.strip().partition(".")
    if not dot or not name:
        raise BadInput(named, f"names no setting: {shown(text)}", _SWEEP_FORM)
    name, _, part = name.partition(".")
    spec = registry.get(id)
    kind = _setting(spec, name, named)
    if name == "subject" or kind.is_mark or kind.is_painted:
        raise BadInput(named, f"{name} of {spec.id} cannot be swept", "Give a --column for each instead.")
    if not equals:
        values: Sequence[Any] = list(kind.listed())
        if not values:
            raise BadInput(named, f"{name} of {spec.id} has no list of values", _SWEEP_FORM)
    elif ":" in told and (part or kind.span is not None):
        values = _counted(spec, name, told, named)
    else:
        values = [piece.strip() for piece in told.split(",") if piece.strip()]
    before = f"{name}={part}=" if part else f"{name}="
    return _columns(registry, spec, [f"{before}{_typed(value)}" for value in values], named)


def crossed(registry: Registry, spec: EditorSpec, settings: Mapping[str, Sequence[Any]], named: str) -> list[Method]:
    """A column for every combination of values of some settings, as the page sends them. Raises BadInput."""
    count = 1
    for name, values in settings.items():
        _setting(spec, name, named)
        count *= len(values)
    if not 0 < count <= MOST_COLUMNS:
        raise BadInput(named, f"are {count}, the most is {MOST_COLUMNS}", "Take fewer values.")
    names = list(settings)
    made = []
    for values in itertools.product(*settings.values()):
        own = dict(zip(names, values, strict=True))
        told = ",".join(f"{name}={_typed(value)}" for name, value in own.items())
        made.append(Method(f"{spec.id}:{told}" if told else spec.id, spec, own))
    return made


def evenly(kind: Kind, first: float, last: float, count: int, named: str) -> list[int | float]:
    """`count` values of a number from `first` to `last`, both included. Raises BadInput where that cannot be."""
    if not 1 <= count <= MOST_COLUMNS:
        raise BadInput(named, f"asks for {count} columns, the most is {MOST_COLUMNS}", "Take fewer.")
    steps = [first + (last - first) * number / max(1, count - 1) for number in range(count)]
    whole = getattr(kind, "whole", kind.fixes_run)
    values = [round(value) if whole else float(f"{value:.4g}") for value in steps]
    if len(set(values)) < count:
        raise BadInput(named, f"has no {count} different values from {first:g} to {last:g}", "Take fewer.")
    return values


def distinct(methods: Iterable[Method]) -> list[Method]:
    """Each once, in order: what was asked for twice in the same words is one column."""
    return list({each.label: each for each in methods}.values())


def _columns(registry: Registry, spec: EditorSpec, settings: Sequence[str], named: str) -> list[Method]:
    if not settings:
        raise BadInput(named, f"has no value of {spec.id}", _SWEEP_FORM)
    if len(settings) > MOST_COLUMNS:
        raise BadInput(named, f"asks for {len(settings)} columns, the most is {MOST_COLUMNS}", "Take fewer.")
    return [read_column(registry, f"{spec.id}:{setting}", named) for setting in settings]


def _counted(spec: EditorSpec, name: str, told: str, named: str) -> Sequence[Any]:
    """The values of ``from:to:count``."""
    kind = spec.input(name).kind
    try:
        first, last, count = told.split(":")
        low, high, times = float(first), float(last), int(count)
    except ValueError:
        raise BadInput(named, f"cannot count with {shown(told)}", "Write from:to:count, e.g. 0:1:5.") from None
    if not all(abs(end) < 1e12 for end in (low, high)):  # NaN is refused, too
        raise BadInput(named, f"cannot count with {shown(told)}", "Write from:to:count, e.g. 0:1:5.")
    return evenly(kind, low, high, times, named)


def _setting(spec: EditorSpec, name: str, named: str) -> Kind:
    """The kind of one setting. Raises BadInput if the editor has none of that name."""
    names = [entry.name for entry in spec.inputs]
    if name not in names:
        raise BadInput(name[:40] or named, f"is no input of {spec.id}", f"It has: {', '.join(names)}.")
    return spec.input(name).kind


def _typed(value: Any) -> str:
    """A value as one types it; a picture that is not bundled by its sha256."""
    if isinstance(value, Subject):
        bundled = value.sample_id and not value.lineage
        return f"sample:{value.sample_id}" if bundled else f"picture {value.sha256[:8]}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
