"""The editor that adds a style to Fast style: one picture, a few seconds (or minutes, with strokes), a megabyte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import torch

from editors.one_pass.canvas import Canvas, Size, StyleSize
from editors.one_pass.fast import paint
from editors.one_pass.fast_style import NET
from editors.one_pass.look import Look, look_of, seen_in
from editors.one_pass.taught import artifact
from editors.style.visible import refuse_same
from facet import Context, EditorError, Net, Picture, Seed, Slider, Step, Subject, Text, editor
from facet.weights import VGG16_EDGES
from nets.fast_style import FastStyle, Lesson, Objective, Pupil, Rows, Taught, Weights, rounded, teach, with_styles
from nets.features import from_contents
from nets.features.tiles import to_net

TRUNK = Net("vgg16_edges", from_contents, (VGG16_EDGES,), doc="VGG-16 continued on edges, up to relu4_1.")
PHOTOGRAPHS = ("astronaut", "hopper", "chelsea", "coffee", "lake", "rocket", "spices")
"""Bundled photographs, which the style is practised on."""

LIVE = 384
"""Longer side of the pictures that are shown on the way."""

TAUGHT = "taught"


@editor(
    "teach_style",
    "Teach a style",
    task="train",
    version="1.4",
    gpu_seconds=lambda steps, **_: 5 + steps / 12,
    nets=(NET, TRUNK),
    tags=("painting", "one pass", "one-shot"),
    trial={"style": "sample:knife", "steps": 2, "style_size": 64},
)
def teach_style(
    ctx: Context,
    *,
    subject: Subject,
    style: Annotated[Subject, Picture(samples="styles", doc="The one picture whose manner is learned.")],
    name: Annotated[str, Text(60, doc="What the style is called; empty: after the picture.")] = "",
    steps: Annotated[
        int, Slider(0, 1000, doc="Steps of training strokes over the paint, half a second each; 0: the paint alone.")
    ] = 0,
    firmness: Annotated[
        float, Slider(0.2, 4, step=0.1, doc="How firmly strokes keep shapes as they are, against the manner.")
    ] = 1.0,
    style_size: StyleSize = 512,
    size: Size = 1024,
    seed: Annotated[int, Seed(doc="Which pieces strokes are learned from; -1 draws one.")] = 0,
    learning_rate: Annotated[
        float,
        Slider(0.001, 0.1, step=0.001, doc="Step size of Adam; of kernels a tenth of it.", advanced=True),
    ] = 0.03,
) -> Iterator[Step]:
    """Teach Fast style the manner of one picture; from then on it is among its styles.

    Palette and paint come out of the picture at once, and mostly look best as they are. With steps, a small network
    learns strokes over them, with losses of style and content; stopping keeps the best so far. The result is the
    photograph in the new style, which is kept under Yours.
    """
    refuse_same(subject, style, "style")
    network, look = ctx.net("fast_style"), look_of(style, style_size, "style")
    lesson = Lesson(steps, learning_rate, seed=seed)
    pupil = _pupil(ctx, network, look, firmness, lesson)
    canvas, small = (Canvas(seen_in(subject, longer)) for longer in (size, LIVE))

    def step(taught: Taught, live: np.ndarray) -> Step:
        rows = rounded(taught.rows)
        facts = {"steps": taught.step, "loss": round(taught.loss, 4), "loss_of_the_closest": round(pupil.first, 4)}
        return Step(
            lambda: _painted(network, rows, canvas),
            taught.step / taught.steps if taught.steps else 1.0,
            f"step {taught.step} of {taught.steps}" if taught.steps else "paint",
            metrics={"loss": taught.loss},
            artifacts=(artifact(ctx, style, name, rows, facts),),
            preview=live,
            state=taught.state or None,
        )

    live = None
    if ctx.state is None:
        live = _painted(network, pupil.rows, small)
        yield step(Taught(0, steps, pupil.best, pupil.rows, True, {}), live)
        if not steps:
            return
    try:
        for taught in teach(pupil, ctx.state):
            if taught.better or live is None:
                live = _painted(network, taught.rows, small)
            yield step(taught, live)
            ctx.check_stop()
    except FloatingPointError:
        why = "Training ran away: its numbers grew beyond all bounds. Lower the learning rate."
        raise EditorError(why) from None


def _pupil(ctx: Context, network: FastStyle, look: Look, firmness: float, lesson: Lesson) -> Pupil:
    device = ctx.device
    style, seen = to_net(look.pixels).to(device), None if look.seen is None else look.seen.to(device)
    objective = Objective(ctx.net("vgg16_edges"), [(style, seen)], Weights(content=firmness))
    photographs = [to_net(seen_in(Subject.read(f"sample:{name}"), 512).pixels)[0].to(device) for name in PHOTOGRAPHS]
    return Pupil(network, objective, photographs, (style, seen), lesson)


def _painted(network: FastStyle, rows: Rows, canvas: Canvas) -> np.ndarray:
    """The canvas' photograph in a style."""
    made = with_styles(network, {TAUGHT: rows}, alone=True)
    alone = torch.ones(1, 1, device=made.offset.device)
    for painted in paint(lambda seen, noted, at: made(seen.to(alone), alone, noted, at), canvas, lambda: None):
        del painted
    return np.asarray(canvas.image()())
