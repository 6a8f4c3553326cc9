"""Files of Facet's own that are spoilt, and that it can do without; shown on the Add-ons page as well."""

from __future__ import annotations

import sys
import threading

_lock = threading.Lock()
_spoilt: list[str] = []


def note_spoilt(sentence: str) -> None:
    """Say on stderr, once, what is wrong with a file of Facet's own that it can do without."""
    with _lock:
        if sentence in _spoilt:
            return
        _spoilt.append(sentence)
    print(f"facet: {sentence}", file=sys.__stderr__ or sys.stderr)  # what plugins print while they load is held back


def spoilt() -> tuple[str, ...]:
    """What was said so, oldest first."""
    with _lock:
        return tuple(_spoilt)
