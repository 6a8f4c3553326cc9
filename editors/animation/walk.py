"""A walk through latent space, from picture to picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from editors.animation.generators import GENERATORS, filmed
from editors.animation.inputs import EasingChoice, Format, Fps, Seconds, Size, frame_count
from editors.animation.method import walk as walk_codes
from editors.animation.method import walk_in_z
from editors.animation.onto import AIDS, Source, carrying
from facet import BadInput, Choice, Context, InPhotograph, Latent, Slider, Step, Subject, Switch, editor
from facet.stylegan import OWN_CLASS, Seeds, class_of, codes_of, seeds_in
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes as codes_of_seeds

WAYS = {
    "w_plus": "W+ · straight",
    "around": "W+ · around the mean face",
    "z": "Z · great circles, seeds only",
}


@editor(
    "walk",
    "Walk",
    task="animate",
    gpu_seconds=lambda seconds, fps, **_: 5 + 0.03 * seconds * fps,
    nets=(*GENERATORS, *AIDS),
    tags=("portrait", "film", "interpolation", "StyleGAN2"),
    trial={"seconds": 0.5, "fps": 8, "seeds": "3, 4"},
)
def walk(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="Where the walk begins; its generator makes all of the film.")],
    second: Annotated[Subject | None, Latent(label="Second picture", doc="The next stop, if you choose one.")] = None,
    seeds: Annotated[str, Seeds(doc="Further stops, by seed, e.g. 7, 12, 40-43.")] = "1, 2",
    way: Annotated[
        str, Choice(WAYS, doc="Straight lines, or arcs that keep their distance from the mean face.")
    ] = "around",
    seconds: Seconds = 4.0,
    fps: Fps = 24,
    easing: EasingChoice = "smooth",
    loop: Annotated[bool, Switch(doc="Go back to the first stop at the end.")] = True,
    format: Format = "mp4",
    truncation_psi: Annotated[
        float,
        Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="Of the seeds: 0 is the mean picture.", advanced=True),
    ] = 0.8,
    label: Annotated[
        int, Slider(-1, 999, label="Class", doc="Of the seeds, if there are classes; -1: the picture's.", advanced=True)
    ] = OWN_CLASS,
    size: Size = 1024,
    onto: Annotated[
        bool,
        InPhotograph(asked=True, doc="Carry it over to the photograph: a walk to the same person, edited."),
    ] = False,
    source: Source = None,
) -> Iterator[Step]:
    """Walk from picture to picture through the latent space, as a film.

    The stops are the subject, a second picture and seeds, in that order. In Z the walk goes through seeds only, for
    pictures have no z. The still is the first frame, and goes on to the other editors with its latent code.
    """
    generator, ref = ctx.load_generator(subject)
    drawn = class_of(generator, label, ref)
    count = frame_count(seconds, fps)
    numbers = seeds_in(seeds)
    if onto and numbers:
        why = "carries a walk between pictures of one person, and every seed is somebody else"
        raise BadInput("onto", why, "Leave the seeds empty and choose a second picture, or switch it off.")
    if way == "z":
        if len(numbers) < 2:
            raise BadInput("seeds", f"hold {len(numbers)} where a walk in Z needs at least two", "E.g. 7, 12, 40-43.")
        z = generator.z(numbers)
        codes = walk_in_z(generator, z, count, truncation_psi=truncation_psi, label=drawn, loop=loop, easing=easing)
        ref = replace(ref, label=drawn)  # the still is a seed's
    else:
        codes = walk_codes(
            _stops(generator, subject, second, numbers, truncation_psi, drawn),
            generator.mapping.w_avg,
            count,
            around=way == "around",
            loop=loop,
            easing=easing,
        )
    over = carrying(ctx, subject, source, generator, size) if onto else None
    yield filmed(ctx, generator, ref, codes, fps=fps, size=size, format=format, over=over)


def _stops(
    generator: Generator, subject: Subject, second: Subject | None, seeds: list[int], psi: float, label: int | None
) -> Tensor:
    """Codes [K, num_ws, w_dim] of the subject, the second picture and the seeds; at least two."""
    stops = torch.from_numpy(codes_of(subject, second=second)).to(generator.mapping.w_avg)
    if len(stops) + len(seeds) < 2:
        raise BadInput("seeds", "name no further stop, and there is no second picture", "E.g. 7, 12, 40-43.")
    return torch.cat([stops, codes_of_seeds(generator, seeds, psi, label)]) if seeds else stops
