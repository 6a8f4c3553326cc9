"""Is written for a Facet that is not out yet."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("too_new_api", "Too new api", task="restyle", api=99)
def too_new_api(ctx, *, subject: Subject) -> Iterator[Step]:
    """Is written for a Facet that is not out yet."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [too_new_api]
