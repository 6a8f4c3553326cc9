"""How a process that serves the page ends when it is told to."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

ENDED = 143
"""What a process returns that SIGTERM has ended."""


def end(*_: object) -> NoReturn:
    """What SIGTERM does: edits are finished, the folders of visitors' pictures go; a second one ends at once."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(ENDED)


def leave(code: int) -> NoReturn:
    """End this process once all is stored: what is registered with `atexit` is done, and threads are left as they are.

    One that still calculates would abort the process while Python takes itself apart, whatever was to be returned.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)
