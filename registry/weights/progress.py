"""Downloads in flight, for whoever wants to show them.

A surface either polls `in_flight()` or listens. Both may be done in any thread: a download has a thread of its own.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One download at one moment.

    Attributes:
        repo: Hub repository it comes from.
        file: path inside it.
        done: bytes that have arrived.
        total: bytes expected, 0 where unknown.
        state: ``"downloading"``, ``"checking"`` (sha256), then ``"done"`` or ``"failed"``.
    """

    repo: str
    file: str
    done: int = 0
    total: int = 0
    state: str = "downloading"

    @property
    def text(self) -> str:
        """One line for people: ``lions_512.pt 34 %``."""
        name = self.file.rpartition("/")[2]
        if self.state == "checking":
            return f"{name}: checking"
        if not self.total:
            return f"{name} {self.done / 1e6:.0f} MB"
        return f"{name} {min(100, 100 * self.done // self.total)} %"


Listener = Callable[[Progress], object]

_guard = threading.Lock()
_numbers = itertools.count()
_listeners: dict[int, Listener] = {}
_current: dict[int, Progress] = {}


@contextmanager
def listen(callback: Listener) -> Iterator[None]:
    """Call `callback` with every change of every download while the block runs. What it raises is ignored."""
    number = next(_numbers)
    with _guard:
        _listeners[number] = callback
    try:
        yield
    finally:
        with _guard:
            _listeners.pop(number, None)


def in_flight() -> tuple[Progress, ...]:
    """All downloads that are under way, oldest first."""
    with _guard:
        return tuple(_current.values())


class Reporter:
    """Tells about one download; used by the downloader only."""

    def __init__(self, repo: str, file: str, total: int) -> None:
        self._number = next(_numbers)
        self._now = Progress(repo, file, 0, total)
        self.moved = 0  # counts reports, so that a stalled download can be told from a slow one
        self._tell(self._now)

    def arrived(self, count: int) -> None:
        """`count` more bytes are here (negative when the client starts again)."""
        now = self._now
        self._tell(Progress(now.repo, now.file, max(0, now.done + count), now.total))

    def state(self, state: str) -> None:
        """The download entered another state."""
        now = self._now
        self._tell(Progress(now.repo, now.file, now.done, now.total, state))

    def _tell(self, progress: Progress) -> None:
        self._now = progress
        self.moved += 1
        with _guard:
            if progress.state in ("done", "failed"):
                _current.pop(self._number, None)
            else:
                _current[self._number] = progress
            listeners = list(_listeners.values())
        for listener in listeners:
            try:
                listener(progress)
            except Exception:
                continue  # a listener that breaks must not break the download
