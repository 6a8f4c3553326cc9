"""Starts a thread while it is imported."""

import threading

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl

release = threading.Event()
threading.Thread(target=release.wait, name="uninvited", daemon=True).start()


@editor("starts_a_thread", "Starts a thread", task="restyle")
def starts_a_thread(ctx, *, subject: Subject) -> Iterator[Step]:
    """Starts a thread while it is imported."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [starts_a_thread]
