"""Memory that was freed goes back to the system, so that work in many pieces takes no more than its largest piece.

glibc keeps what is freed for the next piece, but features of other sizes do not fit into its gaps: over the tiles of
one large picture these grew by hundreds of megabytes.
"""

from __future__ import annotations

import contextlib
import ctypes


def give_back() -> None:
    """Hand freed memory back; milliseconds. Does nothing where the C library is no glibc."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
