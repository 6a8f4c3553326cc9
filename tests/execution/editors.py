"""Editors that tell where they run, for tests of executors."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Annotated

from facet import NoFace, Slider, Step, Subject, editor


@editor("telling", "Telling", task="restyle")
def telling(ctx, *, subject: Subject, steps: Annotated[int, Slider(1, 1000, doc="How many.")] = 3) -> Iterator[Step]:
    """Say in which process each step is made, a little darker each time."""
    for step in range(1, steps + 1):
        ctx.check_stop()
        time.sleep(0.005)
        yield Step(subject.pixels // step, step / steps, metrics={"pid": os.getpid(), "step": step})


@editor("faceless", "Faceless", task="restyle")
def faceless(ctx, *, subject: Subject) -> Iterator[Step]:
    """Find no face."""
    yield Step(subject.pixels, 0.5)
    raise NoFace("There is no face in the picture.")


@editor("deaf", "Deaf", task="restyle")
def deaf(ctx, *, subject: Subject) -> Iterator[Step]:
    """Sleep where no exception reaches it."""
    time.sleep(600)
    yield Step(subject.pixels, 1)


ALL = (telling, faceless, deaf)
