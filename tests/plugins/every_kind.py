"""An editor with an input of every kind, for tests of the surfaces."""

import numpy as np

from typing import Annotated
from facet import (
    Choice,
    Mask,
    OwnFile,
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
    WeightsFile,
    editor,
    hookimpl,
)
from collections.abc import Iterator


@editor("every_kind", "Every kind", task="trial", gpu_seconds=0)
def every_kind(
    ctx,
    *,
    subject: Subject,
    other: Annotated[Subject | None, Picture(doc="Another picture.", samples="styles")] = None,
    pairs: Annotated[list[Pair], Points(doc="Where dots are put.")] = (),
    mask: Annotated[Mask | None, MaskInput(doc="What may change.")] = None,
    shade_of_grey: Annotated[int, Slider(0, 255, unit="levels", doc="How bright the dots are, 100% is 255.")] = 255,
    turned: Annotated[bool, Switch(doc="Upside down.")] = False,
    way: Annotated[str, Choice({"dot": "one dot", "none": "no dot"}, doc="What is drawn.")] = "dot",
    caption: Annotated[str, Text(40, doc="What it is called.")] = "",
    weights: Annotated[OwnFile | None, WeightsFile(doc="Not used.")] = None,
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Put dots on a picture, where the mask allows it."""
    picture = np.array(subject.pixels)
    for pair in pairs if way == "dot" else ():
        x, y = (int(number) for number in pair.target)
        picture[y, x] = shade_of_grey
    if mask is not None:
        picture = np.where(mask[..., None], picture, subject.pixels)
    yield Step(picture[::-1] if turned else picture, done=1, note=caption, metrics={"pairs": len(pairs)})


@hookimpl
def register_editors():
    return [every_kind]
