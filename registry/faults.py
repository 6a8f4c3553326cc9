"""What editors were caught doing wrong while they ran, and which files of Facet's own are spoilt.

Both are shown on the Add-ons page; the faults of editors in ``facet list``, too.
"""

from __future__ import annotations

import sys
import threading

_lock = threading.Lock()
_faults: dict[str, list[str]] = {}
_spoilt: list[str] = []


def note_fault(editor_id: str, sentence: str) -> None:
    """Remember a fault; the same sentence only once."""
    with _lock:
        known = _faults.setdefault(editor_id, [])
        if sentence not in known and len(known) < 20:
            known.append(sentence)


def faults_of(editor_id: str) -> tuple[str, ...]:
    """The faults seen in this process, oldest first."""
    with _lock:
        return tuple(_faults.get(editor_id, ()))


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


def forget_faults(editor_id: str) -> None:
    """Forget them, for instance when a plugin is loaded anew."""
    with _lock:
        _faults.pop(editor_id, None)
