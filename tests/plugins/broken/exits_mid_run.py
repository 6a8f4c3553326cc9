"""Ends the program while it runs."""

import sys

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


@editor("exits_mid_run", "Exits mid run", task="restyle")
def exits_mid_run(ctx, *, subject: Subject) -> Iterator[Step]:
    """Ends the program while it runs."""
    yield Step(subject.image, done=0.5)
    sys.exit(3)


@hookimpl
def register_editors():
    return [exits_mid_run]
