"""A batch on the page: it runs in turn with all edits, and tells how far it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from registry.decoding import shared_pool
from registry.errors import EditorError
from registry.execution import Halt, StopSignal, Visitor, stop_of
from registry.plugins import Preview, Registry, Result
from registry.saved import subject_with_lineage
from registry.settings import number
from registry.subjects import Subject
from surfaces.batch import Batch, Folder, Progress
from surfaces.batch.work import Row, Task, Work, Worker
from surfaces.page.batch_going import Going, watched
from surfaces.page.batch_order import Order
from surfaces.page.batch_view import Shown, batch_view
from surfaces.page.calls import from_owner
from surfaces.page.picture_urls import small_url
from surfaces.page.session import Session
from surfaces.page.visitors import asking
from surfaces.page.words import sentence


class BatchStop:
    """The stop of one run: whoever pulls it, also a server that is about to end, ends the whole batch."""

    def __init__(self, halt: Halt) -> None:
        self._halt, self._stop = halt, halt.next_stop()

    def set(self) -> None:
        """Ask for the end: the picture that is worked on is not counted as finished."""
        self._halt.asked = True
        self._stop.set()

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._stop.is_set()

    def clear(self) -> None:
        """The run is over."""
        self._stop.clear()

    def plain(self) -> Mapping[str, str]:
        """The same wire as text."""
        return self._stop.plain()

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], StopSignal], tuple[Mapping[str, str]]]:
        """In another process it is the other end of the run's stop."""
        return stop_of, (dict(self.plain()),)


@dataclass
class PageBatch:
    """One batch of a visitor, and what the page shows of it.

    Attributes:
        registry: where the editors are.
        order: what to do.
        halt: set by the stop button.
        shown: what the page shows.
    """

    registry: Registry
    order: Order
    halt: Halt
    shown: Shown
    _pictures: dict[str, str] = field(default_factory=dict)
    _bytes: int = 0
    _most: float = float("inf")

    def run(self) -> Iterator[None]:
        """One step for each thing that happens. Raises EditorError where it cannot be begun, or the disk is full."""
        order = self.order
        if not from_owner():
            self._most = number("BATCH_MB") * 1e6
        folder = Folder(order.folder, order.chain, ending=order.ending)
        batch = Batch(self.registry, Work(order.chain), order.items, folder)
        with closing(batch.run(self._backend)) as events:
            for progress in events:
                self._note(progress)
                yield

    def _note(self, progress: Progress) -> None:
        self.shown.progress = progress
        row = progress.newest
        if row is None:
            return
        files = [self.order.folder / name for name in row["files"]]
        self._bytes += sum(file.stat().st_size for file in files)
        picture = self._pictures.pop(row["name"], "")
        self.shown.add(row, picture, files[0] if files and self.order.served else None)
        if self._bytes > self._most and not self.halt.asked:
            self.shown.error = f"The results have {self._most / 1e6:g} MB, the most of one batch here: it ended."
            self.halt.set()

    def _backend(self, work: Work, tasks: Iterable[Task], ended: Callable[[], bool]) -> Iterator[Row | Preview]:
        """One picture after the other, each in its turn among all edits of the page, until the stop button."""
        worker = Worker(work, self.registry)
        who = asking()

        def read(path: str, name: str) -> Subject:
            return subject_with_lineage(path, name, shared_pool().picture(path, name, who.who))

        # whoever listened first may have gone: the batch itself knows when it has to end
        visitor = Visitor(who.visitor.name, gone=lambda: self.halt.asked)
        how: dict[str, Any] = {"read": read, "next_stop": lambda: BatchStop(self.halt), "visitor": visitor}
        for task in tasks:
            if self.halt.asked or ended():
                return
            self.shown.working = task.item.name
            for event in worker.work.steps(worker.registry, task, lambda: self.halt.asked, **how):
                if isinstance(event, Result):
                    self._pictures[task.item.name] = small_url(event.subject.pixels)
                else:
                    yield event


def page_batch(registry: Registry, session: Session, make: Callable[[], Order]) -> Iterator[dict[str, Any]]:
    """Views of a batch. A refusal keeps what is shown of the one before.

    It goes on when its tab is closed or loaded again, and the next tab of the same visitor finds it.

    Args:
        registry: where the editors are.
        session: whose batch; it goes on beside the visitor's other edits.
        make: judges what was asked.
    """
    halt = Halt()
    try:
        with ExitStack() as held:
            held.enter_context(session.batch.running(halt))
            yield batch_view(Shown(), running=True)
            order = make()
            going = Going(PageBatch(registry, order, halt, Shown(order.folder, order.served, len(order.items))))
            _forget(session.batched)
            shown = session.batched = going.batch.shown
            going.begin(held.pop_all())
    except EditorError as error:
        yield batch_view(session.batched or Shown(), error=sentence(error))
        return
    yield from watched(shown)


def _forget(before: Shown | None) -> None:
    """The results of the batch before make room; those in an owner's folder stay."""
    if before is not None and before.served and before.folder is not None:
        shutil.rmtree(before.folder, ignore_errors=True)
