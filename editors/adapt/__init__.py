"""One picture makes a generator of its kind: every portrait it knows, painted in that picture's manner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

from editors.adapt.course import METHODS, Course, People
from editors.adapt.reference import reference_of
from facet import BadInput, Choice, Context, Net, Picture, Seed, Slider, Step, Subject, editor, hookimpl
from facet.app import EditorSpec
from facet.stylegan import GeneratorChoice, class_of, generator_nets
from facet.weights import PUPPETS_ENCODER, VGG16_EDGES
from nets.adapt import Plan
from nets.encoder import from_contents as encoder_from_contents
from nets.features import from_contents as trunk_from_contents
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import codes

GENERATORS = generator_nets(from_contents)
TRUNK = Net("vgg16_edges", trunk_from_contents, (VGG16_EDGES,), doc="VGG-16 continued on edges, up to relu4_1.")
ENCODER = Net(
    "puppets_encoder", encoder_from_contents, (PUPPETS_ENCODER,), doc="From a puppet to its code.", optional=True
)
LAYERS = {
    "fine": "the finest three: texture and colour",
    "middle": "the finest four: strokes too",
    "all": "all, as published for DiFa: faces may change their kind",
}


@editor(
    "adapt",
    "Adapt to a picture",
    task="adapt",
    gpu_seconds=lambda steps, **_: 10 + steps / 8,
    nets=(*GENERATORS, TRUNK, ENCODER),
    tags=("portrait", "StyleGAN2", "one-shot"),
    trial={"style": "sample:ink", "model": "puppets", "steps": 2, "gallery": 1},
)
def adapt(
    ctx: Context,
    *,
    style: Annotated[Subject, Picture(samples="styles", doc="The one picture whose manner the generator takes on.")],
    model: Annotated[str, GeneratorChoice(doc="Which generator is adapted.")] = "puppets_256",
    method: Annotated[str, Choice(METHODS, doc="What makes the generator like the picture.")] = "painted",
    strength: Annotated[
        float, Slider(0, 1.5, step=0.05, doc="How much of what was learned is used: 0 is the source, 1 all of it.")
    ] = 1.0,
    keep: Annotated[
        float, Slider(0, 4, step=0.1, doc="How firmly people are kept as they are, against the manner.")
    ] = 1.0,
    stroke: Annotated[
        float, Slider(0.4, 3, step=0.1, doc="Size of the strokes; 1 lays the picture over a portrait's area.")
    ] = 1.0,
    steps: Annotated[int, Slider(1, 600, doc="Steps of training; each looks at two people.")] = 120,
    seed: Annotated[int, Seed(doc="Which person the result shows; -1 draws one.")] = 6,
    gallery: Annotated[int, Slider(1, 10, doc="How many people are shown, from this seed on.")] = 6,
    layers: Annotated[str, Choice(LAYERS, doc="Which layers learn.", advanced=True)] = "middle",
    learning_rate: Annotated[float, Slider(0.0005, 0.02, step=0.0005, doc="Step size of Adam.", advanced=True)] = 0.004,
    truncation_psi: Annotated[
        float, Slider(0.1, 1, step=0.05, label="Truncation ψ", doc="Variety of the people shown.", advanced=True)
    ] = 0.8,
    lesson: Annotated[int, Slider(0, 9999, doc="Number of the training's own draw of people.", advanced=True)] = 0,
    label: Annotated[
        int, Slider(0, 999, label="Class", doc="Which class, for a generator that has classes.", advanced=True)
    ] = 0,
) -> Iterator[Step]:
    """Make a generator of one picture's kind: its people stay different, and stay editable.

    A copy of the generator learns to paint what it drew before; the mapping to codes stays, so sliders, drag and mixing
    work on as before. The result is one of its people with its code; what was learned is kept with it.
    """
    generator, ref = ctx.load_generator(model)
    if ref.delta_sha256:
        raise BadInput("model", "is adapted already", "Choose the generator that it was made from.")
    ref = replace(ref, label=class_of(generator, label))
    picture, seen = reference_of(style, ctx.true_ref(ref), ctx.device)
    plan = Plan(steps, learning_rate, layers, seed=lesson, label=ref.label)
    course = Course(ctx, generator, plan, strength, keep, stroke, leaves(style, model, method, strength))
    objective = course.objective(method, picture, seen)
    seeds = [(seed + n) % (Seed.highest + 1) for n in range(gallery)]
    yield from course.run(objective, People(seeds, codes(generator, seeds, truncation_psi, ref.label), ref))


def leaves(style: Subject, model: str, method: str, strength: float) -> dict[str, Any]:
    """Name, licence and facts of the generator that is kept."""
    like = style.sample_id or f"picture {style.sha256[:8]}"
    weights = next(net.sources[0] for net in GENERATORS if net.name == model)
    facts = {"method": method, "strength": strength, "reference": {"sha256": style.sha256, "sample": style.sample_id}}
    named = {"licence": weights.licence, "attribution": weights.attribution}
    return {"name": f"{weights.label.removesuffix(' (embedded)')} like {like}", "facts": facts, **named}


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [adapt]
