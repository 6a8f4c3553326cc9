"""Divides by zero after its first step."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("raises_mid_run", "Raises mid run", task="restyle")
def raises_mid_run(ctx, *, subject: Subject) -> Iterator[Step]:
    """Divides by zero after its first step."""
    yield Step(subject.image, done=0.5)
    yield Step(subject.image, done=1 / (subject.pixels.ndim - 3))


@hookimpl
def register_editors():
    return [raises_mid_run]
