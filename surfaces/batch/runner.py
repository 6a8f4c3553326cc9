"""A batch from its list to its report, with what is known of its end while it goes on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from facet import EditorError
from facet.app import Preview, Registry
from surfaces.batch.folder import Folder
from surfaces.batch.items import Item
from surfaces.batch.local import here, in_processes
from surfaces.batch.work import Row, Task, Work

Backend = Callable[[Work, Iterable[Task], Callable[[], bool]], Iterator[Row | Preview]]
"""Works on tasks until the last function says that the end was asked for; rows, and previews on their way to them."""


@dataclass(frozen=True)
class Progress:
    """How far a batch is.

    Attributes:
        of: how many items there are.
        before: how many of them were finished before it began.
        done: finished since.
        failed: of all that were tried, how many have no result.
        seconds: since it began.
        newest: the row of the item that was over last, or None.
        now: the newest preview of the item that is worked on, where one is at a time and somebody looks; or None.
    """

    of: int
    before: int = 0
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    newest: Row | None = None
    now: Preview | None = None

    @property
    def rate(self) -> float:
        """Items a second."""
        return self._over / self.seconds if self.seconds else 0.0

    @property
    def left(self) -> float | None:
        """Seconds to the end as it looks now, or None before the first item is over."""
        begun = self.done or self.failed or self._over > 0.2
        return (self.of - self.before - self._over) / self.rate if begun and self.rate else None

    @property
    def share(self) -> float:
        """0 to 1."""
        return (self.before + self._over) / self.of if self.of else 1.0

    @property
    def _over(self) -> float:
        """Items that were tried, with the share of the one that is worked on."""
        return self.done + self.failed + (self.now.done if self.now else 0.0)

    def __str__(self) -> str:
        parts = [f"{self.before + self.done} of {self.of}"]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.rate:.3g}/s", f"{span(self.left)} left"] if self.left is not None else []
        return ", ".join(parts)


class Batch:
    """Work over items into a folder. `end()` from any thread: what has begun is finished, nothing more is begun."""

    def __init__(self, registry: Registry, work: Work, items: Sequence[Item], folder: Folder, workers: int = 1) -> None:
        self.registry, self.work, self.items, self.folder, self.workers = registry, work, items, folder, workers
        self._ended = False

    def end(self) -> None:
        """Begin nothing more."""
        self._ended = True

    set = end  # what `surfaces.cli.progress.interruptible` calls

    @property
    def ended(self) -> bool:
        """Whether the end was asked for."""
        return self._ended

    def run(self, backend: Backend | None = None) -> Iterator[Progress]:
        """Do what is not finished yet; a `Progress` first, and one after each item.

        Args:
            backend: where items are worked on; None for this machine.

        Raises:
            BadInput: the folder is taken, or belongs to another batch.
            EditorError: the disk is full; all that is finished stays, and the same command goes on from there.
        """
        with self.folder:
            finished = self.folder.finished(self.items)
            tasks = [self._task(item) for item in self.items if item.name not in finished]
            began, progress = time.monotonic(), Progress(len(self.items), len(finished))
            yield progress
            try:
                for row in (backend or self._here)(self.work, tasks, lambda: self._ended):
                    if isinstance(row, Preview):
                        yield replace(progress, now=row, seconds=time.monotonic() - began, newest=None)
                        continue
                    self.folder.note(row)
                    good = row["state"] == "done"
                    progress = replace(
                        progress, done=progress.done + good, failed=progress.failed + (not good),
                        seconds=time.monotonic() - began, newest=row,
                    )  # fmt: skip
                    yield progress
            except BaseException:
                with contextlib.suppress(EditorError):  # on a full disk; why it ended is what counts
                    self._report()
                raise
            self._report()

    def _report(self) -> None:
        self.folder.report(item.name for item in self.items)

    def _task(self, item: Item) -> Task:
        return Task(item, str(self.folder.path), str(self.folder.out(item)))

    def _here(self, work: Work, tasks: Iterable[Task], ended: Callable[[], bool]) -> Iterator[Row]:
        if self.workers == 1:
            return here(work, tasks, self.registry, ended)
        threads = work.threads or max(1, (os.cpu_count() or 1) // self.workers)
        return in_processes(replace(work, threads=threads), tasks, self.workers, ended)


def span(seconds: float | None) -> str:
    """A length of time in two words: “40 s”, “3 min 20 s”, “5 h 10 min”."""
    if seconds is None:
        return "?"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
