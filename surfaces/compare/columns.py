"""The logic of a comparison, free of any page: which methods, on which inputs, one column each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from registry.errors import BadInput
from registry.execution import NOBODY, Halt, PlannedRun, RunState, Visitor, run_plan
from registry.inputs import Kind
from registry.plugins import REQUIRED, EditorSpec, Input, Registry, Result
from registry.subjects import Subject, jpeg_bytes
from surfaces.compare.measures import Measure, measure
from surfaces.compare.methods import Method, read_methods


@dataclass(frozen=True, eq=False)
class Column(RunState):
    """One method's column; its label is the method as it was asked for, e.g. ``"neural_style:stroke=2"``.

    Attributes:
        measures: what was measured, by metric id; empty until the column is finished.
        elsewhere: the picture in which the result is seen, see `SeenElsewhere`.
        identical: of a comparison made again, whether the picture is the same as it was; None otherwise.
    """

    measures: Mapping[str, Measure] = field(default_factory=dict)
    elsewhere: Subject | None = None
    identical: bool | None = None

    @property
    def variant(self) -> str:
        """Its own settings as they were asked for, empty for one with none."""
        return self.label.partition(":")[2]

    @property
    def shown(self) -> Subject | None:
        """The picture of a finished column: of its result, or where that is seen."""
        return self.elsewhere or (self.result.subject if self.result else None)


def own_pictures(column: Column) -> list[Subject]:
    """The pictures that a column has for its own, not shared with the others: its style, mostly."""
    names = [part.partition("=")[0] for part in column.variant.split(",")]
    return [value for name in names if isinstance(value := column.values.get(name), Subject)]


class SeenElsewhere(Protocol):
    """Results that are seen, and measured, in another picture than the one that is edited."""

    def values(self, spec: EditorSpec, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values as they are for that editor. Raises BadInput."""

    def seen(self, spec: EditorSpec, result: Result) -> tuple[Subject, Subject] | None:
        """That other picture, before and with the result in it; None where the result is seen as it is."""


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
    methods: Sequence[str | Method] | None = None,
    *,
    halt: Halt | None = None,
    threads: int = 0,
    device: str = "",
    strict: bool = False,
    visitor: Visitor = NOBODY,
    onto: SeenElsewhere | None = None,
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
        visitor: whose comparison it is; as `registry.execution.run`.
        onto: where results are seen, if not as they are.

    Yields:
        First every column as it waits, then the columns as they change; the last event of each is `finished`.

    Raises:
        BadInput: a method or an input is wrong; raised by the call itself.
    """
    found = read_methods(registry, task, methods)
    mine = {each.spec.id: onto.values(each.spec, values) if onto else values for each in found}
    plan = one_of_each([PlannedRun(each.label, each.spec.id, _checked(each, mine[each.spec.id])) for each in found])
    names = {entry.name for each in found for entry in each.spec.inputs}
    for name in values:
        if name not in names:
            raise BadInput(name, "is an input of none of the methods", f"They have: {', '.join(sorted(names))}.")
    how = {"threads": threads, "device": device, "strict": strict, "visitor": visitor}
    return told(run_plan(registry, plan, halt=halt, **how), lambda state: measured(state, onto))


def _one_control(same: Sequence[Input]) -> bool:
    """Whether one control can serve all editors that declare an input of this name."""
    if any(entry.default is REQUIRED for entry in same):
        return True
    kinds: list[tuple[type[Kind], Any]] = [(type(entry.kind), entry.kind.describe()) for entry in same]
    return len(same) > 1 and all(kind == kinds[0] for kind in kinds)


def _checked(method: Method, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A method's inputs, checked; pictures are read here."""
    mine = {entry.name: values[entry.name] for entry in method.spec.inputs if entry.name in values}
    try:
        return method.spec.check({**mine, **method.own})
    except BadInput as problem:
        if problem.field.partition(" ")[0] not in method.own:
            raise
        where = f"So it stands in “{method.label[:80]}”."
        raise BadInput(problem.field, problem.why, f"{where} {problem.fix}".strip()) from None


def one_of_each(plan: Sequence[PlannedRun]) -> list[PlannedRun]:
    """The plan with one object for source pictures that are equal: kept once, and looked at once by metrics."""
    known: dict[tuple[object, ...], Subject] = {}

    def the_one(value: Any) -> Any:
        if not isinstance(value, Subject) or value.latent is not None or value.lineage:
            return value
        return known.setdefault((value.sha256, value.sample_id, value.scaled_from), value)

    return [replace(line, values={name: the_one(value) for name, value in line.values.items()}) for line in plan]


def told(states: Iterable[RunState], measure: Callable[[RunState], Column]) -> Iterator[Column]:
    """Runs as columns. A picture is shown before it is measured, which takes some seconds."""
    for state in states:
        if state.result is not None:
            shown = jpeg_bytes(state.result.subject.pixels)
            going_on = replace(state, state="running", done=1.0, note="measuring", result=None, preview=shown)
            yield Column(**vars(going_on))
        yield measure(state)


def measured(state: RunState, onto: SeenElsewhere | None = None, identical: bool | None = None) -> Column:
    """A run as a column, with its numbers once it is over."""
    if state.result is None:
        return Column(**vars(state))
    seen = onto.seen(state.spec, state.result) if onto else None
    if seen is None:
        found = measure(state.spec, state.values, state.result)
        return Column(**vars(state), measures=found, identical=identical)
    values, result = {**state.values, "subject": seen[0]}, replace(state.result, subject=seen[1])
    return Column(**vars(state), measures=measure(state.spec, values, result), elsewhere=seen[1])
