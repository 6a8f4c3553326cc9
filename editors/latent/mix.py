"""Style mixing by rows between a picture, a second one and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import torch

from editors.latent.latent import GENERATORS
from editors.latent.method import towards
from editors.latent.ranges import EXAMPLE, read_ranges
from facet import BadInput, Choice, Context, Latent, Slider, Step, Subject, Text, Variant, editor
from facet.stylegan import OWN_CLASS, class_of, codes_of
from nets.stylegan2.sampling import codes, picture

WAYS = {"w_plus": "straight", "around": "around the mean face"}


@editor(
    "latent_mix",
    "Mix",
    task="mix",
    gpu_seconds=4,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2", "style mixing", "interpolation"),
)
def latent_mix(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent()],
    second: Annotated[Subject | None, Latent(label="Second picture", doc="What “second” means below.")] = None,
    rows: Annotated[
        str, Text(500, label="Which rows from where", doc=f"Ranges of rows and their sources. {EXAMPLE}.")
    ] = "coarse: seed 1",
    amount: Annotated[
        float, Slider(0, 1, step=0.05, doc="How far these rows go towards their source: 1 is all the way.")
    ] = 1.0,
    way: Annotated[
        str, Choice(WAYS, doc="How a part of the way is gone: straight, or keeping the distance from the mean.")
    ] = "around",
    truncation_psi: Annotated[
        float, Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="Of the seeds: 0 is the mean picture.")
    ] = 0.8,
    label: Annotated[
        int, Slider(-1, 999, label="Class", doc="Of the seeds, if there are classes; -1: the picture's.", advanced=True)
    ] = OWN_CLASS,
) -> Iterator[Step]:
    """Take rows of a picture's code from another picture or from seeds.

    Coarse rows (0-3) hold pose, shape and hair, middle ones (4-7) features and expression, fine ones (from 8) colours
    and light. Several parts may be mixed at once, each from its own source; `all` is an interpolation of the whole.
    """
    generator, _ = ctx.load_generator(subject)
    drawn = class_of(generator, label, subject.generator)
    parts = read_ranges(rows, "rows", generator.config.num_ws)
    if second is None and any(part.seed is None for part in parts):
        raise BadInput("second", "is missing, but the rows name it", "Choose a second picture, or a seed.")
    known = torch.from_numpy(codes_of(subject, second=second)).to(generator.mapping.w_avg)
    mixed, images = known[:1], dict[str, Any](subject=picture(generator, known[:1]))
    for part in parts:
        ctx.check_stop()
        source = known[1:] if part.seed is None else codes(generator, [part.seed], truncation_psi, drawn)
        centre = generator.mapping.w_avg if way == "around" else None
        mixed = towards(mixed, source, amount, part.rows, centre)
        images[part.source] = Variant(picture(generator, source), source[0].float().cpu().numpy(), subject.generator)
    code = mixed[0].float().cpu().numpy()
    yield Step(picture(generator, mixed), done=1, images=images, latent=code, generator=subject.generator)
