"""Portraits (and lions, cars, churches) from numbers: sample a StyleGAN2, truncate, mix styles."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from editors.latent.method import codes, picture, style_mix
from facet import (
    Annotated,
    Choice,
    Context,
    EditorSpec,
    GeneratorRef,
    Iterator,
    OwnFile,
    Seed,
    Slider,
    Step,
    WeightsFile,
    editor,
    generator_nets,
    hookimpl,
)
from nets.stylegan2.contents import from_contents

GENERATORS = generator_nets(from_contents)

MIXES = {
    "none": "nothing",
    "coarse": "coarse rows: pose, shape, hair",
    "middle": "middle rows: features, expression",
    "fine": "fine rows: colours, light",
}


@editor(
    "latent",
    "Latent",
    task="generate",
    gpu_seconds=lambda gallery, **_: 5 + gallery,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2"),
    trial={"model": "puppets", "gallery": 2},
)
def latent(
    ctx: Context,
    *,
    model: Annotated[
        str, Choice({net.name: net.doc for net in GENERATORS}, doc="Which generator makes the picture.")
    ] = GENERATORS[0].name,
    seed: Annotated[int, Seed(doc="Which of its pictures; -1 draws one.")] = 0,
    truncation_psi: Annotated[
        float, Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="0 is the mean picture, 1 the full variety.")
    ] = 0.8,
    mix: Annotated[str, Choice(MIXES, label="Style mixing", doc="What is taken from the second seed.")] = "none",
    mix_seed: Annotated[int, Seed(label="Second seed", doc="Whose rows are mixed in; -1 draws one.")] = 1,
    gallery: Annotated[int, Slider(1, 16, doc="How many pictures are made, from this seed on.")] = 6,
    own_model: Annotated[
        OwnFile | None,
        WeightsFile(
            label="Own StyleGAN2 file",
            doc="A generator of your own: NVlabs .pkl, rosinality or pSp .pt, safetensors. It is read, never executed.",
            advanced=True,
        ),
    ] = None,
    label: Annotated[
        int, Slider(0, 999, label="Class", doc="Which class, for a generator that has classes.", advanced=True)
    ] = 0,
) -> Iterator[Step]:
    """Make a picture from a seed, with truncation and style mixing.

    The first picture is the one that goes on to the other editors, with its latent code; the others show its neighbours
    in the numbering of seeds. Seeds are numbered as in the published galleries of each generator.
    """
    generator = ctx.own_net(own_model, from_contents) if own_model else ctx.net(model)
    name = f"file:{own_model.sha256[:16]}" if own_model else model
    seeds = [(seed + offset) % (Seed.highest + 1) for offset in range(gallery)]
    with torch.no_grad():
        w_plus = codes(generator, seeds, truncation_psi, label)
        if mix != "none":
            w_plus = style_mix(w_plus, codes(generator, [mix_seed], truncation_psi, label).expand_as(w_plus), mix)
        first = picture(generator, w_plus[:1])
    images = {f"seed {seed}": first}
    code = w_plus[0].float().cpu().numpy()
    for count, number in enumerate(seeds, 1):
        if count > 1:
            ctx.check_stop()
            with torch.no_grad():
                images[f"seed {number}"] = picture(generator, w_plus[count - 1 : count])
        note = f"{count} of {gallery}" if gallery > 1 else ""
        yield Step(
            first, done=count / gallery, note=note, images=dict(images), latent=code, generator=GeneratorRef(name)
        )


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [latent]
