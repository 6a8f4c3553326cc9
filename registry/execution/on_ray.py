"""The executor that runs handlers on a Ray cluster: one page here, workers that keep their weights warm there.

Ray starts the workers, carries what goes there and back, sees when one dies and begins it anew. Whose turn it is, when
a run has to stop and what is kept of it is decided here, as for every executor.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from registry.device import resident_bytes
from registry.errors import BadInput, EditorError, EditorFailed, Stopped
from registry.execution.carrying import needed, own_files, take_home
from registry.execution.job import Event, Failure, Job, Outcome
from registry.execution.ray_cluster import joined
from registry.execution.ray_worker import Order, Said
from registry.execution.ray_workers import LOST, RayWorkers
from registry.execution.stop import Stop, StopSignal
from registry.execution.turns import Turn, Turns, Visitor
from registry.execution.watch import watched
from registry.plugins import SPECS, Preview, Registry

LIVES = 3  # workers that may die of one run, before it is given up
_PUT = 64  # files whose content is kept in Ray's store, for workers that come later


class _Slice:
    """One slice on its way: its worker, and whether it was given up."""

    def __init__(self) -> None:
        self.run = uuid.uuid4().hex
        self.worker: Any = None
        self.ended = False
        self.told = False


class OnRay:
    """Runs as many edits at a time as there are workers. Use `ray_executor` to make one."""

    def __init__(self, workers: RayWorkers) -> None:
        """`workers` have begun."""
        self.workers = workers
        self._ray = workers.ray
        self._turns = Turns(len(workers.all))
        self._put: OrderedDict[str, Any] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many runs wait for a worker."""
        return self._turns.waiting

    def pick_device(self, wanted: str = "") -> str:
        """The workers' device. Raises BadInput for another one than that and the CPU."""
        if wanted not in ("", "cpu", self.workers.device):
            raise BadInput("device", f"is {wanted[:20]}, and the workers have {self.workers.device}", "Leave it out.")
        return wanted or self.workers.device

    def slice_seconds(self, gpu_seconds: float) -> float | None:
        """None: a run goes to its end in one go."""
        return None

    def new_stop(self) -> StopSignal:
        """A file here: whoever waits for the worker looks at it and tells the worker."""
        return Stop()

    def take_place(self, visitor: Visitor) -> Turn:
        """A place in the queue for the workers."""
        return Turn(self._turns, visitor)

    def run_slice(
        self, job: Job, memory: Callable[[int], None], hand_on: Callable[[], None], visitor: Visitor
    ) -> Iterator[Event]:
        """On the next worker that is free; again on another one, from the beginning, if that one dies."""
        mine = _Slice()

        def end() -> None:
            mine.ended = True
            if mine.worker is not None:
                self.workers.end(mine.worker)

        return watched(job, lambda job: self._events(mine, job, memory), memory, hand_on, visitor, end)

    def _events(self, mine: _Slice, job: Job, memory: Callable[[int], None]) -> Iterator[Event]:
        """Runs in the thread of `watched`; ends with an `Outcome` or a `Failure`."""
        done, whole = 0.0, False

        def stopped() -> bool:
            return job.stop is not None and job.stop.is_set()

        try:
            order = self._order(mine, job)
            mine.worker = self.workers.lend(stopped)
            for _ in range(LIVES):
                try:
                    for event in self._asked(mine, order, job, memory):
                        done = event.done if isinstance(event, Preview) else done
                        whole = not isinstance(event, Preview)
                        yield event
                    return
                except self._ray.exceptions.RayActorError:
                    if mine.ended:
                        return
                    mine.told = False
                    yield Preview(b"", done, "its worker ended; another one begins it again")
                    mine.worker = self.workers.revived(mine.worker, stopped)
            yield Failure(EditorFailed(LOST))
        except EditorError as refusal:
            yield Failure(refusal)
        finally:
            worker, mine.worker = mine.worker, None  # `end` may come later, when it does another's work
            if worker is not None:
                if not whole:
                    worker.stop.remote(mine.run)
                self.workers.give_back(worker)

    def _asked(self, mine: _Slice, order: Order, job: Job, memory: Callable[[int], None]) -> Iterator[Event]:
        stream = mine.worker.work.options(num_returns="streaming").remote(order)
        floor = resident_bytes()
        while True:
            try:
                said = self._next(mine, stream, job)
            except StopIteration:
                return
            except Stopped:  # injected by `watched`: the handler does not heed its stop
                mine.worker.interrupt.remote(mine.run)
                continue
            if said is None:
                continue
            memory(floor + said.memory)
            if isinstance(said.event, Outcome):
                yield take_home(job, said.event, said.left or {})
                return
            yield said.event

    def _next(self, mine: _Slice, stream: Any, job: Job) -> Said | None:
        """The next thing that the worker says, or None for a while; tells the worker of a stop meanwhile."""
        if not mine.told and job.stop is not None and job.stop.is_set():
            mine.worker.stop.remote(mine.run)
            mine.told = True
        ready, _ = self._ray.wait([stream], timeout=0.05)
        if not ready:
            return None
        said: Said = self._ray.get(next(stream))
        return said

    def _order(self, mine: _Slice, job: Job) -> Order:
        spec = SPECS[job.editor]
        files = {**needed(spec, job), **own_files(job)}
        carried = {place: self._content(place, file) for place, file in files.items()}
        bare = replace(job, stop=None, belongings=None)
        replay = job.belongings is not None and job.belongings.replay
        return Order(mine.run, bare, replay, carried, spec.version)

    def _content(self, place: str, file: Path) -> tuple[str, Any]:
        """A name for a file as it is now, and its content in Ray's store, put there once.

        The place holds the sha256 of the tensors; what a person calls them may have changed since.
        """
        name = f"{place}-{file.stat().st_mtime_ns}"
        if name not in self._put:
            self._put[name] = self._ray.put(file.read_bytes())
        self._put.move_to_end(name)
        while len(self._put) > _PUT:
            self._put.popitem(last=False)
        return name, self._put[name]


@contextmanager
def ray_executor(address: str, workers: int, registry: Registry, preload: str = "") -> Iterator[OnRay]:
    """An executor on a Ray cluster, or on one that is begun here where `address` is empty; left again at the end.

    Raises:
        BadInput: Ray is not installed, or nobody answers there.
        EditorError: no worker has the editors of `registry`.
    """
    with joined(address, workers) as ray:
        begun = RayWorkers(ray, workers, preload)
        begun.begin(registry)
        yield OnRay(begun)
