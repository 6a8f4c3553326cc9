"""Pictures from seeds: sample a StyleGAN2, truncate, mix styles, interpolate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from editors.latent.method import SPANS, towards
from facet import Choice, Context, OwnFile, Seed, Slider, Step, Variant, WeightsFile, editor
from facet.stylegan import GeneratorChoice, class_of, generator_nets
from nets.paths import slerp
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import codes, codes_of, picture

GENERATORS = generator_nets(from_contents)

MIXES = {
    "none": "nothing",
    "coarse": "coarse rows: pose, shape, hair",
    "middle": "middle rows: features, expression",
    "fine": "fine rows: colours, light",
    "all": "everything, straight through W",
    "z": "everything, on the great circle of Z",
}


@editor(
    "latent",
    "Make a portrait",
    task="generate",
    version="1.1",
    gpu_seconds=lambda gallery, **_: 5 + gallery,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2"),
    trial={"model": "puppets", "gallery": 2},
)
def latent(
    ctx: Context,
    *,
    model: Annotated[str, GeneratorChoice(doc="Which generator makes the picture.")] = "puppets_256",
    seed: Annotated[int, Seed(doc="Which of its pictures; -1 draws one.")] = 6,
    truncation_psi: Annotated[
        float, Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="0 is the mean picture, 1 the full variety.")
    ] = 0.8,
    mix: Annotated[str, Choice(MIXES, label="Style mixing", doc="What is taken from the second seed.")] = "none",
    mix_seed: Annotated[int, Seed(label="Second seed", doc="Whose rows are mixed in; -1 draws one.")] = 1,
    amount: Annotated[
        float, Slider(0, 1, step=0.05, doc="How far towards the second seed: 1 takes what is mixed in whole.")
    ] = 1.0,
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
    """Make a picture from a seed, with truncation, style mixing and interpolation.

    The first picture is the one that goes on to the other editors; the others are its neighbours in the numbering of
    seeds, each with a code and a recipe of its own. Seeds are numbered as in the published galleries of each generator.
    """
    generator, ref = ctx.load_generator(own_model or model)
    drawn = class_of(generator, label)
    ref, images = replace(ref, label=drawn), dict[str, Variant]()
    for count in range(1, gallery + 1):
        if count > 1:
            ctx.check_stop()
        number = (seed + count - 1) % (Seed.highest + 1)
        # one by one, so that a picture's bits do not depend on what was made beside it
        w_plus = _codes(generator, [number], mix_seed, mix, amount, truncation_psi, drawn)
        code, alone = w_plus[0].float().cpu().numpy(), {"seed": number, "gallery": 1}
        images[f"seed {number}"] = Variant(picture(generator, w_plus), code, inputs=alone)
        first = images[f"seed {seed}"]
        note = f"{count} of {gallery}" if gallery > 1 else ""
        yield Step(first.image, count / gallery, note, images=dict(images), latent=first.latent, generator=ref)


def _codes(
    generator: Generator, seeds: list[int], second: int, mix: str, amount: float, psi: float, label: int | None
) -> Tensor:
    """w_plus [N, num_ws, w_dim] of the seeds, each mixed with the second one."""
    if mix == "z":
        z, other = generator.z(seeds), generator.z([second])
        share = torch.full((len(z),), amount, device=z.device)
        return codes_of(generator, slerp(z, other.expand_as(z), share), psi, label)
    w_plus = codes(generator, seeds, psi, label)
    if mix == "none":
        return w_plus
    return towards(w_plus, codes(generator, [second], psi, label), amount, slice(*SPANS[mix]))
