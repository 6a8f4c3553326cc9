"""The editors that make a portrait of a label map or of a sketch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from editors.translate.directly import outputs_directly
from editors.translate.networks import DIRECT, ENCODER, JUDGES, PUPPETS
from editors.translate.outputs import Choices, Drawing, begun, of_labels, outputs
from editors.translate.palettes import PARTS, SKETCH
from editors.translate.parsing import lines
from facet import (
    Choice,
    Context,
    LabelMap,
    LabelMapInput,
    Latent,
    Seed,
    Slider,
    Step,
    Subject,
    editor,
)
from facet.stylegan import GeneratorChoice

COLOURS = {"own": "those of the picture or seed", "seed": "those of the seed of colours"}

DRAWN = {"generator": "By the puppets' generator", "directly": "Drawn directly, without a code"}

Drawn = Annotated[
    str,
    Choice(
        DRAWN,
        label="How it is drawn",
        doc="By the generator it is a puppet, and other editors go on with it. Directly it is whatever is painted, two "
        "hats too, but has no code, which drags and attributes need.",
    ),
]
Model = Annotated[str, GeneratorChoice(spaces=("puppets",), doc="Which generator draws, where no picture is given.")]
Rounds = Annotated[
    int, Slider(1, 4, label="Rounds", doc="How often what came out is compared with the drawing and mended.")
]
Others = Annotated[int, Slider(0, 5, label="Further outputs", doc="The same drawing in other colourings.")]
Colours = Annotated[str, Choice(COLOURS, label="Colours from", doc="Whose colours the parts have.")]
ColourSeed = Annotated[
    int, Slider(0, 9999, label="Seed of colours", doc="Whose hair, skin, eyes and clothes give the colours.")
]
Polish = Annotated[
    int,
    Slider(0, 60, doc="Steps downhill after the rounds: nearer to the labels, and the rest of a picture kept better."),
]
Variety = Annotated[
    float,
    Slider(0, 1.2, step=0.05, label="Variety", doc="Of the seed, which fills in what the drawing leaves open."),
]


@editor(
    "paint_portrait",
    "Paint a portrait",
    task="translate",
    gpu_seconds=lambda polish, others, **_: 3 + 0.1 * polish * (1 + others),
    nets=(*PUPPETS, ENCODER, JUDGES, DIRECT),
    tags=("portrait", "labels", "pSp", "pix2pix", "CLADE", "semantic editing"),
    trial={"model": "puppets", "others": 1, "rounds": 1},
    live=True,
    version="1.1",
)
def paint_portrait(
    ctx: Context,
    *,
    subject: Annotated[
        Subject | None, Latent(doc="A puppet to change: what the labels say no other of stays as it is.")
    ] = None,
    labels: Annotated[
        LabelMap,
        LabelMapInput(PARTS, parsed_by="parse_portrait", on="subject", needs=("skin",), doc="What is where."),
    ],
    drawn: Drawn = "generator",
    model: Model = "puppets_256",
    seed: Annotated[int, Seed(doc="Fills in what the labels leave open, where no picture is given.")] = 6,
    variety: Variety = 0.7,
    colours: Colours = "own",
    colour_seed: ColourSeed = 1,
    rounds: Rounds = 2,
    others: Others = 3,
    polish: Polish = 0,
) -> Iterator[Step]:
    """Paint where hair, eyes, mouth, hat or glasses are, and get a portrait; or change one that way.

    Parts have names and colours in the palette; nothing needs to be exact. With a picture that has a code only what
    differs from its own parts is changed (“From the picture” gives its labels to begin with). What comes out has a
    code, so that every other editor goes on with it; drawn directly it has none, but is whatever was painted.
    """
    start = begun(ctx, subject, model, seed, variety)
    choices = Choices(colours == "seed", colour_seed, rounds, others, polish)
    if drawn == "directly":
        yield from outputs_directly(ctx, start, labels, choices)
    else:
        yield from outputs(ctx, start, of_labels(start, labels), choices)


@editor(
    "sketch_portrait",
    "Sketch a portrait",
    task="translate",
    gpu_seconds=3,
    nets=(*PUPPETS, ENCODER, JUDGES),
    tags=("portrait", "sketch", "lines", "pSp"),
    trial={"model": "puppets", "others": 1, "rounds": 1},
    live=True,
    version="1.1",
)
def sketch_portrait(
    ctx: Context,
    *,
    sketch: Annotated[LabelMap, LabelMapInput(SKETCH, needs=("line",), doc="The lines of a portrait, seen from near.")],
    model: Model = "puppets_256",
    seed: Annotated[int, Seed(doc="Fills in what the lines leave open.")] = 6,
    variety: Variety = 0.7,
    colours: Colours = "own",
    colour_seed: ColourSeed = 1,
    rounds: Rounds = 2,
    others: Others = 3,
) -> Iterator[Step]:
    """Draw a face in lines and get a portrait with a code, in several colourings.

    Lines are rims: of hair, face, eyes, brows, lips, nose, clothes. Shading and hatching are not understood. A beard
    needs a rim of its own; a thin moustache cannot be told from nose and lips and is left out: paint it afterwards,
    with “Paint a portrait”.
    """
    start = begun(ctx, None, model, seed, variety)
    drawing = Drawing(None, lines(sketch, 2 * start.nets.encoder.config.size))
    choices = Choices(colours == "seed", colour_seed, rounds, others)
    yield from outputs(ctx, start, drawing, choices)
