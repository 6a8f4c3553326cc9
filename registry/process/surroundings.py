"""What all editors share in one process, kept as it was: each run and each import begins and ends with the same.

An editor may set torch's default type, change the folder or replace a function of Pillow; the next one, of another
author, must not notice. `Kept` notes how everything is; its `restore` puts it back and says what had been changed.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from registry.process.shared_state import PROCESS, THREAD, Item


class Kept:
    """The state of some items at one moment."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._rows = [(item, item.read()) for item in items]
        self._expected = [before for _, before in self._rows]

    def settle(self) -> None:
        """What is so now was set by us: it will be put back, and nobody is blamed for it."""
        self._expected = [item.read() if item.imposed else before for item, before in self._rows]

    def restore(self) -> tuple[str, ...]:
        """Put everything back; what somebody else had changed, in words."""
        told = []
        for (item, before), expected in zip(self._rows, self._expected, strict=True):
            now = item.read()
            differs = item.differs(before, now)
            if item.blamed and (differs or expected is not before) and (change := item.tell(expected, now)):
                told.append(change)
            if differs:
                item.write(before)
        return tuple(told)


class Lease:
    """The process's state while one run has its turn. It ends once: in the run's thread, or from outside if the run
    does not stop and the turn is handed on; the thread that goes on then changes nothing back."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: Kept | None = None
        self._ended = False

    def begin(self, impose: Callable[[], None]) -> None:
        """Note how everything is, then let `impose` set what the run needs."""
        with self._guard:
            if not self._ended:
                self._kept = Kept(PROCESS)
                impose()
                self._kept.settle()

    def end(self) -> tuple[str, ...]:
        """Put everything back; what the run had changed, in words. Nothing the second time."""
        with self._guard:
            ended, self._ended = self._ended, True
            return self._kept.restore() if self._kept is not None and not ended else ()


lease: contextvars.ContextVar[Lease | None] = contextvars.ContextVar("lease", default=None)
"""The lease of the run that goes on in this context, where somebody outside may end it."""


def thread_state() -> Kept:
    """What belongs to this thread alone; it may serve other runs later."""
    return Kept(THREAD)


@contextmanager
def put_back() -> Iterator[list[str]]:
    """Everything as it was, after an editor was called directly; the list then says what it had changed."""
    kept, changed = Kept((*PROCESS, *THREAD)), list[str]()
    try:
        yield changed
    finally:
        changed += kept.restore()


def import_state() -> Kept:
    """What the whole process shares, before a plugin is imported (in a thread of its own, whose state goes with it)."""
    return Kept(PROCESS)
