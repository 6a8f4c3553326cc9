"""What all films have in common: how long, how fast, how large, which format."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from facet import BadInput, Choice, FilmFormat, Slider
from nets.paths import Easing

MOST_SECONDS = 60

Seconds: TypeAlias = Annotated[float, Slider(0.2, MOST_SECONDS, step=0.1, unit="s", doc="How long the film is.")]
Fps: TypeAlias = Annotated[int, Slider(1, 60, label="Frames per second", doc="More are smoother and take longer.")]
Size: TypeAlias = Annotated[
    int,
    Slider(
        64,
        2048,
        step=64,
        unit="pixels",
        doc="Longest side of the film, at most; it is never larger than the generator's own pictures.",
        advanced=True,
    ),
]
Format: TypeAlias = Annotated[str, FilmFormat()]
EASINGS = {"smooth": "slow at the stops", "linear": "at one speed"}
EasingChoice: TypeAlias = Annotated[
    Easing, Choice(EASINGS, label="Pace", doc="How it moves from one stop to the next.")
]


def frame_count(seconds: float, fps: int) -> int:
    """How many frames, at least two: one would be a picture. Raises BadInput for fewer."""
    count = round(seconds * fps)
    if count < 2:
        why = f"{seconds:g} s at {fps} frames a second is no film"
        raise BadInput("seconds", why, "Make it longer, or raise the frames per second.")
    return count
