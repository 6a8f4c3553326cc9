"""The same work on a Ray cluster: actors that keep their weights warm, one per GPU, or one per so many cores.

Ray starts the actors, moves to them what they need, sees when one dies and begins it anew; what an item is, and when it
is done, is the business of the batch. Actors read pictures and write results, so all machines see the same folders.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from facet import BadInput, EditorError
from registry.bounds import shown
from surfaces.batch.local import LIVES, lost
from surfaces.batch.work import Row, Task, Work, Worker
from surfaces.batch.yours import Yours, pack, unpack

Backend = Callable[[Work, Iterable[Task], Callable[[], bool]], Iterator[Row]]
NEEDS = "needs Ray: pip install “facet-editors[ray]”, on every machine of the cluster"


@contextlib.contextmanager
def cluster(address: str, workers: int) -> Iterator[Backend]:
    """Join a Ray cluster, or begin one on this machine where `address` is empty; left again at the end.

    Args:
        address: as Ray has it: ``auto``, ``host:6379``, ``ray://host:10001``.
        workers: actors; at least one, and as many as the cluster has room for at most.

    Raises:
        BadInput: Ray is not installed, or nobody answers there.
    """
    try:
        import ray
    except ImportError:
        raise BadInput("ray", NEEDS) from None
    _check_answers(address)
    try:
        how: dict[str, Any] = (
            {"address": address} if address else {"num_cpus": max(workers, 1), "include_dashboard": False}
        )
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **how)
    except Exception as problem:  # Ray raises many kinds of errors where nobody answers
        why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise _no_cluster(address, why) from None
    try:
        yield lambda work, tasks, ended: _run(ray, work, tasks, workers, ended)
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Ray itself would try for minutes. Raises BadInput if nobody answers at a host and port."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return
    except (OSError, OverflowError) as problem:
        raise _no_cluster(address, str(problem)) from None


def _no_cluster(address: str, why: str) -> BadInput:
    fix = "Begin one with “ray start --head”, or leave the address out for this machine alone."
    return BadInput("ray", f"finds no cluster at {shown(address)} ({why[:120]})", fix)


def _run(ray: Any, work: Work, tasks: Iterable[Task], workers: int, ended: Callable[[], bool]) -> Iterator[Row]:
    """Rows as they get ready. An actor that dies begins anew, and its item is done again."""
    if not work.threads:
        work = replace(work, threads=max(1, (os.cpu_count() or 1) // workers))
    order = ray.put((work, pack(work.chain)))
    gpus = int(ray.cluster_resources().get("GPU", 0))
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
