"""The executor of a ZeroGPU Space: handlers run in a worker process that is lent a GPU for a minute at most."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from registry.device import pick_device
from registry.execution.job import Event, Job
from registry.execution.stop import Stop, StopSignal
from registry.execution.turns import Turn, Visitor
from registry.execution.watch import watched
from registry.execution.work import work

ZERO_GPU_SECONDS = 60.0  # what ZeroGPU lends at a time by default; a longer run goes on in another slice
_MARGIN = 5.0  # seconds between a slice's own end and that of the loan


def on_zero_gpu() -> bool:
    """Whether this process runs on a ZeroGPU Space, judged as the `spaces` package does."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


class ZeroGpu:
    """`work` is decorated with ``@spaces.GPU``, once, so that one worker process stays warm for all editors.

    Make it before anything initialises CUDA or imports Gradio: it imports `spaces`, which must come first.
    """

    def __init__(self) -> None:
        import spaces

        self._lent: Callable[[Job], Iterator[Event]] = spaces.GPU(duration=_duration)(work)

    def pick_device(self, wanted: str = "") -> str:
        """As `registry.device.pick_device`; `spaces` lets torch say that CUDA is here, outside a worker too."""
        return pick_device(wanted)

    def slice_seconds(self, gpu_seconds: float) -> float | None:
        """What is left of a loan of the editor's own estimate, from 10 to 60 seconds; None if it needs no GPU."""
        if gpu_seconds <= 0:
            return None
        return min(ZERO_GPU_SECONDS, max(2 * _MARGIN, gpu_seconds)) - _MARGIN

    def new_stop(self) -> StopSignal:
        """A file: the worker was forked before the run began."""
        return Stop()

    def take_place(self, visitor: Visitor) -> Turn:
        """No wait: the platform keeps the queue."""
        return Turn(None, visitor)

    def run_slice(
        self, job: Job, memory: Callable[[int], None], hand_on: Callable[[], None], visitor: Visitor
    ) -> Iterator[Event]:
        """In the worker, or in a thread here if the editor needs no GPU; see `Executor`."""
        return watched(job, self._lent if job.gpu_seconds > 0 else work, memory, hand_on, visitor)


def _duration(job: Job) -> int:
    return round((job.slice_seconds or ZERO_GPU_SECONDS - _MARGIN) + _MARGIN)
