"""Has an id that is taken."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("good_one", "Good one", task="restyle")
def good_one(ctx, *, subject: Subject) -> Iterator[Step]:
    """Has an id that is taken."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [good_one]
