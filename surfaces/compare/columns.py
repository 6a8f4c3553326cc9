"""The logic of a comparison, free of any page: which methods, on which inputs, one column each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry.errors import BadInput, EditorError
from registry.execution import NOBODY, Stop, Visitor, run
from registry.inputs import Kind
from registry.plugins import REQUIRED, EditorSpec, Input, Preview, Registry, Result
from surfaces.compare.halt import Halt
from surfaces.compare.measures import Measure, measure

MOST_COLUMNS = 8


@dataclass(frozen=True, eq=False)
class Column:
    """One method's column, as it stands now. Columns are immutable: each event brings a new one with the same `index`.

    Attributes:
        index: its place, from 0.
        label: the method as it was asked for, e.g. ``"colour_transfer"`` or ``"neural_style:stroke=2"``.
        spec: the editor.
        values: its inputs by name, unchecked.
        state: ``"waiting"``, ``"running"``, ``"done"``, ``"stopped"`` (with the best so far, if there is a result),
            ``"failed"``.
        preview: JPEG of the newest step, empty before the first.
        done: share of the work, 0 to 1.
        note: a few words on what it is doing.
        result: the finished edit, or None.
        measures: what was measured, by metric id; empty until the column is finished.
        error: one sentence if it failed.
    """

    index: int
    label: str
    spec: EditorSpec
    values: Mapping[str, Any]
    state: str = "waiting"
    preview: bytes = b""
    done: float = 0.0
    note: str = ""
    result: Result | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    error: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def seconds(self) -> float | None:
        """Wall time of its run, without waiting."""
        return self.result.seconds if self.result else None


def read_methods(registry: Registry, task: str, methods: Sequence[str] | None = None) -> list[tuple[str, EditorSpec]]:
    """The methods meant by `methods`: editor ids, or variants ``id:name=value,name=value``; all of the task if None.

    Raises:
        BadInput: no such task or editor, an editor of another task, none at all or more than eight.
    """
    tasks = registry.by_task()
    if task not in tasks:
        raise BadInput("task", f"no editor does {task!r}", f"There are: {', '.join(tasks)}.")
    chosen = [spec.id for spec in tasks[task]][:MOST_COLUMNS] if methods is None else list(methods)
    if not chosen:
        raise BadInput("methods", "are missing", "Choose at least one.")
    if len(chosen) > MOST_COLUMNS:
        raise BadInput("methods", f"are {len(chosen)}, the most is {MOST_COLUMNS}")
    found = [(label, registry.get(label.partition(":")[0].strip())) for label in chosen]
    for _, spec in found:
        if spec.task != task:
            raise BadInput("methods", f"{spec.id} does {spec.task!r}, not {task!r}")
    return found


def shared_inputs(specs: Sequence[EditorSpec]) -> list[Input]:
    """Inputs that one control can serve in a comparison, besides the subject.

    These are the inputs without a default, and those that at least two editors declare with the same name and limits.
    """
    rows: dict[str, list[Input]] = {}
    for spec in specs:
        for entry in spec.inputs:
            if entry.name != "subject":
                rows.setdefault(entry.name, []).append(entry)
    return [same[0] for same in rows.values() if _one_control(same)]


def compare(
    registry: Registry,
    task: str,
    values: Mapping[str, Any],
    methods: Sequence[str] | None = None,
    *,
    halt: Halt | None = None,
    threads: int = 0,
    device: str = "",
    strict: bool = False,
    visitor: Visitor = NOBODY,
) -> Iterator[Column]:
    """Run the methods of one task one after the other on the same inputs.

    Everything is checked at once, before the first `next()`; a method that fails later fails alone.

    Args:
        registry: where the editors are.
        task: the task they share.
        values: shared inputs by name; each method takes those it declares and its defaults for the rest.
        methods: see `read_methods`.
        halt: set it to end the comparison early.
        threads: CPU threads for torch, 0 for as many as it has now.
        device: ``"cuda"``, ``"mps"``, ``"cpu"``, or empty for the best there is.
        strict: a method fails where a network's own weights cannot be had, and no others stand in.
        visitor: whose comparison it is; as `registry.run.run`.

    Yields:
        First every column as it waits, then the columns as they change; the last event of each is `finished`.

    Raises:
        BadInput: a method or an input is wrong; raised by the call itself.
    """
    found = read_methods(registry, task, methods)
    columns = [_column(index, label, spec, values) for index, (label, spec) in enumerate(found)]
    names = {entry.name for _, spec in found for entry in spec.inputs}
    for name in values:
        if name not in names:
            raise BadInput(name, "is an input of none of the methods", f"They have: {', '.join(sorted(names))}.")
    return _compare(
        columns, halt or Halt(), {"threads": threads, "device": device, "strict": strict, "visitor": visitor}
    )


def _one_control(same: Sequence[Input]) -> bool:
    """Whether one control can serve all editors that declare an input of this name."""
    if any(entry.default is REQUIRED for entry in same):
        return True
    kinds: list[tuple[type[Kind], Any]] = [(type(entry.kind), entry.kind.describe()) for entry in same]
    return len(same) > 1 and all(kind == kinds[0] for kind in kinds)


def _column(index: int, label: str, spec: EditorSpec, values: Mapping[str, Any]) -> Column:
    """A column whose inputs have been checked. Pictures are read once here, so that all methods get the same one."""
    mine = {entry.name: values[entry.name] for entry in spec.inputs if entry.name in values}
    _, _, overrides = label.partition(":")
    for part in filter(None, (piece.strip() for piece in overrides.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise BadInput("methods", f"cannot read “{part}” in “{label}”", "Write id:name=value,name=value.")
        mine[name.strip()] = value.strip()
    return Column(index, label, spec, spec.check(mine))


def _compare(columns: Sequence[Column], halt: Halt, how: Mapping[str, Any]) -> Iterator[Column]:
    yield from columns
    for column in columns:
        if halt.asked:
            yield replace(column, state="stopped", note="left out")
        else:
            yield from _run(column, halt.next_stop(), how)


def _run(column: Column, stop: Stop, how: Mapping[str, Any]) -> Iterator[Column]:
    column = replace(column, state="running")
    yield column
    try:
        for event in run(column.spec, column.values, stop=stop, **how):
            if isinstance(event, Preview):
                column = replace(column, preview=event.jpeg or column.preview, done=event.done, note=event.note)
                yield column
            else:
                column = _finished(column, event)
    except EditorError as error:
        column = replace(column, state="failed", note="", error=str(error))
    yield column


def _finished(column: Column, result: Result) -> Column:
    state = "stopped" if result.stopped else "done"
    measures = measure(column.spec, column.values, result)
    done = column.done if result.stopped else 1.0
    return replace(column, state=state, done=done, note="", result=result, measures=measures)
