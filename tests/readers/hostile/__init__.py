"""Hostile weight files: each tries to run code, to lie about itself, or to cost more memory than it has bytes.

`HOSTILE` maps a name to a builder; a builder writes into a folder of its own and gives the path to open. Payloads
would create the file `canary` in that folder.
"""

from tests.readers.hostile import archives, code, formats, lies, memory  # noqa: F401 - they fill the table
from tests.readers.hostile.wire import HOSTILE

__all__ = ["HOSTILE"]
