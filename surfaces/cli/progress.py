"""Following a run in a terminal: a progress line, and Ctrl-C that keeps the best (twice: gives up)."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from types import FrameType

from facet import EditorFailed, Preview, Result, Stop

BAR = 24


def follow(title: str, events: Iterable[Preview | Result]) -> Iterator[Result]:
    """Pass the results on and show the previews' progress on stderr, if that is a terminal."""
    live = sys.stderr.isatty()
    try:
        for event in events:
            if isinstance(event, Result):
                yield event
            elif live:
                _draw(title, event)
    finally:
        if live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def finished(title: str, events: Iterable[Preview | Result]) -> Result:
    """The one result of a run."""
    for result in follow(title, events):
        return result
    raise EditorFailed(f"“{title}” ended without a result.")


@contextlib.contextmanager
def interruptible(stop: Stop) -> Iterator[None]:
    """The first Ctrl-C sets `stop`, so that the best so far is kept; the second one raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("\nStopping and keeping the best so far; press Ctrl-C again to give up.", file=sys.stderr)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _draw(title: str, step: Preview) -> None:
    filled = round(step.done * BAR)
    line = f"{title} [{'#' * filled}{'.' * (BAR - filled)}] {step.done:4.0%} {step.note}"
    sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
    sys.stderr.flush()
