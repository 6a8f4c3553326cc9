"""One picture makes a generator of its kind: every portrait it knows, painted in that picture's manner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

import torch

from editors.adapt.course import Course, People
from editors.adapt.in_generator import in_generator
from editors.adapt.objectives import GENERATORS, METHODS, NETS, Aims
from editors.adapt.reference import reference_of
from editors.inversion.networks import DETECTOR, JUDGES
from facet import (
    BadInput,
    Choice,
    Context,
    Latent,
    Picture,
    Seed,
    Slider,
    Step,
    Subject,
    Switch,
    Text,
    editor,
    hookimpl,
)
from facet.app import EditorSpec
from facet.stylegan import GeneratorChoice, GeneratorRef, class_of, generator_entry, w_space, with_rows
from nets.adapt import Plan
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes

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
    nets=(*GENERATORS, *NETS, replace(JUDGES, optional=True), replace(DETECTOR, optional=True)),
    tags=("portrait", "StyleGAN2", "one-shot", "DiFa", "JoJoGAN", "StyleGAN-NADA"),
    version="1.1",
    trial={"style": "sample:ink", "model": "puppets", "method": "painted", "steps": 1, "gallery": 1},
)
def adapt(
    ctx: Context,
    *,
    style: Annotated[
        Subject | None, Picture(samples="styles", doc="The one picture whose manner the generator takes on.")
    ] = None,
    model: Annotated[str, GeneratorChoice(doc="Which generator is adapted.")] = "puppets_256",
    person: Annotated[
        Subject | None,
        Latent(
            doc="Whom the result shows: a picture with a code, e.g. a photograph that was brought in. Empty: seeds."
        ),
    ] = None,
    method: Annotated[str, Choice(METHODS, doc="What makes the generator like the picture.")] = "painted",
    words: Annotated[
        str, Text(120, doc="For StyleGAN-NADA: what pictures become, e.g. an ink drawing of a person.")
    ] = "",
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
    from_words: Annotated[
        str, Text(120, label="Words for what they are", doc="For StyleGAN-NADA: what pictures are now.", advanced=True)
    ] = "photo",
    effects: Annotated[
        bool, Switch(doc="Also measure what directions change besides, before and after.", advanced=True)
    ] = False,
    lesson: Annotated[int, Slider(0, 9999, doc="Number of the training's own draw of people.", advanced=True)] = 0,
    label: Annotated[
        int, Slider(0, 999, label="Class", doc="Which class, for a generator that has classes.", advanced=True)
    ] = 0,
) -> Iterator[Step]:
    """Make a generator of one picture's kind: its people stay different, and stay editable.

    A copy of the generator learns to paint what it drew before; the mapping to codes stays, so sliders, drag and mixing
    work on as before. The result is one of its people with its code; what was learned is kept with it, and among the
    generators of every list. To see someone in a generator that is adapted already, use “In another generator”.
    """
    if method == "nada" and not words.strip():
        raise BadInput("words", "are missing", "Say what pictures shall become, e.g. an ink drawing of a person.")
    if method != "nada" and style is None:
        raise BadInput("style", "is missing", "Choose a picture, or StyleGAN-NADA, which works from words.")
    generator, ref = ctx.load_generator(model)
    ref = replace(ref, label=class_of(generator, label))
    plan = Plan(steps, learning_rate, layers, seed=lesson, label=ref.label)
    aims = Aims(ctx, generator, ref.id, plan, keep, stroke)
    if method == "nada":
        objective = aims.in_words(words, from_words)
    else:
        assert style is not None
        objective = aims.towards(method, reference_of(style, ctx.true_ref(ref), ctx.device))
    shown = people_of(ctx, generator, ref, person, seeds=_seeds(seed, gallery), psi=truncation_psi)
    judges = ctx.net(JUDGES.name) if w_space(ref.id) == "puppets" else None
    left = leaves(style, words if method == "nada" else "", model, method, strength)
    yield from Course(ctx, generator, ref, plan, strength, left, judges, effects).run(objective, shown)


def _seeds(first: int, count: int) -> list[int]:
    return [(first + n) % (Seed.highest + 1) for n in range(count)]


def people_of(
    ctx: Context, generator: Generator, ref: GeneratorRef, person: Subject | None, seeds: list[int], psi: float
) -> People:
    """Whom the pictures show: the person, if there is one, then the seeds.

    Raises:
        BadInput: the person's code means nothing in this generator, or their own tuning does not fit it.
    """
    names, rows, source = [f"seed {each}" for each in seeds], codes(generator, seeds, psi, ref.label), generator
    if person is None:
        return People(names, rows, source, ref)
    assert person.latent is not None  # the input is a Latent
    assert person.generator is not None
    own = person.generator
    if w_space(own.id) != w_space(ref.id):
        why = f"belongs to the generator {own.id!r}, whose codes mean nothing in {ref.id!r}"
        raise BadInput("person", why, "Choose the person's own generator as the model.")
    if own.delta_sha256:
        if (own.id, None) != (ref.id, ref.delta_sha256):
            why = f"was brought in with a tuned {own.id!r}, and another generator is adapted"
            raise BadInput("person", why, f"Choose {own.id} as the model, or use “In another generator”.")
        source, ref = ctx.load_generator(person)
    code = torch.from_numpy(with_rows(person.latent, generator.config.num_ws)).to(rows)[None]
    return People(["the person", *names[1:]], torch.cat([code, rows[1:]]), source, ref)


def leaves(style: Subject | None, words: str, model: str, method: str, strength: float) -> dict[str, Any]:
    """Name, licence and facts of the generator that is kept."""
    facts: dict[str, Any] = {"method": method, "strength": strength}
    if words:
        like, facts["words"] = words.strip(), words
    else:
        assert style is not None
        like = style.sample_id or f"picture {style.sha256[:8]}"
        facts["reference"] = {"sha256": style.sha256, "sample": style.sample_id}
    entry = generator_entry(model)
    assert entry is not None  # the input has been checked
    title = entry.title.partition(" · ")[0]
    attribution = entry.source.attribution if entry.source else ""
    name = f"{title} like {like}"[:60]
    return {"name": name, "facts": facts, "licence": entry.licence, "attribution": attribution}


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [adapt, in_generator]
