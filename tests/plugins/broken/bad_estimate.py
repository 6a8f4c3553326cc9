"""Estimates its GPU time from an input it does not have."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("bad_estimate", "Bad estimate", task="restyle", gpu_seconds=lambda steps, **_: steps / 10)
def bad_estimate(ctx, *, subject: Subject) -> Iterator[Step]:
    """Estimates its GPU time from an input it does not have."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [bad_estimate]
