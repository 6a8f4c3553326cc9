"""The stop button's wire. A file, because a run may live in another process (a ZeroGPU worker) than the button."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path


class Stop:
    """Ask a run to stop. Cheap to poll (one `stat`), and it survives pickling.

    Nothing lies on the disk but the mark of a run that was asked to stop and is not over.
    """

    def __init__(self) -> None:
        self._path = os.path.join(tempfile.gettempdir(), f"facet-stop-{uuid.uuid4().hex}")

    def set(self) -> None:
        """Ask for the stop."""
        Path(self._path).touch()

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return os.path.exists(self._path)

    def clear(self) -> None:
        """Remove the mark; called when the run is over."""
        Path(self._path).unlink(missing_ok=True)
