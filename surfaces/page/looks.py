"""The looks of one tab that go on at the same time. Gradio-free."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SLOW = 0.8  # seconds of an editor's work on a look, from which on the next one waits until it is shown
REMEMBERED = 5  # looks of each editor, of which the quickest counts: the first one loads, and others may be busy


class Looks:
    """Numbers looks in the order in which they were asked for, and lets none be drawn twice at the same time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._going: list[Any] = []
        self._number = 0
        self._seconds: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def note(self, editor: str, seconds: float) -> None:
        """Note how long an editor worked on a look."""
        self._seconds[editor].append(seconds)

    def slow(self, editor: str) -> bool:
        """Whether its looks are better asked for one by one: a second one would only come later, and not sooner."""
        return min(self._seconds[editor], default=0.0) > SLOW

    @contextmanager
    def one(self, of: Any) -> Iterator[int]:
        """Its number, from 1 on; 0 where a look of the very same is being drawn already. It goes on until the end."""
        with self._guard:
            first = of not in self._going
            self._number += first
            number = self._number if first else 0
            if first:
                self._going.append(of)
        try:
            yield number
        finally:
            with self._guard:
                if first:
                    self._going.remove(of)
