"""A label map painted and used: a parser by brightness, an editor that fills parts, one that draws ink, made here."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from facet import LabelMap, LabelMapInput, Latent, Palette, Slider, Step, Subject, editor, hookimpl

PARTS = Palette(
    ("background", "shadow", "skin", "light"), ((58, 62, 70), (96, 64, 130), (222, 160, 124), (250, 232, 150))
)
SKETCH = Palette(("paper", "line"), ((255, 255, 255), (20, 20, 20)))


@editor("tones", "Tones", task="parse", gpu_seconds=0)
def tones(ctx, *, subject: Subject) -> Iterator[Step]:
    """Find the dark, middle and light parts of a picture by their brightness."""
    bright = subject.pixels.mean(axis=2)
    yield Step(LabelMap(np.digitize(bright, (30, 90, 180)).astype(np.uint8), PARTS).picture(), done=1)


@editor("repaint", "Repaint", task="translate", gpu_seconds=0, live=True)
def repaint(
    ctx,
    *,
    subject: Subject,
    labels: Annotated[
        LabelMap, LabelMapInput(PARTS, parsed_by="tones", on="subject", needs=("skin",), doc="What is where.")
    ],
    strength: Annotated[float, Slider(0, 1, step=0.05, doc="How much of the picture goes.")] = 1.0,
) -> Iterator[Step]:
    """Fill each part with the mean colour that the picture has there, or with the palette's where it has none."""
    labels = labels.resized(subject.size)
    flat = labels.picture().astype(np.float32)
    for number in range(len(PARTS)):
        there = labels.indices == number
        if there.any():
            flat[there] = subject.pixels[there].mean(axis=0)
    made = subject.pixels * (1 - strength) + flat * strength
    shares = {name: float(labels.mask(name).mean()) for name in labels.parts}
    yield Step(made.round().astype(np.uint8), done=1, metrics=shares)


@editor("inked", "Inked", task="translate", gpu_seconds=0)
def inked(
    ctx,
    *,
    sketch: Annotated[LabelMap, LabelMapInput(SKETCH, size=(192, 256), doc="What is drawn.")],
    side: Annotated[int, Slider(16, 256, step=8, doc="Width of the picture.")] = 96,
) -> Iterator[Step]:
    """Print a drawing in ink on warm paper."""
    width, height = sketch.size
    small = sketch.resized((side, max(16, round(side * height / width))), thin=("line",))
    paper, ink = np.array([244, 234, 214], np.uint8), np.array([28, 34, 66], np.uint8)
    yield Step(
        np.where(small.mask("line")[..., None], ink, paper), done=1, metrics={"ink": float(small.mask("line").mean())}
    )


@editor("outlined", "Outlined", task="generate", gpu_seconds=0, live=True)
def outlined(
    ctx,
    *,
    subject: Annotated[Subject | None, Latent(doc="A portrait to draw on.")] = None,
    labels: Annotated[LabelMap, LabelMapInput(PARTS, on="subject", size=(64, 64), doc="What is where.")],
) -> Iterator[Step]:
    """Show a map in its own colours, over a portrait with a code if there is one."""
    made = labels.picture() if subject is None else labels.resized(subject.size).picture() // 2 + subject.pixels // 2
    yield Step(made, done=1, metrics={"over": float(subject is not None)})


@hookimpl
def register_editors():
    return [tones, repaint, inked, outlined]
