"""The end of a page: nothing more is begun, and what goes on is finished, handed over and stored first."""

from __future__ import annotations

import time
from typing import Any

from registry.execution import going_on, stop_all
from surfaces.page.fair_queue import FairQueue

ENDING = "This server is about to end, so no edit is begun any more. Try again in a minute."
STOPPING_SECONDS = 5.0  # for edits that were told to stop, to hand over the best they have


def finish(demo: Any, seconds: float) -> None:
    """Refuse new edits, let those that go on end, and have their answers fetched.

    Args:
        demo: the page (`surfaces.page.studio.Studio`), which keeps answering meanwhile.
        seconds: how long edits may go on; they are then stopped, and keep the best they have.
    """
    queue: FairQueue = demo._queue
    queue.refuse_all(ENDING)
    busy = queue.going_on
    if busy:
        print(f"Facet: ending; {_edits(busy)} may go on for {seconds:g} seconds.", flush=True)
    _wait(demo, seconds)
    if queue.going_on:
        _wait(demo, STOPPING_SECONDS, stopping=True)
    if left := going_on():
        print(f"Facet: {_edits(left)} did not end in time and went unfinished.", flush=True)


def _wait(demo: Any, seconds: float, stopping: bool = False) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (demo._queue.handed_over and not demo.calls_going_on):
        if stopping:
            stop_all()  # again and again: a comparison begins one edit after the other
        time.sleep(0.05)


def _edits(count: int) -> str:
    return "1 edit" if count == 1 else f"{count} edits"
