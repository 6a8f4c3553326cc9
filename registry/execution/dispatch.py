"""The one door to the device: every handler of every editor runs through `dispatch`.

On a ZeroGPU Space `work` is decorated with ``@spaces.GPU``, once, so that one worker process stays warm for all
editors. Anywhere else it runs here, in a thread of its own (a handler's `torch` modes are thread-local, and a server
may resume a generator in any of its threads), one run at a time, visitor by visitor, watched so that an editor that
hangs is given up and the next one can run.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator

from registry.device import resident_bytes
from registry.errors import EditorFailed
from registry.execution.job import Failure, Job, Outcome
from registry.execution.turns import NOBODY, Turn, Turns, Visitor
from registry.execution.watch import END, LAST, PROMPT, Event, Watched, interrupt
from registry.execution.work import work
from registry.plugins import Preview
from registry.settings import number
from registry.weights import in_flight

ZERO_GPU_SECONDS = 60.0  # what ZeroGPU lends at a time by default; a longer run goes on in another slice
_MARGIN = 5.0  # seconds between a slice's own end and that of the loan


def on_zero_gpu() -> bool:
    """Whether this process runs on a ZeroGPU Space, judged as the `spaces` package does."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def slice_seconds(gpu_seconds: float) -> float | None:
    """How long one slice of a run may take here, or None where nobody counts."""
    if not on_zero_gpu() or gpu_seconds <= 0:
        return None
    return min(ZERO_GPU_SECONDS, max(2 * _MARGIN, gpu_seconds)) - _MARGIN


def _duration(job: Job) -> int:
    return round((job.slice_seconds or ZERO_GPU_SECONDS - _MARGIN) + _MARGIN)


def _door() -> Callable[[Job], Iterator[Event]]:
    if not on_zero_gpu():
        return work
    import spaces  # must come before anything that initialises CUDA

    lent: Callable[[Job], Iterator[Event]] = spaces.GPU(duration=_duration)(work)
    return lambda job: lent(job) if job.gpu_seconds > 0 else work(job)


_work = _door()


_turns = Turns()


def take_place(visitor: Visitor = NOBODY) -> Turn:
    """A place among those that wait for the device. On ZeroGPU the platform keeps the queue: no wait there."""
    return Turn(None if on_zero_gpu() else _turns, visitor)


def waiting() -> int:
    """How many runs wait for the device."""
    return _turns.waiting


def dispatch(
    job: Job, memory: Callable[[int], None], hand_on: Callable[[], None] = lambda: None, visitor: Visitor = NOBODY
) -> Iterator[Event]:
    """Run one slice and pass its events on.

    Args:
        job: what to run.
        memory: called with the resident bytes of this process several times a second.
        hand_on: called as soon as others may use the device although the run has not ended: it does not stop.
        visitor: whose run it is; it is told to stop when the visitor goes.
    """
    held = Watched(job, _work, hand_on, visitor)
    held.thread.start()
    left_early = True
    try:
        yield from _pump(held, memory)
        left_early = False
    finally:
        held.gone.set()
        if left_early and job.stop is not None:
            job.stop.set()  # a handler in the middle of a long step sees it at its next ctx.check_stop()
        held.thread.join(PROMPT)
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
                yield _given_up(held, f"did not stop within {LAST:g} seconds of being told to")
                return
            continue
        memory(resident_bytes())
        if event is END:
            return
        heard, done = time.monotonic(), event.done if isinstance(event, Preview) else done
        assert isinstance(event, (Preview, Outcome, Failure))
        yield event


def _given_up(held: Watched, fault: str) -> Failure:
    """End the thread if it can be ended; whatever becomes of it, the visitor is told and the others go on."""
    interrupt(held.thread)
    held.hand_on()
    return Failure(
        EditorFailed(f"The editor {held.job.editor} {fault} and was given up: a fault of the add-on."), fault
    )
