"""An editor that pulls a picture about by its handles, step by step: what the marks on the stage are for."""

import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np

from facet import Mask, MaskInput, Pair, Points, Slider, Step, Subject, Switch, editor, hookimpl
from facet.app import EditorFailed


@editor("pulling", "Pulling", task="drag", gpu_seconds=0, trial={"steps": 3})
def pulling(
    ctx,
    *,
    subject: Subject,
    pairs: Annotated[list[Pair], Points(on="subject", most=5, doc="What moves, and where to.")] = (),
    mask: Annotated[Mask | None, MaskInput(on="subject", doc="What may change.")] = None,
    steps: Annotated[int, Slider(1, 2000, doc="How many steps it takes.")] = 20,
    pause: Annotated[float, Slider(0, 1, doc="Seconds that each of them takes.")] = 0.03,
    breaks: Annotated[bool, Switch(doc="Whether it breaks half-way.", advanced=True)] = False,
) -> Iterator[Step]:
    """Pull a picture about by its handles."""
    handles = np.array([pair.handle for pair in pairs]).reshape(-1, 2)
    targets = np.array([pair.target for pair in pairs]).reshape(-1, 2)
    for step in range(1, steps + 1):
        ctx.check_stop()
        if breaks and step > steps / 2:
            raise EditorFailed("The rope broke.")
        reached = handles + (targets - handles) * step / steps
        picture = pulled(subject.pixels, handles, reached)
        if mask is not None:
            picture = np.where(mask[..., None], picture, subject.pixels)
        note = f"step {step} of {steps}, {len(pairs)} pairs"
        points = tuple((float(x), float(y)) for x, y in reached)
        masked = 0 if mask is None else int(mask.sum())
        yield Step(picture, step / steps, note, points=points, metrics={"pairs": len(pairs), "masked": masked})
        time.sleep(pause)


def pulled(pixels, handles, reached):
    """The picture with what lies under `handles` at `reached`, fading out over a sixth of its height."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    from_x, from_y = x.copy(), y.copy()
    for start, end in zip(handles.astype(np.float32), reached.astype(np.float32), strict=True):
        near = np.exp(-((x - end[0]) ** 2 + (y - end[1]) ** 2) / (2 * (height / 6) ** 2))
        from_x -= (end[0] - start[0]) * near
        from_y -= (end[1] - start[1]) * near
    rows, columns = from_y.round().astype(int).clip(0, height - 1), from_x.round().astype(int).clip(0, width - 1)
    return pixels[rows, columns]


@hookimpl
def register_editors():
    return [pulling]
