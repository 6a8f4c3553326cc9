"""What an executor is: where the handlers of editors run. Whatever runs an edit goes through the one in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from registry.execution.job import Event, Job
from registry.execution.stop import StopSignal
from registry.execution.turns import Turn, Visitor


class Executor(Protocol):
    """Runs jobs, one slice at a time, and streams what happens back.

    There are three: `ThisProcess`, `ZeroGpu` and `OnRay`. What crosses is plain data: `Job` there, `Event` back, all
    of which survive pickling; an editor is named by its id, so the other side loads the same plugins
    (`registry.plugins.load_registry`) and calls `work`. Folders in ``Job.belongings`` and files of the user's own are
    paths: where the two sides share no file system, `registry.execution.carrying` moves what they name.
    """

    def pick_device(self, wanted: str = "") -> str:
        """The device that runs use there: `wanted`, or the best there is if that is empty.

        Raises:
            BadInput: there is no such device.
        """

    def slice_seconds(self, gpu_seconds: float) -> float | None:
        """How long one slice of a run may take that needs `gpu_seconds` in all, or None where nobody counts."""

    def new_stop(self) -> StopSignal:
        """A stop that reaches handlers where this executor runs them; called in any thread."""

    def take_place(self, visitor: Visitor) -> Turn:
        """A place among those that wait; ``Turn(None)`` where somebody else keeps the queue, or there is none."""

    def run_slice(
        self, job: Job, memory: Callable[[int], None], hand_on: Callable[[], None], visitor: Visitor
    ) -> Iterator[Event]:
        """Run one slice: previews, then one `Outcome` or one `Failure`. Closing the iterator ends the run.

        Args:
            job: what to run; its stop may be of another executor, if a caller brought its own.
            memory: called with the resident bytes of the process that works, several times a second.
            hand_on: called as soon as others may go on although this run has not ended: it does not stop.
            visitor: whose run it is; it is told to stop when the visitor goes.
        """
