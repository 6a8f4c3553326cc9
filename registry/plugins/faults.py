"""What editors were caught doing wrong while they ran; shown on the Add-ons page and in ``facet list``."""

from __future__ import annotations

import threading

_lock = threading.Lock()
_faults: dict[str, list[str]] = {}


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
