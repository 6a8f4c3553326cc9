"""Work that is counted, not timed: lines of Python that a call runs through."""

from __future__ import annotations

import sys
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
