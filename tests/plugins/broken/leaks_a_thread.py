"""Leaves a thread behind."""

import threading

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl

release = threading.Event()


@editor("leaks_a_thread", "Leaks a thread", task="restyle")
def leaks_a_thread(ctx, *, subject: Subject) -> Iterator[Step]:
    """Leaves a thread behind."""
    threading.Thread(target=lambda: release.wait(), name="left-behind", daemon=True).start()
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [leaks_a_thread]
