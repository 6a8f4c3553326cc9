"""Calls that may hang, made so that whoever waits for them does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Waiting(Generic[T]):
    """A call in a daemon thread, so that nothing it hangs on can hang the caller."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._done = threading.Event()
        self._value: list[T] = []
        self._problem: BaseException | None = None

        def attempt() -> None:
            try:
                self._value.append(call())
            except BaseException as problem:  # carried over to the waiting thread
                self._problem = problem
            finally:
                self._done.set()

        threading.Thread(target=attempt, name="facet-hub", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for so long; whether it is done."""
        return self._done.wait(seconds)

    def result(self) -> T:
        """What the call returned, once it is done; raises what it raised."""
        if self._problem is not None:
            raise self._problem
        return self._value[0]
