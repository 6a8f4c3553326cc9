"""Ends without a step."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("yields_nothing", "Yields nothing", task="restyle")
def yields_nothing(ctx, *, subject: Subject) -> Iterator[Step]:
    """Ends without a step."""
    yield from ()


@hookimpl
def register_editors():
    return [yields_nothing]
