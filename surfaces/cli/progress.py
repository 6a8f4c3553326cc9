"""Following a run in a terminal: a progress line, and Ctrl-C that keeps the best (twice: gives up)."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Protocol

from facet.app import EditorFailed, Preview, Result

BAR = 24


class Stoppable(Protocol):
    """A run or a comparison that can be asked to end."""

    def set(self) -> None:
        """Ask for the end."""


def finished(title: str, events: Iterable[Preview | Result]) -> Result:
    """Follow a run to its end; its result."""
    with progress_line() as draw:
        for event in events:
            if isinstance(event, Result):
                return event
            draw(title, event.done, event.note)
    raise EditorFailed(f"“{title}” ended without a result.")


@contextlib.contextmanager
def progress_line() -> Iterator[Callable[[str, float, str], None]]:
    """A line on stderr, drawn again by each `draw(title, done, note)`; nothing at all if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda title, done, note: None
        return
    try:
        yield _draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


@contextlib.contextmanager
def interruptible(stop: Stoppable, doing: str = "Stopping and keeping the best so far") -> Iterator[None]:
    """The first Ctrl-C sets `stop` and says what that does; the second one raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    asked = False

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        stop.set()
        print(f"\n{doing}; press Ctrl-C again to give up.", file=sys.stderr)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _draw(title: str, done: float, note: str) -> None:
    filled = round(done * BAR)
    line = f"{title} [{'#' * filled}{'.' * (BAR - filled)}] {done:4.0%} {note}"
    sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
    sys.stderr.flush()
