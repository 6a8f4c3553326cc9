"""The workers of this machine: this process, or several that keep their weights warm."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from facet import EditorError
from facet.app import Registry
from surfaces.batch.work import Row, Task, Work, Worker

LIVES = 3  # how often an item may be there when a worker dies, before it is left out
LOST = "The process that worked on it ended without a word, probably for lack of memory."

_worker: Worker | EditorError | None = None


def here(work: Work, tasks: Iterable[Task], registry: Registry, ended: Callable[[], bool]) -> Iterator[Row]:
    """One item after the other in this process; no new one is begun once `ended`."""
    worker = Worker(work, registry)
    for task in tasks:
        if ended():
            return
        yield worker.do(task)


def in_processes(work: Work, tasks: Iterable[Task], workers: int, ended: Callable[[], bool]) -> Iterator[Row]:
    """Items in several processes, as they get ready. An item whose process died is done again, nothing is done twice.

    When a process dies all of them are begun anew, since nobody can say which item it was; each of the items that were
    being worked on has lost a life, and one that has lost all is left out with a word.
    """
    waiting, fresh = deque[tuple[Task, int]](), iter(tasks)
    with tempfile.TemporaryDirectory(prefix="facet-batch-") as folder:
        order = Path(folder, "work")  # in a file: a process that dies as it begins would leave us writing to its pipe
        order.write_bytes(pickle.dumps(work))
        while True:
            with _pool(order, workers) as pool:
                died = yield from _until_one_dies(pool, waiting, fresh, workers, ended)
            yield from (lost(task) for task, lives in waiting if lives <= 0)
            waiting = deque((task, lives) for task, lives in waiting if lives > 0)
            if ended() or not died:
                return


def lost(task: Task) -> Row:
    """The row of an item that no process came back from."""
    return {
        "name": task.item.name, "state": "failed", "error": LOST, "files": {}, "metrics": {}, "stood_in": [],
        "picture": [], "values": dict(task.item.values), "recipes": [], "seconds": 0.0,
    }  # fmt: skip


def _pool(order: Path, workers: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(str(order),))


def _until_one_dies(
    pool: ProcessPoolExecutor,
    waiting: deque[tuple[Task, int]],
    fresh: Iterator[Task],
    workers: int,
    ended: Callable[[], bool],
) -> Generator[Row, None, bool]:
    """Rows until nothing is left, or a process died (True); then what was being worked on is in `waiting` again."""
    busy: dict[Future[Row], tuple[Task, int]] = {}
    died = False
    while True:
        while not died and len(busy) < workers and not ended() and (chosen := _next(waiting, fresh)):
            try:
                busy[pool.submit(_do, chosen[0])] = chosen
            except BrokenProcessPool:  # while another item came back; this one was not begun and loses nothing
                waiting.appendleft(chosen)
                died = True
        if not busy:
            return died
        done, _ = wait(busy, return_when=FIRST_COMPLETED)  # where a process died, all that are left end at once
        for future in done:
            task, lives = busy.pop(future)
            if isinstance(future.exception(), BrokenProcessPool):
                waiting.append((task, lives - 1))
                died = True
            else:
                yield future.result()


def _next(waiting: deque[tuple[Task, int]], fresh: Iterator[Task]) -> tuple[Task, int] | None:
    if waiting:
        return waiting.popleft()
    task = next(fresh, None)
    return None if task is None else (task, LIVES)


def _begin(order: str) -> None:
    """In a new process: load the editors once. What goes wrong is told when the first item comes."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process decides
    try:
        _worker = Worker(pickle.loads(Path(order).read_bytes()))
    except EditorError as error:
        _worker = error


def _do(task: Task) -> Row:
    if isinstance(_worker, EditorError):
        raise _worker
    assert _worker is not None  # `_begin` ran
    return _worker.do(task)
