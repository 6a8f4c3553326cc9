"""Declares a slider that runs backwards."""

from typing import Annotated
from collections.abc import Iterator
from facet import Slider, Step, Subject, editor, hookimpl


@editor("bad_spec", "Bad spec", task="restyle")
def bad_spec(ctx, *, subject: Subject, levels: Annotated[int, Slider(9, 1, doc="Tones.")] = 5) -> Iterator[Step]:
    """Declares a slider that runs backwards."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [bad_spec]
