"""Posterise: an editor for Facet."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from facet import Choice, Context, Seed, Slider, Step, Subject, editor, hookimpl


@editor("posterise", "Posterise", task="restyle", version="1.0", gpu_seconds=0)
def posterise(
    ctx: Context,
    *,
    subject: Subject,
    levels: Annotated[int, Slider(2, 16, doc="Tones that are kept per colour channel.")] = 5,
    dither: Annotated[str, Choice(("none", "noise"), doc="Noise hides the steps between tones.")] = "none",
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Flatten a picture to a few tones, as a screen print would.

    Each channel is rounded to `levels` equally spaced values; the preview starts from many tones and goes down.
    """
    picture = subject.pixels.astype(np.float32) / 255  # [height, width, 3], RGB in 0..1
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, picture.shape) if dither == "noise" else 0.0
    for tones in range(16, levels - 1, -1):
        ctx.check_stop()
        rough = picture + noise / (tones - 1)
        flat = np.round(rough.clip(0, 1) * (tones - 1)) / (tones - 1)
        yield Step(flat, done=(17 - tones) / (17 - levels), note=f"{tones} tones")


@hookimpl
def register_editors():
    """What Facet asks for when it starts."""
    return [posterise]
