"""An edit seen in the picture that its subject was cut from, while it goes on; see `editor(follow=…)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from registry.device import cpu_threads, with_threads
from registry.errors import EditorError
from registry.execution.context import Context
from registry.plugins import EditorSpec, note_fault
from registry.subjects import Pixels, Subject

T = TypeVar("T")


class Follower:
    """Shows pictures of one subject in the picture it was cut from; on the CPU, beside whatever runs on the device.

    It has half of the threads: where all of them share the processor with a run or a browser, each waits for the others
    at every single operation.
    """

    def __init__(self, spec: EditorSpec, subject: Subject, source: Subject) -> None:
        """What `spec` makes for the two. Raises EditorError where it cannot; a broken editor counts as one."""
        if spec.follow is None:
            raise EditorError(f"“{spec.title}” cannot follow an edit.")
        self._spec = spec
        follow = spec.follow
        self._show = self._guarded(lambda: follow(Context(nets=spec.nets), subject, source))

    def show(self, edited: Subject) -> Pixels:
        """The whole picture after an edit of the subject, uint8 [h, w, 3], small. Raises EditorError."""
        return self._guarded(lambda: self._show(edited))

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            with with_threads(max(1, cpu_threads() // 2)):
                return work()
        except EditorError:
            raise
        except Exception as error:  # a stranger's function
            note_fault(self._spec.id, f"its follow raised {type(error).__name__}: {error}")
            raise EditorError(f"“{self._spec.title}” cannot show this edit: a fault of the add-on.") from None
