"""The same work on a Ray cluster: actors that keep their weights warm, one per GPU, or one per so many cores.

Ray starts the actors, moves to them what they need, sees when one dies and begins it anew; what an item is, and when it
is done, is the business of the batch. Actors read pictures and write results, so all machines see the same folders.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from facet import EditorError
from registry.execution import gpus_of, joined
from surfaces.batch.local import LIVES, lost
from surfaces.batch.work import Row, Task, Work, Worker
from surfaces.batch.yours import Yours, pack, unpack

Backend = Callable[[Work, Iterable[Task], Callable[[], bool]], Iterator[Row]]


@contextlib.contextmanager
def cluster(address: str, workers: int) -> Iterator[Backend]:
    """Join a Ray cluster, or begin one on this machine where `address` is empty; left again at the end.

    Args:
        address: as Ray has it: ``auto``, ``host:6379``, ``ray://host:10001``.
        workers: actors; at least one, and as many as the cluster has room for at most.

    Raises:
        BadInput: Ray is not installed, or nobody answers there.
    """
    with joined(address, max(workers, 1)) as ray:
        yield lambda work, tasks, ended: _run(ray, work, tasks, workers, ended)


def _run(ray: Any, work: Work, tasks: Iterable[Task], workers: int, ended: Callable[[], bool]) -> Iterator[Row]:
    """Rows as they get ready. An actor that dies begins anew, and its item is done again."""
    if not work.threads:
        work = replace(work, threads=max(1, (os.cpu_count() or 1) // workers))
    order = ray.put((work, pack(work.chain)))
    gpus = gpus_of(ray)
    each = {"num_gpus": 1} if gpus else {"num_cpus": 1}
    Actor = ray.remote(max_restarts=-1, max_task_retries=LIVES - 1, **each)(_Actor)
    idle = [Actor.remote(order) for _ in range(max(1, min(workers, gpus) if gpus else workers))]
    fresh, busy = iter(tasks), dict[Any, tuple[Any, Task]]()
    while True:
        while idle and not ended() and (task := next(fresh, None)):
            actor = idle.pop()
            busy[actor.do.remote(task)] = actor, task
        if not busy:
            return
        for done in ray.wait(list(busy), num_returns=1)[0]:
            actor, task = busy.pop(done)
            try:
                row = ray.get(done)
            except ray.exceptions.RayActorError:  # its process died as often as it was begun anew
                yield lost(task)
            except ray.exceptions.RayTaskError as problem:
                raise problem.cause if isinstance(problem.cause, EditorError) else problem from None
            else:
                yield row
            idle.append(actor)


class _Actor:
    """A worker in a process of Ray's."""

    def __init__(self, order: tuple[Work, Yours]) -> None:
        self._order = order
        self._worker: Worker | None = None

    def do(self, task: Task) -> Row:
        """One item. Raises BadInput if this machine has not the editors that the batch began with."""
        if self._worker is None:
            work, yours = self._order
            if work.threads:
                import torch

                torch.set_num_threads(work.threads)
            unpack(yours)
            self._worker = Worker(work)
        return self._worker.do(task)
