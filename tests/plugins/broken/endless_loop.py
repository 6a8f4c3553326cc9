"""Never yields again."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("endless_loop", "Endless loop", task="restyle")
def endless_loop(ctx, *, subject: Subject) -> Iterator[Step]:
    """Never yields again."""
    yield Step(subject.image, done=0.1)
    while True:
        pass


@hookimpl
def register_editors():
    return [endless_loop]
