"""How much work a call is: lines of Python that it runs through, and how its processor time grows with its input."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Callable
from typing import Any


class TooMuchWork(BaseException):
    """A call went on and on; no `except Exception` on its way hides that."""


def lines_of(call: Callable[[], Any], most: int) -> int:
    """How many lines `call` runs, in all functions it enters. Raises TooMuchWork beyond `most`."""
    count = 0

    def each(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        if count > most:
            sys.settrace(None)
            raise TooMuchWork(f"more than {most} lines")
        return each

    before = sys.gettrace()
    sys.settrace(each)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def growth(read: Callable[[str], Any], text: Callable[[int], str], size: int, most: float = 6.0) -> float:
    """Processor time for a text of four times `size`, over that for one of `size`; 4 is linear, 16 quadratic.

    Each is the least of several measurements, and they are repeated until the ratio is at most `most` or a pattern
    shows: a busy machine adds to some of them, never to all. Work that a loop over `size` squared could not be done in
    counts as none.
    """
    small, large = text(size), text(4 * size)
    gc.disable()  # its work depends on what else lives
    try:
        return _growth(read, small, large, size, most)
    finally:
        gc.enable()


def _growth(read: Callable[[str], Any], small: str, large: str, size: int, most: float) -> float:
    if min(_seconds(read, large, 1) for _ in range(3)) < size * size * 1e-10:
        return 0.0
    repeats = max(1, int(0.002 / max(1e-7, _seconds(read, small, 1))))
    best = float("inf")
    for _ in range(6):
        once, four = (min(_seconds(read, each, repeats) for _ in range(3)) for each in (small, large))
        best = min(best, four / once)
        if best <= most:
            break
    return best


def _seconds(read: Callable[[str], Any], text: str, repeats: int) -> float:
    began = time.thread_time()
    for _ in range(repeats):
        with contextlib.suppress(Exception):
            read(text)
    return (time.thread_time() - began) / repeats
