"""One stop for several runs, one after the other."""

from __future__ import annotations

import threading

from registry.execution import Stop


class Halt:
    """Stops a whole comparison: the method that runs now keeps its best, those that wait are left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: Stop | None = None
        self.asked = False

    def set(self) -> None:
        """Ask for the end; from any thread."""
        with self._lock:
            self.asked = True
            if self._current is not None:
                self._current.set()

    def next_stop(self) -> Stop:
        """A fresh wire for the method about to run, already pulled if the end was asked for."""
        with self._lock:
            self._current = Stop()
            if self.asked:
                self._current.set()
            return self._current
