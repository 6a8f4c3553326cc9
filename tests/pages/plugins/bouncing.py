"""A dropped-in editor that makes films, as a stranger would write it."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import numpy as np

from facet import Film, FilmFormat, Slider, Step, Subject, editor, hookimpl
from facet.app import EditorSpec


@editor("bouncing", "Bouncing", task="animate", gpu_seconds=0, trial={"frames": 4})
def bouncing(
    ctx,
    *,
    subject: Subject,
    frames: Annotated[int, Slider(2, 200, doc="How many.")] = 10,
    format: Annotated[str, FilmFormat()] = "mp4",
) -> Iterator[Step]:
    """Let the picture bounce up and down."""
    pixels = np.asarray(subject.image)
    height = len(pixels) // 4

    def drawn() -> Iterator[np.ndarray]:
        for index in range(frames):
            ctx.check_stop()
            yield np.roll(pixels, round(height * abs(np.sin(np.pi * index / frames))), axis=0)

    images = {"first frame": pixels, "half / half": pixels}
    yield Step(pixels, 0.1, "bouncing", images=images, film=Film(drawn(), 10, format, frames))


@editor("swaying", "Swaying", task="animate", gpu_seconds=0, trial={"frames": 4})
def swaying(
    ctx,
    *,
    subject: Subject,
    frames: Annotated[int, Slider(2, 200, doc="How many.")] = 10,
    format: Annotated[str, FilmFormat()] = "mp4",
) -> Iterator[Step]:
    """Let the picture sway from side to side."""
    pixels = np.asarray(subject.image)
    drawn = (np.roll(pixels, round(20 * np.sin(2 * np.pi * index / frames)), axis=1) for index in range(frames))
    yield Step(pixels, 0.1, "swaying", film=Film(drawn, 10, format, frames))


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """Two editors of one task."""
    return [bouncing, swaying]
