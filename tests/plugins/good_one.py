"""An editor that does as it should, for tests that need one beside a broken one."""

import numpy as np

from typing import Annotated
from collections.abc import Iterator
from facet import Seed, Slider, Step, Subject, editor, hookimpl


@editor("good_one", "Good one", task="restyle", gpu_seconds=1)
def good_one(
    ctx,
    *,
    subject: Subject,
    strength: Annotated[float, Slider(0, 1, doc="How far the picture is inverted.")] = 0.5,
    steps: Annotated[int, Slider(1, 1000, doc="How many steps it takes.")] = 4,
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Invert a picture by degrees, with a little grain."""
    grain = np.random.default_rng(seed).integers(0, 8, subject.pixels.shape)
    start = ctx.state["step"] if ctx.state else 0
    for step in range(start + 1, steps + 1):
        ctx.check_stop()
        part = strength * step / steps
        image = subject.pixels * (1 - part) + (255 - subject.pixels) * part + grain
        yield Step(np.clip(image / 255, 0, 1), done=step / steps, metrics={"step": step}, state={"step": step})


@hookimpl
def register_editors():
    return [good_one]
