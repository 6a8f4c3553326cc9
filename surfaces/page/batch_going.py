"""A batch in a thread of its own: it goes on when its tab is closed, and any tab of its visitor can watch it."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from registry.errors import EditorError
from registry.settings import number
from surfaces.page.batch_view import Shown, batch_view
from surfaces.page.calls import from_owner
from surfaces.page.words import sentence

if TYPE_CHECKING:
    from surfaces.page.batch_run import PageBatch

VIEWS_PER_SECOND = 3.0
_going: set[Going] = set()
_guard = threading.Lock()  # of these, and of the number of watchers: tabs come and go at the same time


class Going:
    """A batch that goes on, watched or not.

    The owner's goes on to its end. A guest's ends, with what is finished, once nobody has watched it for some minutes:
    a page for all works for those who are there.
    """

    def __init__(self, batch: PageBatch) -> None:
        """Raises EditorError where too many go on already."""
        self.batch = batch
        self._patience = float("inf") if from_owner() else number("BATCH_ALONE_SECONDS")
        with _guard:
            if len(_going) >= number("BATCHES"):
                raise EditorError("Too many batches go on here just now. Try again in some minutes.")
            _going.add(self)

    def begin(self, held: ExitStack) -> None:
        """Work from now on, on behalf of whoever called; `held` is closed at the end."""
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work, held), name="facet-batch", daemon=True).start()

    def _work(self, held: ExitStack) -> None:
        shown, halt = self.batch.shown, self.batch.halt
        try:
            for _ in self.batch.run():
                alone = 0.0 if shown.watchers else time.monotonic() - shown.left
                if alone > self._patience and not halt.asked:
                    shown.error = "Nobody watched this batch any more, so it ended. What is finished is here."
                    halt.set()
        except EditorError as error:
            shown.error = sentence(error)
        except Exception:
            shown.error = "The batch broke off. What is finished is here."
            raise  # the log has the rest
        finally:
            shown.stopped = halt.asked
            held.close()
            with _guard:
                _going.discard(self)
            shown.over.set()


def watched(shown: Shown) -> Iterator[dict[str, Any]]:
    """Views of a batch until it is over; each is also where somebody who has gone is noticed."""
    with _guard:
        shown.watchers += 1
    try:
        while not shown.over.wait(1 / VIEWS_PER_SECOND):
            yield batch_view(shown, running=True)
    finally:
        with _guard:
            shown.watchers -= 1
        shown.left = time.monotonic()
    yield batch_view(shown, error=shown.error)


def found_again(shown: Shown | None) -> dict[str, Any] | None:
    """What a tab that was just opened shows of its visitor's batch; None where there is none."""
    if shown is None:
        return None
    if shown.over.is_set():
        return batch_view(shown, error=shown.error)
    return batch_view(shown, running=True) | {"attach": True}
