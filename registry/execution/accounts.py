"""Which runs go on in this process, and how each one went: for whoever ends the process, counts, or keeps a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from registry.errors import BadInput, EditorError, Stopped
from registry.execution.job import Job
from registry.execution.stop import StopSignal
from registry.execution.turns import Visitor
from registry.plugins import EditorSpec, Preview, Result


@dataclass(frozen=True)
class RunAccount:
    """How one run went. Nothing in it is what somebody sent or got: no picture, no text, no file's name.

    Attributes:
        editor, version: what ran.
        visitor: whose run it was, as `Visitor.name`.
        outcome: ``"done"``, ``"stopped"`` (with the best it had), ``"refused"`` (an input is wrong), ``"failed"``, or
            ``"left"`` (nobody waited for the result any more).
        field: the input that a refusal names; else empty.
        error: the class of the error, e.g. ``"NoFace"``; empty where there was none.
        seconds: from the call to the end, with waiting.
        working_seconds: without waiting, where there is a result.
        steps: how many steps it took, where there is a result.
        device: ``"cpu"``, ``"cuda"``, ``"mps"``; empty for a run that never began.
        width, height: of the result, in pixels.
        peak_memory_bytes: as `Result` has it.
    """

    editor: str
    version: str
    visitor: str = ""
    outcome: str = "left"
    field: str = ""
    error: str = ""
    seconds: float = 0.0
    working_seconds: float = 0.0
    steps: int = 0
    device: str = ""
    width: int = 0
    height: int = 0
    peak_memory_bytes: int = 0


_guard = threading.Lock()
_going: dict[int, StopSignal | None] = {}
_listeners: list[Callable[[RunAccount], None]] = []


def tell_accounts(listener: Callable[[RunAccount], None]) -> Callable[[], None]:
    """Have `listener` called with the account of each run as it ends, in the thread that asked for the run.

    It must not raise. Returns what ends that again.
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def going_on() -> int:
    """How many runs have begun, or wait for the device, and have not ended."""
    return len(_going)


def stop_all() -> None:
    """Pull the stop of every run that goes on: each keeps the best it has."""
    with _guard:
        stops = list(_going.values())
    for stop in stops:
        if stop is not None:
            stop.set()


@contextmanager
def refusals_told(spec: EditorSpec, visitor: Visitor) -> Iterator[None]:
    """An `EditorError` raised in here is a run that never began."""
    began = time.perf_counter()
    try:
        yield
    except EditorError as error:
        _tell(_with_error(RunAccount(spec.id, spec.version, visitor.name), error), began)
        raise


def accounted(
    spec: EditorSpec, job: Job, visitor: Visitor, events: Iterator[Preview | Result]
) -> Iterator[Preview | Result]:
    """The events of a run; its account is told when they end, however that comes."""
    began, key = time.perf_counter(), id(job)
    account = RunAccount(spec.id, spec.version, visitor.name, device=job.device)
    with _guard:
        _going[key] = job.stop
    try:
        with closing(events):  # type: ignore[type-var]  # a generator
            for event in events:
                if isinstance(event, Result):
                    account = _of_result(account, event)
                yield event
    except EditorError as error:
        account = _with_error(account, error)
        raise
    finally:
        with _guard:
            _going.pop(key, None)
        _tell(account, began)


def _of_result(account: RunAccount, result: Result) -> RunAccount:
    height, width = result.subject.pixels.shape[:2]
    return replace(
        account,
        outcome="stopped" if result.stopped else "done",
        working_seconds=result.seconds,
        steps=int(result.recipe.get("steps") or 0),
        width=width,
        height=height,
        peak_memory_bytes=result.peak_memory_bytes,
    )


def _with_error(account: RunAccount, error: EditorError) -> RunAccount:
    field = error.field if isinstance(error, BadInput) else ""
    outcome = "refused" if field else "stopped" if isinstance(error, Stopped) else "failed"
    return replace(account, outcome=outcome, field=field, error=type(error).__name__)


def _tell(account: RunAccount, began: float) -> None:
    account = replace(account, seconds=time.perf_counter() - began)
    for listener in list(_listeners):
        listener(account)
