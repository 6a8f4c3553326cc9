"""Reports less progress than before."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("goes_backwards", "Goes backwards", task="restyle")
def goes_backwards(ctx, *, subject: Subject) -> Iterator[Step]:
    """Reports less progress than before."""
    yield Step(subject.image, done=0.8)
    yield Step(subject.image, done=0.2)


@hookimpl
def register_editors():
    return [goes_backwards]
