"""The executor that runs handlers in this process, one run at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from registry.device import pick_device
from registry.execution.job import Event, Job
from registry.execution.stop import Stop, StopSignal
from registry.execution.turns import Turn, Turns, Visitor
from registry.execution.watch import watched
from registry.execution.work import work


class ThisProcess:
    """Each run has a thread of its own (a handler's `torch` modes are thread-local, and a server may resume a
    generator in any of its threads) and its turn, visitor by visitor. An editor that hangs is given up."""

    def __init__(self) -> None:
        self._turns = Turns()

    @property
    def waiting(self) -> int:
        """How many runs wait for the device."""
        return self._turns.waiting

    def pick_device(self, wanted: str = "") -> str:
        """As `registry.device.pick_device`."""
        return pick_device(wanted)

    def slice_seconds(self, gpu_seconds: float) -> float | None:
        """None: a run goes to its end in one go."""
        return None

    def new_stop(self) -> StopSignal:
        """A file."""
        return Stop()

    def take_place(self, visitor: Visitor) -> Turn:
        """A place in the queue of this executor."""
        return Turn(self._turns, visitor)

    def run_slice(
        self, job: Job, memory: Callable[[int], None], hand_on: Callable[[], None], visitor: Visitor
    ) -> Iterator[Event]:
        """In a thread of its own; see `Executor`."""
        return watched(job, work, memory, hand_on, visitor)
