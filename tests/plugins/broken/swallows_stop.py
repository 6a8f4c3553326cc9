"""Goes on although it is told to stop."""

import threading

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl

release = threading.Event()


@editor("swallows_stop", "Swallows stop", task="restyle")
def swallows_stop(ctx, *, subject: Subject) -> Iterator[Step]:
    """Goes on although it is told to stop."""
    while True:
        try:
            while not release.wait(0.01):
                pass
            yield Step(subject.image, done=1)
            return
        except Exception:
            continue


@hookimpl
def register_editors():
    return [swallows_stop]
