"""A run in a thread of its own, watched: told to stop, interrupted, and in the end left to itself."""

from __future__ import annotations

import contextvars
import ctypes
import queue
import threading
import time
from collections.abc import Callable, Iterator

from registry.device import resident_bytes
from registry.errors import EditorFailed, Stopped
from registry.execution.job import Event, Failure, Job, Outcome
from registry.execution.turns import NOBODY, Visitor
from registry.plugins import Preview, note_fault
from registry.process import Lease, lease
from registry.settings import number
from registry.weights import in_flight

_PROMPT = 1.0  # seconds within which a run that is told to stop has the device to itself
_PATIENCE = 10.0  # seconds after which a run that does not stop is interrupted
_LAST = 15.0  # seconds after which it is given up, and its editor called faulty
_END = object()


class Watched:
    """A slice that goes on in a thread of its own; arguments as `watched`."""

    def __init__(
        self,
        job: Job,
        work: Callable[[Job], Iterator[Event]],
        hand_on: Callable[[], None],
        visitor: Visitor = NOBODY,
        end: Callable[[], None] = lambda: None,
    ) -> None:
        self.job, self.visitor, self.end = job, visitor, end
        self.events: queue.Queue[object] = queue.Queue(maxsize=4)
        self._work = work
        self.gone = threading.Event()
        self.lease = Lease()
        self.handed_on = self.interrupted = False
        self.asked: float | None = None  # when it was first seen that the run ought to end
        self.thread = threading.Thread(target=self._run, name=f"facet-run-{job.editor}", daemon=True)
        self._hand_on = hand_on
        self._context = contextvars.copy_context()  # ZeroGPU finds the visitor's token in it
        self._context.run(lease.set, self.lease)

    def hand_on(self) -> None:
        """Let the others go on, with everything as it was before this run; once."""
        if not self.handed_on:
            self.handed_on = True
            for change in self.lease.end():
                note_fault(self.job.editor, f"changed {change}; it was put back")
            self._hand_on()

    def give_up(self) -> None:
        """Wait a while for the thread, then end it; an editor that survives that is at fault."""
        self.thread.join(_PATIENCE)
        self.end()
        if not interrupt(self.thread):
            note_fault(self.job.editor, f"did not stop within {_PATIENCE:g} seconds of being told to")

    def _run(self) -> None:
        steps = self._context.run(self._work, self.job)
        try:
            while not self.gone.is_set():
                event = self._context.run(next, steps, _END)
                self._put(event)
                if event is _END:
                    return
        except BaseException as error:  # an injected Stopped, or the ZeroGPU client's own errors
            text = str(error).strip().rstrip(".") or type(error).__name__
            self._put(Failure(EditorFailed(f"The run of the editor {self.job.editor} broke off: {text}.")))
            self._put(_END)
        finally:
            if hasattr(steps, "close"):
                self._context.run(steps.close)

    def _put(self, event: object) -> None:
        while not self.gone.is_set():
            try:
                self.events.put(event, timeout=0.2)
                return
            except queue.Full:
                continue

    def unheeded(self, began: float, heard: float, now: float) -> bool:
        """Whether an end that was asked for came to nothing. Meanwhile the others go on, the editor is interrupted."""
        job = self.job
        if self.asked is None:
            if self.visitor.gone() and job.stop is not None:
                job.stop.set()
            late = job.seconds is not None and now - began > job.seconds
            self.asked = now if late or (job.stop is not None and job.stop.is_set()) else None
            return False
        silent = now - max(self.asked, heard)
        if silent > _PROMPT:
            self.hand_on()
        if silent > _PATIENCE and not self.interrupted:
            self.interrupted = True
            interrupt(self.thread)  # a loop in Python ends here and keeps its best; a long call in C is waited for
        return silent > _LAST


def watched(
    job: Job,
    work: Callable[[Job], Iterator[Event]],
    memory: Callable[[int], None],
    hand_on: Callable[[], None] = lambda: None,
    visitor: Visitor = NOBODY,
    end: Callable[[], None] = lambda: None,
) -> Iterator[Event]:
    """Run one slice in a thread of its own and pass its events on: what every executor needs.

    Args:
        job: what to run.
        work: gives the events, here or by asking another process for them.
        memory, hand_on, visitor: see `Executor.run_slice`.
        end: called, from any thread, when the run is given up: for what an exception in its thread cannot end, such as
            a worker process that `work` waits for. May be called twice, and after the run.
    """
    held = Watched(job, work, hand_on, visitor, end)
    held.thread.start()
    left_early = True
    try:
        yield from _pump(held, memory)
        left_early = False
    finally:
        held.gone.set()
        if left_early and job.stop is not None:
            job.stop.set()  # a handler in the middle of a long step sees it at its next ctx.check_stop()
        held.thread.join(_PROMPT)
        if held.thread.is_alive():
            held.hand_on()
            threading.Thread(target=held.give_up, name=f"facet-giving-up-{job.editor}", daemon=True).start()


def silence_seconds() -> float:
    """How long an editor may say nothing before it is given up (``FACET_SILENCE_SECONDS``, default 300)."""
    return number("SILENCE_SECONDS")


def _pump(held: Watched, memory: Callable[[int], None]) -> Iterator[Event]:
    limit = silence_seconds()
    began = time.monotonic()
    heard, told, done = began, "", 0.0
    while True:
        try:
            event = held.events.get(timeout=0.05)
        except queue.Empty:
            memory(resident_bytes())
            now = time.monotonic()
            news = ", ".join(download.text for download in in_flight())
            if news and news != told:
                told, heard = news, now  # a slow download is no silence
                yield Preview(b"", done, news)
            if now - heard > limit:
                yield _given_up(held, f"said nothing for {limit:g} seconds")
                return
            if held.unheeded(began, heard, now):
                yield _given_up(held, f"did not stop within {_LAST:g} seconds of being told to")
                return
            continue
        memory(resident_bytes())
        if event is _END:
            return
        heard, done = time.monotonic(), event.done if isinstance(event, Preview) else done
        assert isinstance(event, (Preview, Outcome, Failure))
        yield event


def _given_up(held: Watched, fault: str) -> Failure:
    """End the thread if it can be ended; whatever becomes of it, the visitor is told and the others go on."""
    held.end()
    interrupt(held.thread)
    held.hand_on()
    return Failure(
        EditorFailed(f"The editor {held.job.editor} {fault} and was given up: a fault of the add-on."), fault
    )


def interrupt(thread: threading.Thread) -> bool:
    """Raise Stopped inside `thread`; whether that ended it. It takes effect at its next Python instruction."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
        thread.join(1)
    return not thread.is_alive()
