"""An editor that takes its time, and one that declares every kind of input."""

import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np

from facet import (
    BadInput,
    Choice,
    Mask,
    MaskInput,
    Pair,
    Picture,
    Points,
    Seed,
    Slider,
    Step,
    Subject,
    Switch,
    Text,
    editor,
    hookimpl,
)


@editor("creeping", "Creeping", task="restyle", gpu_seconds=5)
def creeping(
    ctx,
    *,
    subject: Subject,
    steps: Annotated[int, Slider(1, 100_000, doc="How many steps it takes.")] = 25,
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Darken a picture slowly."""
    for step in range(1, steps + 1):
        ctx.check_stop()
        yield Step(subject.pixels / 255 * (1 - 0.8 * step / steps), done=step / steps, note=f"step {step} of {steps}")
        time.sleep(0.04)


@editor("kinds", "All kinds", task="drag", gpu_seconds=1)
def kinds(
    ctx,
    *,
    subject: Subject,
    pairs: Annotated[list[Pair], Points(on="subject", most=4, doc="From where, to where.")] = [],  # noqa: B006
    mask: Annotated[Mask | None, MaskInput(on="subject", doc="What may change.")] = None,
    other: Annotated[Subject | None, Picture(doc="Another picture.")] = None,
    words: Annotated[str, Text(20, doc="A few words.")] = "",
    way: Annotated[str, Choice(("up", "down"), doc="Which way.")] = "up",
    grey: Annotated[bool, Switch(doc="Whether colours go.", advanced=True)] = False,
) -> Iterator[Step]:
    """Say what it was given."""
    if words == "refuse":
        raise BadInput("words", "must not say refuse", "Say something else.")
    masked = 0 if mask is None else int(mask.sum())
    image = np.asarray(subject.pixels) // (2 if grey else 1)
    note = f"{len(pairs)} pairs, {masked} masked, {other.size if other else 'none'}, {words}, {way}"
    yield Step(image, done=1, note=note, metrics={"pairs": len(pairs), "masked": masked})


@hookimpl
def register_editors():
    return [creeping, kinds]
