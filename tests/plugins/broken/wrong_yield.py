"""Yields a dict where a Step is due."""

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("wrong_yield", "Wrong yield", task="restyle")
def wrong_yield(ctx, *, subject: Subject) -> Iterator[Step]:
    """Yields a dict where a Step is due."""
    yield {"image": subject.image, "done": 1}


@hookimpl
def register_editors():
    return [wrong_yield]
