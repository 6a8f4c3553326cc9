"""An editor whose result has everything that a result can have."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import torch

from facet import Artifact, Film, FilmFormat, Slider, Step, Subject, editor, hookimpl


@editor("yielding", "Yielding", task="trial", gpu_seconds=0, trial={"frames": 2})
def yielding(
    ctx,
    *,
    subject: Subject,
    frames: Annotated[int, Slider(2, 20, doc="Of the film.")] = 4,
    format: Annotated[str, FilmFormat()] = "webp",
) -> Iterator[Step]:
    """Leave a picture, a mask, a text, a film, a further picture and an artifact."""
    pixels = np.asarray(subject.pixels)
    drawn = (np.roll(pixels, index, axis=1) for index in range(frames))
    yield Step(
        pixels // 2,
        0.5,
        "half-way",
        metrics={"brightness": float(pixels.mean())},
        images={"upside down": pixels[::-1]},
        mask=pixels[..., 0] > 127,
        text="A picture of nothing.",
        artifacts=(Artifact("table", "Numbers", {"numbers": torch.arange(4.0)}, facts={"of": "nothing"}),),
        film=Film(drawn, 10, format, frames),
    )


@hookimpl
def register_editors():
    """One editor."""
    return [yielding]
