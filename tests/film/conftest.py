"""An editor that makes films of moving colours, and a decoder to look at them with."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest

from facet import Film, FilmFormat, Slider, Step, Subject, editor
from registry.conformance.sample_inputs import small_picture

PICTURE = small_picture(41, 33)


def frame(index: int, width: int = 41, height: int = 33) -> np.ndarray:
    """A smooth field that moves, odd-sized, with one corner of a known colour."""
    y, x = np.mgrid[:height, :width]
    field = np.stack([x * 4 + index * 3, y * 5, np.full_like(x, 90)], axis=2).clip(0, 255).astype(np.uint8)
    field[:12, :12] = (200, 90, 40)
    return field


@editor("filming", "Filming", task="animate", gpu_seconds=0)
def filming(
    ctx,
    *,
    subject: Subject,
    frames: Annotated[int, Slider(0, 100_000, doc="How many.")] = 8,
    fps: Annotated[float, Slider(1, 60, doc="How fast.")] = 12.0,
    format: Annotated[str, FilmFormat()] = "mp4",
) -> Iterator[Step]:
    """Make a film of moving colours."""

    def drawn() -> Iterator[np.ndarray]:
        for index in range(frames):
            ctx.check_stop()
            yield frame(index)

    yield Step(frame(0), 0.25, "drawing", film=Film(drawn(), fps, format, frames))


@pytest.fixture
def decoded():
    """Frames of a film as uint8 RGB, and how long each is shown in seconds."""

    def decode(content: bytes, format: str) -> tuple[list[np.ndarray], list[float]]:
        if format in ("gif", "webp"):
            from PIL import Image, ImageSequence

            with Image.open(io.BytesIO(content)) as image:
                shown = [
                    (np.asarray(each.convert("RGB")), each.info["duration"] / 1000)
                    for each in ImageSequence.Iterator(image)
                ]
            return [pixels for pixels, _ in shown], [seconds for _, seconds in shown]
        av = pytest.importorskip("av")
        with av.open(io.BytesIO(content)) as container:
            stream = container.streams.video[0]
            frames = list(container.decode(stream))
            seconds = [float(each.time) for each in frames]
            return [each.to_ndarray(format="rgb24") for each in frames], list(np.diff([*seconds, np.nan]))

    return decode
