"""Several runs, one after the other, over the same executor: what batches, comparisons and sweeps share."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry.errors import EditorError
from registry.execution.chosen import new_stop
from registry.execution.run import run
from registry.execution.stop import StopSignal
from registry.plugins import EditorSpec, Preview, Registry, Result


@dataclass(frozen=True)
class PlannedRun:
    """One line of a plan.

    Attributes:
        label: what surfaces call it: a method, a file's name, ``"strength=0.5"``.
        editor: the editor's id.
        values: its inputs by name, unchecked; they are read when its turn comes, so that a plan may name a thousand
            pictures by their paths.
        how: arguments of `run` of its own, which go before those of the plan.
    """

    label: str
    editor: str
    values: Mapping[str, Any]
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RunState:
    """How far one run of a plan is. Each event is a new object.

    Attributes:
        index: its place in the plan.
        label: of its `PlannedRun`.
        spec: the editor.
        values: its inputs by name, as the plan has them.
        state: ``"waiting"``, ``"running"``, ``"done"``, ``"stopped"`` (with the best so far, if there is a result),
            ``"failed"``.
        preview: JPEG of the newest step, empty before the first.
        done: share of its work, 0 to 1.
        note: a few words on what it is doing.
        result: the finished edit, or None.
        error: one sentence if it failed.
        of: how many runs the plan has.
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
    error: str = ""
    of: int = 1

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def seconds(self) -> float | None:
        """Wall time of its run, without waiting."""
        return self.result.seconds if self.result else None

    @property
    def overall(self) -> float:
        """Share of the whole plan that is over, 0 to 1, as this run goes on."""
        return (self.index + (1.0 if self.finished else self.done)) / self.of


class Halt:
    """Stops a whole plan: the run that goes on now keeps its best, those that wait are left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: StopSignal | None = None
        self.asked = False

    def set(self) -> None:
        """Ask for the end; from any thread."""
        with self._lock:
            self.asked = True
            if self._current is not None:
                self._current.set()

    def next_stop(self) -> StopSignal:
        """A fresh stop for the run that is about to begin, already set if the end was asked for."""
        with self._lock:
            self._current = new_stop()
            if self.asked:
                self._current.set()
            return self._current


def run_plan(
    registry: Registry, plan: Sequence[PlannedRun], *, halt: Halt | None = None, **how: Any
) -> Iterator[RunState]:
    """Run a plan's lines one after the other. One that fails, for whatever reason, fails alone.

    Args:
        registry: where the editors are.
        plan: the runs, in order.
        halt: set it, from any thread, to end the plan early.
        how: further arguments of `run`, the same for all: ``threads``, ``device``, ``strict``, ``visitor``, …

    Yields:
        First every run as it waits, then the runs as they change; the last event of each is `finished`. No result is
        kept here: whoever needs it later keeps the event.

    Raises:
        BadInput: an editor is not installed; raised by the call itself.
    """
    states = [
        RunState(index, line.label, registry.get(line.editor), line.values, of=len(plan))
        for index, line in enumerate(plan)
    ]
    return _run_plan(states, halt or Halt(), [{**how, **line.how} for line in plan])


def _run_plan(states: Sequence[RunState], halt: Halt, hows: Sequence[Mapping[str, Any]]) -> Iterator[RunState]:
    yield from states
    for state, how in zip(states, hows, strict=True):
        if halt.asked:
            yield replace(state, state="stopped", note="left out")
        else:
            yield from _run_one(state, halt.next_stop(), how)


def _run_one(state: RunState, stop: StopSignal, how: Mapping[str, Any]) -> Iterator[RunState]:
    state = replace(state, state="running")
    yield state
    try:
        for event in run(state.spec, state.values, stop=stop, **how):
            if isinstance(event, Preview):
                state = replace(state, preview=event.jpeg or state.preview, done=event.done, note=event.note)
                yield state
            else:
                end, done = ("stopped", state.done) if event.stopped else ("done", 1.0)
                state = replace(state, state=end, done=done, note="", result=event)
    except EditorError as error:
        state = replace(state, state="failed", note="", error=str(error))
    yield state
