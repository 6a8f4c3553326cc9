"""Which seed looks most like a picture, judged by its code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import torch

from editors.latent.latent import GENERATORS
from editors.latent.method import nearest
from facet import Context, Latent, Seed, Slider, Step, Subject, Variant, editor
from facet.stylegan import OWN_CLASS, class_of
from nets.stylegan2.sampling import codes, picture

CHUNK = 512


@editor(
    "nearest_seed",
    "Nearest seed",
    task="mix",
    gpu_seconds=lambda among, **_: 3 + among / 20_000,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2", "search"),
    trial={"among": 600},
)
def nearest_seed(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="The picture whose like is looked for.")],
    among: Annotated[int, Slider(100, 100_000, step=100, doc="How many seeds are looked at.")] = 5000,
    first: Annotated[int, Slider(0, Seed.highest - 100_000, step=1, doc="The first of them.", advanced=True)] = 0,
    gallery: Annotated[int, Slider(1, 16, doc="How many of the nearest are shown.")] = 6,
    truncation_psi: Annotated[
        float, Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="Of the seeds: lower ones lie nearer to the mean.")
    ] = 1.0,
    label: Annotated[
        int, Slider(-1, 999, label="Class", doc="Of the seeds, if there are classes; -1: the picture's.", advanced=True)
    ] = OWN_CLASS,
) -> Iterator[Step]:
    """Find the seeds whose codes lie nearest to the picture's.

    The distance is that in W, the root mean square over rows. Beside it stands that of the mean picture, which any seed
    has to beat to say something. The nearest one becomes the picture; the others are shown with their distances.
    """
    generator, _ = ctx.load_generator(subject)
    drawn = class_of(generator, label, subject.generator)
    assert subject.latent is not None  # the input is a Latent
    assert subject.generator is not None
    code = torch.from_numpy(subject.latent.copy()).to(generator.mapping.w_avg)
    ref = replace(subject.generator, label=drawn)

    def shown_of(seed: int) -> Variant:
        found = codes(generator, [seed], truncation_psi, drawn)
        return Variant(picture(generator, found), found[0].float().cpu().numpy(), ref)

    best: list[tuple[float, int]] = []
    shown, image = -1, None
    to_mean = float(nearest(generator.mapping.w_avg[None], code))
    for start in range(0, among, CHUNK):
        ctx.check_stop()
        seeds = range(first + start, first + min(start + CHUNK, among))
        distances = nearest(codes(generator, seeds, truncation_psi, drawn)[:, 0], code)
        best = sorted([*best, *zip(distances.tolist(), seeds, strict=True)])[:gallery]
        if best[0][1] != shown:
            shown = best[0][1]
            w_plus = codes(generator, [shown], truncation_psi, drawn)
            image = picture(generator, w_plus)
        done = min(start + CHUNK, among) / among
        numbers = {"seed": float(shown), "distance": best[0][0], "distance_of_mean": to_mean}
        images = {}
        if done == 1:
            images = {f"seed {seed}, {distance:.2f}": shown_of(seed) for distance, seed in best}
        yield Step(
            image,
            done,
            f"seed {shown} at {best[0][0]:.2f}",
            metrics=numbers,
            images=images,
            latent=w_plus[0].float().cpu().numpy(),
            generator=ref,
            preview=image,
        )
