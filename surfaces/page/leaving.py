"""Ending a run that its visitor left, without keeping all others waiting.

Gradio closes a generator on the server's only event loop, and tries for a minute if the generator is within a step.
An editor that takes its time to stop would freeze every page meanwhile; so it is closed in a thread of its own.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from gradio.utils import SyncToAsyncIterator

_BUSY_SECONDS = 600.0  # how long a step may take until its generator is left to the garbage collector


class Leaving(SyncToAsyncIterator):
    """A generator as Gradio's queue drives it; closing it returns at once."""

    async def aclose(self, timeout: float = _BUSY_SECONDS, retry_interval: float = 0.05) -> None:
        """Have it closed as soon as its present step is over."""

        def close() -> None:
            end = time.monotonic() + timeout
            while time.monotonic() < end:
                try:
                    return self.iterator.close()
                except ValueError:  # it is within a step
                    time.sleep(retry_interval)
            return None

        threading.Thread(target=close, name="facet-leaving", daemon=True).start()


def patient(found: dict[str, Any]) -> dict[str, Any]:
    """What Gradio made of a call of a listener, with its generator, if it is one, made easy to leave."""
    iterator = found.get("iterator")
    if type(iterator) is SyncToAsyncIterator:
        found["iterator"] = Leaving(iterator.iterator, iterator.limiter)
    return found
