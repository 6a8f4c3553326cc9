"""Real pictures into a generator (inversion, pivotal tuning), and back into the photograph they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from editors.inversion.back import Manner, follow, put_back
from editors.inversion.bring import InversionOptions, bring
from editors.inversion.method import Effort
from editors.inversion.networks import BACK_AIDS, GENERATORS, NETS
from facet import (
    Choice,
    Context,
    OwnFile,
    Pair,
    Picture,
    Points,
    Seed,
    Slider,
    SourcePicture,
    Step,
    Subject,
    Switch,
    WeightsFile,
    editor,
    hookimpl,
)
from facet.app import EditorSpec
from facet.stylegan import GeneratorChoice

ALIGN: Mapping[str, str] = {
    "auto": "the face in it",
    "face": "the face, also in a puppet's picture",
    "points": "my four points",
    "none": "as it is: the middle of the picture",
}
DETECTORS: Mapping[str, str] = {
    "auto": "the best that is here",
    "mtcnn": "MTCNN, for photographs",
    "yunet": "YuNet, for photographs (233 kB)",
    "judges": "the puppets' judges",
    "both": "all of them, side by side",
}
START: Mapping[str, str] = {
    "auto": "the best there is",
    "encoder": "an encoder",
    "nearest": "the nearest of many samples",
    "mean": "the mean picture",
}
LOSS: Mapping[str, str] = {
    "own": "values and edges, coarse to fine",
    "published": "LPIPS and L2, as PTI's paper has it",
}
HOW: Mapping[str, str] = {
    "movement": "the photograph moves as the picture did",
    "pixels": "the edited picture's own pixels",
}
REGION: Mapping[str, str] = {"square": "all of it", "head": "the head only"}

Steps = Annotated[int, Slider(0, 1000, step=10, label="Optimisation steps", doc="How long the code is improved.")]
Tuning = Annotated[
    int,
    Slider(
        -1,
        1000,
        step=1,
        label="Pivotal tuning steps",
        doc="How long a copy of the generator learns the picture; 0 is off, -1 is 100 for a photograph, else off.",
    ),
]
Hand = Annotated[
    list[Pair],
    Points(
        most=2,
        label="Four points",
        doc="By hand: draw from eye to eye, then from mouth corner to mouth corner. They count before any detector.",
    ),
]
Rate = Annotated[float, Slider(0.001, 0.2, step=0.001, doc="Adam's step of the code.", advanced=True)]
TuningRate = Annotated[
    float, Slider(0, 0.02, step=0.0001, doc="Adam's step of the generator; 0 goes by its size.", advanced=True)
]
Hold = Annotated[
    float, Slider(0, 4, step=0.05, doc="Keeps a foreign picture's code where edits still work.", advanced=True)
]
Candidates = Annotated[int, Slider(8, 1024, step=8, doc="Samples from which the nearest is taken.", advanced=True)]
OwnModel = Annotated[
    OwnFile | None,
    WeightsFile(label="Own StyleGAN2 file", doc="A generator of your own; never executed.", advanced=True),
]
OwnEncoder = Annotated[
    OwnFile | None, WeightsFile(label="Own encoder file", doc="A pSp or e4e checkpoint for it.", advanced=True)
]


def _seconds(steps: int, tuning: int, candidates: int, **_: object) -> float:
    return 5 + steps / 12 + (tuning if tuning >= 0 else 100) / 8 + candidates / 50


@editor(
    "invert",
    "Bring into a generator",
    task="invert",
    gpu_seconds=_seconds,
    nets=NETS,
    version="1.3",
    tags=("portrait", "inversion", "StyleGAN2", "PTI"),
    trial={"model": "puppets", "align": "none", "start": "mean", "steps": 3, "tuning": 2},
)
def invert(
    ctx: Context,
    *,
    subject: Annotated[Subject, Picture(doc="The picture that gets a latent code.")],
    model: Annotated[str, GeneratorChoice(label="Generator", doc="Which one is to draw it.")] = "puppets_256",
    align: Annotated[str, Choice(ALIGN, doc="What is cut out: generators know faces in one place only.")] = "auto",
    points: Hand = [],  # noqa: B006 - read, never written
    detector: Annotated[
        str, Choice(DETECTORS, doc="Who looks for faces; YuNet comes from the Hub at its first use.", advanced=True)
    ] = "auto",
    face: Annotated[
        int,
        Slider(0, 16, doc="Which one, from the left; 0 is the only one, or by far the largest."),
    ] = 0,
    start: Annotated[str, Choice(START, doc="Where the search for the code begins.")] = "auto",
    steps: Steps = 60,
    tuning: Tuning = -1,
    learning_rate: Rate = 0.03,
    tuning_rate: TuningRate = 0.0,
    hold: Hold = 1.5,
    loss: Annotated[
        str,
        Choice(LOSS, label="Tuning loss", doc="What pivotal tuning minimises; LPIPS needs its weights.", advanced=True),
    ] = "own",
    candidates: Candidates = 64,
    seed: Annotated[int, Seed(doc="Of those samples; -1 draws one.")] = 0,
    own_model: OwnModel = None,
    own_encoder: OwnEncoder = None,
) -> Iterator[Step]:
    """Give a real picture a latent code, so that it can be dragged, aged, mixed and animated.

    The face is cut out as the generator's training pictures were, a code is found that draws it (Abdal et al. 2019),
    and pivotal tuning teaches a copy of the generator what its own world lacks (Roich et al. 2021). The embedded
    Puppets draw puppets: a photograph is an avatar first, which then learns its likeness. “Paste back” carries the
    edit over to the photograph.
    """
    effort = Effort(steps, tuning, learning_rate, tuning_rate, hold)
    options = InversionOptions(
        model, own_model, own_encoder, align, detector, points, face, start, candidates, seed, loss
    )
    yield from bring(ctx, subject, options, effort)


@editor(
    "paste_back",
    "Paste back",
    task="paste",
    version="1.8",
    gpu_seconds=0,
    nets=(*GENERATORS, *BACK_AIDS),
    tags=("portrait", "inversion", "photograph"),
    trial={"source": "sample:astronaut"},
    follow=follow,
)
def paste_back(
    ctx: Context,
    *,
    subject: Annotated[Subject, Picture(doc="The edited picture.")],
    source: Annotated[
        Subject | None, SourcePicture(label="Photograph", doc="What it was cut from; found by itself while it is here.")
    ] = None,
    how: Annotated[
        str,
        Choice(HOW, label="What goes back", doc="Movement keeps the photograph sharp; pixels bring all of an edit."),
    ] = "movement",
    region: Annotated[str, Choice(REGION, doc="How much of the pixels goes back.")] = "square",
    feather: Annotated[float, Slider(0.02, 0.5, step=0.01, doc="Width of the pixels' blended border.")] = 0.15,
    detail: Annotated[
        bool, Switch(label="Keep fine detail", doc="Of the photograph, where nothing was edited.")
    ] = True,
) -> Iterator[Step]:
    """Put an edited face back into the photograph it was cut from, at full resolution and without a seam.

    The place and the generator's first picture are in the recipe, whatever was edited in between. What moved between
    that picture and the edited one moves the photograph itself: skin, hair and grain stay, light changes along its own
    edges; lids, lips and glasses are treated as such, and only what else is new is the generator's. Pixels are blended
    band by band (Burt and Adelson 1983).
    """
    ctx.check_stop()
    manner = Manner(how == "movement", feather, region == "head", detail)
    whole, said, numbers = put_back(ctx, subject, source, manner)
    yield Step(whole, 1, note=said, metrics=numbers, facts={"placement": None} | ({"put back": said} if said else {}))


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [invert, paste_back]
