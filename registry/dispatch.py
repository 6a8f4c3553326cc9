"""The one door to the device: every handler of every editor runs through `dispatch`.

On a ZeroGPU Space `work` is decorated with ``@spaces.GPU``, once, so that one worker process stays warm for all
editors. Anywhere else it runs here, in a thread of its own (a handler's `torch` modes are thread-local, and a server
may resume a generator in any of its threads), one run at a time in the order of arrival, watched so that an editor
that hangs is given up and the next one can run.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from registry.device import resident_bytes
from registry.errors import EditorFailed, Stopped
from registry.job import Failure, Job, Outcome
from registry.steps import Preview
from registry.weights.places import number
from registry.weights.progress import in_flight
from registry.work import work

ZERO_GPU_SECONDS = 60.0  # what ZeroGPU lends at a time by default; a longer run goes on in another slice
_MARGIN = 5.0  # seconds between a slice's own end and that of the loan
_END = object()

Event = Preview | Outcome | Failure


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


class FairLock:
    """A lock that is handed over in the order of asking, so that nobody starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    @contextmanager
    def turn(self, give_up: Callable[[], bool]) -> Iterator[None]:
        """Wait for the turn and hold it. Raises Stopped if `give_up()` becomes true while waiting."""
        for _ in self.wait(give_up):
            pass
        try:
            yield
        finally:
            self.release()

    def wait(self, give_up: Callable[[], bool]) -> Iterator[int]:
        """Wait for the turn; yields how many come before, ten times a second. Whoever exhausts it must `release`.

        Raises Stopped if `give_up()` becomes true; closing it early gives up as well.
        """
        mine = threading.Event()
        with self._guard:
            if self._held:
                self._waiting.append(mine)
            else:
                self._held = True
                mine.set()
        try:
            while not mine.wait(0.1):
                if give_up():
                    raise Stopped("The edit was stopped while it waited for its turn.")
                yield self._before(mine)
        except BaseException:
            if not self._leave(mine):
                self.release()
            raise

    def _before(self, mine: threading.Event) -> int:
        with self._guard:
            return self._waiting.index(mine) + 1 if mine in self._waiting else 0

    def _leave(self, mine: threading.Event) -> bool:
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return True
            return False  # the turn came in this very moment

    def release(self) -> None:
        """Hand the turn to the next."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)


_device_lock = FairLock()


def wait_turn(job: Job) -> Iterator[int]:
    """Wait for the device, yielding how many come before. On ZeroGPU the platform keeps the queue: no wait here."""
    if not on_zero_gpu():
        yield from _device_lock.wait(give_up=lambda: job.stop is not None and job.stop.is_set())


def end_turn() -> None:
    """Hand the device on; for whoever exhausted `wait_turn`."""
    if not on_zero_gpu():
        _device_lock.release()


def waiting() -> int:
    """How many runs wait for the device."""
    return _device_lock.waiting


def dispatch(job: Job, memory: Callable[[int], None]) -> Iterator[Event]:
    """Run one slice and pass its events on.

    Args:
        job: what to run.
        memory: called with the resident bytes of this process several times a second.
    """
    events: queue.Queue[object] = queue.Queue(maxsize=4)
    gone = threading.Event()
    context = contextvars.copy_context()  # ZeroGPU finds the visitor's token in it

    def run() -> None:
        steps = context.run(_work, job)
        try:
            while not gone.is_set():
                event = context.run(next, steps, _END)
                _put(events, event, gone)
                if event is _END:
                    return
        except BaseException as error:  # an injected Stopped, or the ZeroGPU client's own errors
            _put(events, Failure(EditorFailed(f"The run broke off: {error or type(error).__name__}.")), gone)
            _put(events, _END, gone)
        finally:
            if hasattr(steps, "close"):
                context.run(steps.close)

    thread = threading.Thread(target=run, name=f"facet-run-{job.editor}", daemon=True)
    thread.start()
    left_early = True
    try:
        yield from _pump(job, thread, events, memory)
        left_early = False
    finally:
        gone.set()
        hurry = left_early and job.stop is not None and job.stop.is_set()  # asked to end before, and now left alone
        if left_early and job.stop is not None:
            job.stop.set()  # a handler in the middle of a long step sees it at its next ctx.check_stop()
        thread.join(0.5 if hurry else 10)
        if thread.is_alive():
            _interrupt(thread)


def silence_seconds() -> float:
    """How long an editor may say nothing before it is given up (``FACET_SILENCE_SECONDS``, default 300)."""
    return number("FACET_SILENCE_SECONDS", 300)


def _put(events: queue.Queue[object], event: object, gone: threading.Event) -> None:
    while not gone.is_set():
        try:
            events.put(event, timeout=0.2)
            return
        except queue.Full:
            continue


def _pump(
    job: Job, thread: threading.Thread, events: queue.Queue[object], memory: Callable[[int], None]
) -> Iterator[Event]:
    silent, limit, told, done = 0.0, silence_seconds(), "", 0.0
    while True:
        try:
            event = events.get(timeout=0.05)
        except queue.Empty:
            memory(resident_bytes())
            silent += 0.05
            news = ", ".join(download.text for download in in_flight())
            if news and news != told:
                told, silent = news, 0.0  # a slow download is no silence
                yield Preview(b"", done, news)
            if silent > limit:
                _interrupt(thread)
                sentence = f"The editor {job.editor} said nothing for {limit:g} seconds and was given up."
                yield Failure(EditorFailed(sentence), fault=f"said nothing for {limit:g} seconds")
                return
            continue
        memory(resident_bytes())
        if event is _END:
            return
        silent, done = 0.0, event.done if isinstance(event, Preview) else done
        assert isinstance(event, (Preview, Outcome, Failure))
        yield event


def _interrupt(thread: threading.Thread) -> None:
    """Raise Stopped inside `thread`. It takes effect at its next Python instruction, so it ends any Python loop."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
        thread.join(2)
