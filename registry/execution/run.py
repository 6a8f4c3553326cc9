"""Running an edit: check the inputs, hand the job to the executor, and put a result and its recipe together."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from registry.belongings import belongings
from registry.device import cpu_threads, resident_bytes
from registry.errors import EditorFailed, Stopped
from registry.execution.accounts import accounted, refusals_told
from registry.execution.chosen import executor
from registry.execution.executor import Executor
from registry.execution.job import Failure, Job, Outcome
from registry.execution.recipe import further_recipe, make_recipe
from registry.execution.recipe_size import check_recipe_size
from registry.execution.stop import StopSignal
from registry.execution.transparency import settled
from registry.execution.turns import NOBODY, Turn, Visitor
from registry.plugins import EditorSpec, Preview, Result, note_fault, register_spec
from registry.settings import number
from registry.subjects import Subject


def run(
    spec: EditorSpec,
    values: Mapping[str, Any],
    *,
    stop: StopSignal | None = None,
    seconds: float | None = None,
    device: str = "",
    threads: int = 0,
    last_step: int | None = None,
    last_frame: int | None = None,
    longest_slice: float | None = None,
    visitor: Visitor = NOBODY,
    strict: bool = False,
    agreed: Collection[str] = (),
    rough: bool = False,
    seen: bool = True,
    on: Executor | None = None,
) -> Iterator[Preview | Result]:
    """Run an editor: previews while it works, one `Result` at the end.

    The inputs are checked at once, before the first `next()`. Closing the iterator ends the run and gives nothing;
    `stop.set()` ends it and gives the best so far.

    Args:
        spec: the editor.
        values: its inputs by name, unchecked.
        stop: set it, from any thread, to end the run early.
        seconds: deadline; the run then ends with the best so far (``FACET_DEADLINE_SECONDS``, default none).
        device: ``"cuda"``, ``"mps"``, ``"cpu"``, or empty for the best there is.
        threads: CPU threads for torch, 0 for as many as it has now.
        last_step: end after exactly so many steps, as a replay does.
        last_frame: end the film after exactly so many frames, likewise.
        longest_slice: most seconds on the device in one go; editors that give `Step.state` go on in another slice.
        visitor: whose run it is: where several wait they are served in turn, and the runs of one that went are dropped.
        strict: end with `StandIn` where a network's own weights cannot be had and others would stand in.
        agreed: nets for which others may stand in even so.
        rough: it is a look whose movement counts more than its detail (`Context.rough`).
        seen: whether somebody sees its steps; otherwise previews have no picture, which takes time to make.
        on: the executor; None takes the one in force (`use_executor`).

    Raises:
        BadInput: an input is wrong; raised by the call itself.
        EditorError: while iterating, any other reason why there is no result.
    """
    with refusals_told(spec, visitor):
        checked = spec.check(values)
        for entry in spec.inputs:
            entry.kind.check_ready(checked[entry.name], entry.name)
        check_recipe_size(spec, checked)
        gpu_seconds = _estimate(spec, checked)
        on = on or executor()
        chosen = on.pick_device(device)
    job = Job(
        editor=spec.id,
        values=checked,
        seed=int(checked.get(spec.seed_input) or 0),
        device=chosen if gpu_seconds else "cpu",
        threads=threads or cpu_threads(),
        stop=stop or on.new_stop(),
        seconds=seconds or _deadline(),
        slice_seconds=longest_slice or on.slice_seconds(gpu_seconds),
        gpu_seconds=gpu_seconds,
        last_step=last_step,
        last_frame=last_frame,
        belongings=belongings(),
        strict=strict,
        agreed=tuple(agreed),
        rough=rough,
        seen=seen,
    )
    return accounted(spec, job, visitor, _run(spec, job, visitor, on))


def finish(spec: EditorSpec, values: Mapping[str, Any], **how: Any) -> Result:
    """Run an editor to its end without previews; arguments and errors as `run`."""
    for event in run(spec, values, **how):
        if isinstance(event, Result):
            return event
    raise EditorFailed(f"“{spec.title}” ended without a result.")


def _run(spec: EditorSpec, job: Job, visitor: Visitor, on: Executor) -> Iterator[Preview | Result]:
    register_spec(spec)
    peak = [0]

    def memory(now: int) -> None:
        peak[0] = max(peak[0], now)

    turn = on.take_place(visitor)
    try:
        yield from _wait(turn, job)
        started, floor = time.perf_counter(), resident_bytes()
        for event in _slices(spec, job, memory, turn, on):
            if isinstance(event, Preview):
                yield event
            else:
                rise = max(0, peak[0] - floor)
                yield _result(spec, job, event, time.perf_counter() - started, rise)
    finally:
        turn.end()
        if job.stop is not None:
            job.stop.clear()


def _wait(turn: Turn, job: Job) -> Iterator[Preview]:
    """Wait for the turn; says how many come before whenever that changes, and each second, so that it can be left."""
    before, due = 0, 0.0
    for ahead in turn.wait(give_up=lambda: job.stop is not None and job.stop.is_set()):
        if ahead and (ahead != before or time.monotonic() >= due):
            before, due = ahead, time.monotonic() + 1
            yield Preview(b"", 0.0, f"waiting for {ahead} other edit{'s' if ahead > 1 else ''}")


def _slices(spec: EditorSpec, job: Job, memory: Any, turn: Turn, on: Executor) -> Iterator[Preview | Outcome]:
    """Slice after slice until the run is over."""
    began, whole, kept = time.monotonic(), job.seconds, None
    while True:
        outcome = None
        for event in on.run_slice(job, memory, turn.end, turn.visitor):
            if isinstance(event, Failure):
                if kept is not None and isinstance(event.error, Stopped):  # stopped as a new slice began
                    outcome = replace(kept, state=None, stopped=True)
                    break
                for fault in filter(None, (event.fault, *event.others)):
                    note_fault(spec.id, fault)
                raise event.error
            if isinstance(event, Outcome):
                outcome = event
            else:
                yield event
        if outcome is None:
            raise EditorFailed(f"“{spec.title}” broke off without a result.")
        for fault in outcome.faults:
            note_fault(spec.id, fault)
        left = None if whole is None else whole - (time.monotonic() - began)
        late = left is not None and left <= 0
        if outcome.state is None or late:
            yield replace(outcome, state=None, stopped=outcome.stopped or (late and outcome.state is not None))
            return
        kept = outcome
        job = replace(job, state=outcome.state, steps_before=outcome.steps, seconds=left)


def _result(spec: EditorSpec, job: Job, outcome: Outcome, seconds: float, peak_bytes: int) -> Result:
    outcome = settled(spec, job, outcome)
    recipe = make_recipe(spec, job, outcome)
    before = job.values.get("subject")
    origin = before if isinstance(before, Subject) else Subject(outcome.pixels)
    subject = origin.then(outcome.pixels, recipe, outcome.latent, outcome.generator, outcome.alpha)
    return Result(
        subject=subject,
        recipe=recipe,
        metrics=outcome.metrics,
        images=outcome.images,
        seconds=seconds,
        peak_memory_bytes=peak_bytes + outcome.gpu_peak_bytes,
        stopped=outcome.stopped,
        film=outcome.film,
        artifacts=() if _replayed(job) else outcome.artifacts,
        text=outcome.text,
        mask=outcome.mask,
        further={name: _further(spec, job, outcome, recipe, origin, name) for name in outcome.images},
    )


def _replayed(job: Job) -> bool:
    return job.belongings is not None and job.belongings.replay


def _further(
    spec: EditorSpec, job: Job, outcome: Outcome, recipe: Mapping[str, Any], origin: Subject, name: str
) -> Subject:
    """A further picture as a subject of its own."""
    pixels, variant = outcome.images[name], outcome.variants.get(name)
    own = further_recipe(spec, job, outcome, recipe, name)
    if variant is None or variant.latent is None:
        return origin.then(pixels, own)
    return origin.then(pixels, own, variant.latent, variant.generator or outcome.generator)


def _estimate(spec: EditorSpec, checked: Mapping[str, Any]) -> float:
    """The editor's own estimate of its GPU time; its function may be as broken as its handler."""
    try:
        return max(0.0, float(spec.gpu_seconds(**checked)))
    except Exception as error:
        note_fault(spec.id, f"its gpu_seconds raised {type(error).__name__}: {error}")
        raise EditorFailed(f"“{spec.title}” cannot say how long it needs: a fault of the add-on.") from None


def _deadline() -> float | None:
    return number("DEADLINE_SECONDS") or None
