"""Drag points of a generated picture to where they should be: DragGAN, and FreeDrag for the same task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from editors.drag.generators import GENERATORS
from editors.drag.guess import FLOWS
from editors.drag.one_look import drag_flow
from editors.drag.onto import AIDS, Onto, Source, filming
from editors.drag.prepare import DragOptions, prepare
from editors.drag.run import drive
from facet import (
    Choice,
    Context,
    FilmFormat,
    Latent,
    Mask,
    MaskInput,
    Pair,
    Points,
    Slider,
    Step,
    Subject,
    Switch,
    editor,
    hookimpl,
)
from facet.app import EditorSpec

Picture = Annotated[Subject, Latent(doc="The picture to drag: one with a latent code.")]
Pairs = Annotated[
    list[Pair],
    Points(least=1, most=68, doc="The points to move, and where they should go. A target on its handle is an anchor."),
]
May = Annotated[Mask | None, MaskInput(doc="Where the picture may change; nothing painted means everywhere.")]
Steps = Annotated[int, Slider(1, 500, doc="At most so many; it ends as soon as every point has arrived.")]
Rate = Annotated[
    float,
    Slider(0, 0.1, step=0.0005, label="Learning rate", doc="Adam's step in w; 0 takes the generator's.", advanced=True),
]
Rows = Annotated[int, Slider(0, 18, doc="The first rows of w_plus that move; 0 takes the generator's.", advanced=True)]
Block = Annotated[
    str,
    Choice(
        {"own": "the generator's", "32": "32", "64": "64", "128": "128", "256": "256"},
        label="Feature block",
        doc="Height of the feature maps that are supervised and tracked.",
        advanced=True,
    ),
]
Motion = Annotated[
    str,
    Choice(
        {"own": "the generator's", "published": "all coordinates of w alike, as published", "axes": "main axes of W"},
        label="Moves along",
        doc="Axes keep to pictures that the generator knows, so that far drags arrive.",
        advanced=True,
    ),
]
Weight = Annotated[
    float, Slider(0, 100, step=0.5, label="Mask weight λ", doc="How firmly what is not painted is kept.", advanced=True)
]
Radius = Annotated[
    float,
    Slider(0, 30, step=0.5, unit="px of 512", doc="How much is pushed (r1); 0 takes the generator's.", advanced=True),
]
Filmed = Annotated[str, FilmFormat(optional=True, doc="A film of the drag, without its dots.", advanced=True)]
TRIAL = {"pairs": [[6, 8, 11, 8]], "steps": 3}


@editor(
    "drag",
    "Drag points",
    task="drag",
    gpu_seconds=lambda steps, **_: 3 + steps / 20,
    nets=(*GENERATORS, *FLOWS.values(), *AIDS),
    tags=("portrait", "StyleGAN2", "DragGAN", "pose", "shape"),
    trial=TRIAL,
    version="2.0",
)
def drag(
    ctx: Context,
    *,
    subject: Picture,
    pairs: Pairs,
    mask: May = None,
    steps: Steps = 100,
    precision: Annotated[
        str,
        Choice(
            {
                "fast": "fast: the mask exactly every fourth step",
                "exact": "exact: every term as published",
            },
            doc="With nothing painted both take the same way.",
        ),
    ] = "fast",
    space: Annotated[
        str,
        Choice(
            {"w_plus": "every row by itself (W+)", "w": "all rows alike (W)"},
            doc="W stays nearer to pictures that the generator knows and bends less.",
            advanced=True,
        ),
    ] = "w_plus",
    tracker: Annotated[
        str,
        Choice(
            {"features": "nearest feature", "flow": "optical flow on the frames"},
            doc="How a handle is found again after each step; the flow is there to compare.",
            advanced=True,
        ),
    ] = "features",
    variant: Annotated[
        str,
        Choice(
            {"official": "as the authors' code computes it", "paper": "as the paper's equations say"},
            doc="L2 tracking, means and 2 px of 512 at the end; or L1 tracking, sums and 1 px.",
            advanced=True,
        ),
    ] = "official",
    first_guess: Annotated[
        bool,
        Switch(label="First guess", doc="Start from what a learned network says, where there is one.", advanced=True),
    ] = False,
    motion: Motion = "own",
    learning_rate: Rate = 0.0,
    rows: Rows = 0,
    feature_block: Block = "own",
    radius: Radius = 0.0,
    search: Annotated[
        float,
        Slider(0, 60, step=0.5, unit="px of 512", doc="r2: how far a handle is looked for; 0: its own.", advanced=True),
    ] = 0.0,
    mask_weight: Weight = 20.0,
    film: Filmed = "none",
    onto: Onto = False,
    source: Source = None,
) -> Iterator[Step]:
    """Drag points of a generated picture to where they should be.

    DragGAN (Pan et al. 2023): features around each handle are pushed towards its target by changing the latent code,
    and the handle is tracked by its feature. It ends when all points have arrived, or after so many steps; pressing
    stop keeps what there is. Dragging the result goes on from there.
    """
    over = filming(ctx, subject, source, onto, film)
    options = DragOptions(
        learning_rate, rows, feature_block, radius, search, mask_weight, space, motion, variant, precision, tracker,
        first_guess=first_guess,
    )  # fmt: skip
    yield from drive(ctx, prepare(ctx, subject, pairs, mask, options), steps, film, over)


@editor(
    "free_drag",
    "FreeDrag",
    task="drag",
    gpu_seconds=lambda steps, **_: 3 + steps / 20,
    nets=(*GENERATORS, *AIDS),
    tags=("portrait", "StyleGAN2", "pose", "shape"),
    trial=TRIAL,
)
def free_drag(
    ctx: Context,
    *,
    subject: Picture,
    pairs: Pairs,
    mask: May = None,
    steps: Steps = 200,
    difference: Annotated[
        float,
        Slider(0, 3, step=0.05, label="Start l", doc="How far off a sub-motion starts; 0: its own.", advanced=True),
    ] = 0.0,
    reach: Annotated[
        float,
        Slider(0, 16, step=0.5, label="Reach d", doc="Pixels of the feature map ahead; 0: its own.", advanced=True),
    ] = 0.0,
    motion: Motion = "own",
    learning_rate: Rate = 0.0,
    rows: Rows = 0,
    feature_block: Block = "own",
    radius: Radius = 0.0,
    mask_weight: Weight = 10.0,
    film: Filmed = "none",
    onto: Onto = False,
    source: Source = None,
) -> Iterator[Step]:
    """Drag points without tracking them: templates that adapt, and a line search that can go back.

    FreeDrag (Ling et al. 2024). Each point goes along the straight line to its target; where a stretch fails, it waits
    or goes back. Steadier than tracking where many places look alike, slower where all is well.
    """
    over = filming(ctx, subject, source, onto, film)
    options = DragOptions(
        learning_rate, rows, feature_block, radius, mask_weight=mask_weight, motion=motion,
        update="free", difference=difference, reach=reach,
    )  # fmt: skip
    yield from drive(ctx, prepare(ctx, subject, pairs, mask, options), steps, film, over)


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [drag, free_drag, drag_flow]
