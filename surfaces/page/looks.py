"""The looks of one tab that go on at the same time. Gradio-free."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Looks:
    """Numbers looks in the order in which they were asked for, and lets none be drawn twice at the same time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._going: list[Any] = []
        self._number = 0

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
