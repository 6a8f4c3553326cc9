"""Reports progress that is no number."""

import math

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("not_a_number", "Not a number", task="restyle")
def not_a_number(ctx, *, subject: Subject) -> Iterator[Step]:
    """Reports progress that is no number."""
    yield Step(subject.image, done=math.nan)


@hookimpl
def register_editors():
    return [not_a_number]
