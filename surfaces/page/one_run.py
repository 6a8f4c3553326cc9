"""One run at a time for each session, which can be stopped. Gradio-free."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from registry.errors import BadInput
from registry.execution import StopSignal, new_stop


class Stoppable(Protocol):
    """What the stop button pulls: a run's `Stop` or a comparison's `Halt`."""

    def set(self) -> None:
        """Ask for the end."""


class OneRun:
    """The run that goes on, if there is one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: Stoppable | None = None

    @contextmanager
    def running(self, stop: Stoppable | None = None) -> Iterator[StopSignal]:
        """Hold the session's only run. Raises BadInput if one is going on, for instance in another tab."""
        mine = stop or new_stop()
        with self._guard:
            if self._running is not None:
                raise BadInput("run", "an edit is still going on", "Stop it, or wait until it is done.")
            self._running = mine
        try:
            yield mine  # type: ignore[misc]  # a comparison hands in its own
        finally:
            with self._guard:
                self._running = None

    @property
    def busy(self) -> bool:
        """Whether a run is going on."""
        return self._running is not None

    def stop(self) -> bool:
        """Pull the stop of the run that is going on; whether there was one."""
        with self._guard:
            if self._running is not None:
                self._running.set()
            return self._running is not None
