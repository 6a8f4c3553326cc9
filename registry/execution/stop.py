"""The stop button's wire: what every stop can do, and the one that serves the processes of one machine, a file."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from registry.errors import EditorError

_NAME = re.compile(r"facet-stop-[0-9a-f]{32}")


class StopSignal(Protocol):
    """Asks a run to stop. One end is pulled where the visitor is, the other is polled where the handler is.

    An executor that runs handlers on another machine brings a class of its own (`Executor.new_stop`) and tells the
    processes there how to make the other end out of its plain form (`add_stop_form`).
    """

    def set(self) -> None:
        """Ask for the stop; from any thread, as often as one likes."""

    def is_set(self) -> bool:
        """Whether somebody asked. Handlers ask between steps, so it must be cheap and wait for nothing."""

    def clear(self) -> None:
        """Take the mark away; called when the run is over, also where none was set."""

    def plain(self) -> Mapping[str, str]:
        """The same wire as text, for a message to another process or machine: ``form`` and what that form needs."""


class Stop:
    """A stop for the processes of one machine: a file, because a worker that already lives can be handed a path.

    Cheap to poll (one `stat`), and it survives pickling. Nothing lies on the disk but the mark of a run that was asked
    to stop and is not over.
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

    def plain(self) -> Mapping[str, str]:
        """``{"form": "file", "path": …}``."""
        return {"form": "file", "path": self._path}

    @classmethod
    def of(cls, plain: Mapping[str, str]) -> Stop:
        """The other end of the same wire. Raises EditorError for a path that is no stop's: it would be deleted."""
        path = str(plain.get("path", ""))
        if not _NAME.fullmatch(os.path.basename(path)):
            raise EditorError("A stop came with the path of another file, so it was refused.")
        made = cls()
        made._path = path
        return made


_forms: dict[str, Callable[[Mapping[str, str]], StopSignal]] = {"file": Stop.of}


def add_stop_form(form: str, make: Callable[[Mapping[str, str]], StopSignal]) -> None:
    """Let this process understand stops of another form; `make` gets what `StopSignal.plain` gave elsewhere."""
    _forms[form] = make


def stop_of(plain: Mapping[str, Any]) -> StopSignal:
    """The other end of a stop that came as plain data. Raises EditorError for a form nobody here understands."""
    form = str(plain.get("form"))
    if form not in _forms:
        raise EditorError(f"This process does not understand stops of the form “{form[:40]}”: see add_stop_form.")
    return _forms[form]({str(key): str(value) for key, value in plain.items()})
