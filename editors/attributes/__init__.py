"""Attributes of a face (or of whatever a generator draws) as sliders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import torch

from editors.attributes.fit import fit_direction
from editors.attributes.matrix import matrix
from editors.attributes.measured import AIDS, judged, judges_of, plain
from editors.attributes.method import metric_of, moved, moves
from editors.attributes.sheets import difference, strip
from facet import BadInput, Choice, Context, Latent, Slider, Step, Subject, Switch, editor, hookimpl
from facet.app import EditorSpec
from facet.stylegan import DirectionNames, Strengths, directions_of, generator_nets
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import pictures

GENERATORS = generator_nets(from_contents)
SPACES = {"w_plus": "W+: each slider moves its own rows", "w": "W: every slider moves all rows"}
ALONG = (-1.0, -0.5, 0.0, 0.5, 1.0)


@editor(
    "attributes",
    "Attributes",
    task="attribute",
    gpu_seconds=3,
    nets=(*GENERATORS, *AIDS),
    tags=("InterFaceGAN", "portrait", "StyleGAN2", "age", "smile", "pose", "hair"),
    trial={"strengths": {"smile": 1.0, "yaw": 15}},
    live=True,
    version="2.0",
)
def attributes(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="The picture that is edited; its generator offers the sliders.")],
    strengths: Annotated[
        dict[str, float], Strengths(label="Sliders", doc="How far each attribute moves; 0 leaves it as it is.")
    ],
    keep: Annotated[
        list[str], DirectionNames(label="Keep", doc="Attributes that the sliders must not change.", advanced=True)
    ] = (),  # type: ignore[assignment]
    space: Annotated[str, Choice(SPACES, label="Space", doc="Which rows of the code move.", advanced=True)] = "w_plus",
    first_row: Annotated[
        int,
        Slider(0, 17, label="First row", doc="Rows before it stay: coarse ones hold pose and shape.", advanced=True),
    ] = 0,
    last_row: Annotated[
        int, Slider(0, 17, label="Last row", doc="Rows after it stay: fine ones hold colours and light.", advanced=True)
    ] = 17,
    way: Annotated[
        bool,
        Switch(label="Show the way", doc="Also show half of the move, and the same move backwards.", advanced=True),
    ] = False,
) -> Iterator[Step]:
    """Move age, smile, pose, hair or glasses of a generated face with sliders.

    The code of the picture moves along the generator's directions, always from where it is: 0 means no change, and
    several sliders add up. To keep an attribute takes its boundary out of every move (conditional manipulation). Shen
    et al. 2020, InterFaceGAN.
    """
    if not strengths:
        raise BadInput("strengths", "moves nothing", "Move a slider, or give e.g. smile=1.")
    if both := [name for name in strengths if name in keep]:
        raise BadInput("keep", f"holds {both[0]}, which is also moved", "Do one of the two.")
    if first_row > last_row:
        raise BadInput("last_row", f"is {last_row}, before the first row {first_row}", "Swap them.")
    chosen = {ctx.direction(subject, name): strength for name, strength in strengths.items()}
    kept = [ctx.direction(subject, name) for name in keep]
    judges = judges_of(ctx, next(iter(chosen)).generator)
    generator, _ = ctx.load_generator(subject)
    assert subject.latent is not None, "the input asks for one"
    code = torch.from_numpy(subject.latent.copy())[None]
    follow = kept and any(each.follows_spread for each in (*chosen, *kept))
    metric = metric_of(generator) if follow else None
    found = moves(chosen, kept, code.shape[1], (first_row, last_row + 1), space == "w", metric)
    after_code = moved(code, found)
    after = pictures(generator, after_code, rough=ctx.rough)[0]
    result = {"latent": after_code[0].numpy(), "generator": subject.generator}
    yield Step(after, done=0.5, **result)
    ctx.check_stop()
    before = pictures(generator, code)[0]
    images = {"before": before, "what changed": difference(before, after)}
    effects = matrix(directions_of(next(iter(chosen)).generator), strengths)
    images |= {} if effects is None else {"side effects": effects}
    if way:
        images["−1 · −½ · 0 · ½ · 1"] = strip([pictures(generator, moved(code, found, by))[0] for by in ALONG])
    numbers = judged(judges, before, after, chosen) | plain(before, after, found, bool(kept))
    yield Step(after, done=1, images=images, metrics=numbers, **result)


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [attributes, fit_direction]
