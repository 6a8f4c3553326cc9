"""Sums and differences of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch
from torch import Tensor

from editors.latent.formula import EXAMPLE, Formula, read_formula
from editors.latent.latent import GENERATORS
from facet import BadInput, Context, Latent, Slider, Step, Subject, Variant, editor
from facet.stylegan import OWN_CLASS, class_of, codes_of
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes, picture

MOST_SHOWN = 12


@editor(
    "latent_arithmetic",
    "Arithmetic",
    task="mix",
    gpu_seconds=4,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2", "analogy", "mean", "turn vector"),
)
def latent_arithmetic(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="A in the formula.")],
    second: Annotated[Subject | None, Latent(label="B", doc="B in the formula, if it has one.")] = None,
    third: Annotated[Subject | None, Latent(label="C", doc="C in the formula, if it has one.")] = None,
    formula: Annotated[str, Formula(500, doc=f"What to make of them. {EXAMPLE}")] = "mean(A, seed 1, seed 2)",
    truncation_psi: Annotated[
        float, Slider(0, 1.5, step=0.05, label="Truncation ψ", doc="Of the seeds: 0 is the mean picture.")
    ] = 0.8,
    label: Annotated[
        int, Slider(-1, 999, label="Class", doc="Of the seeds, if there are classes; -1: the picture's.", advanced=True)
    ] = OWN_CLASS,
) -> Iterator[Step]:
    """Calculate with pictures: a mean, A − B + C, or a turn vector.

    After Radford et al. 2016, section 6.3.2, but in W+, where single pictures are enough. A mean of three: `mean(A, B,
    C)`. What A has and B has not, given to C: `A - B + C`. A turn vector, from faces that look left to ones that look
    right: `A + 0.5 * (mean(seed 3, seed 8) - mean(seed 5, seed 6))`.
    """
    generator, _ = ctx.load_generator(subject)
    drawn = class_of(generator, label, subject.generator)
    weights = read_formula(formula, "formula")
    given = {"A": subject, "B": second, "C": third}
    for name, entry in (("B", "second"), ("C", "third")):
        if name in weights and given[name] is None:
            raise BadInput(entry, f"is missing, but the formula has {name}", "Choose a picture, or write e.g. seed 5.")
    found = torch.from_numpy(codes_of(subject, second=second, third=third)).to(generator.mapping.w_avg)
    terms = dict(zip([name for name, each in given.items() if each is not None], found, strict=True))
    seeds = [int(name.removeprefix("seed ")) for name in weights if name.startswith("seed ")]
    if seeds:
        terms |= {
            f"seed {seed}": code
            for seed, code in zip(seeds, codes(generator, seeds, truncation_psi, drawn), strict=True)
        }
    mean = generator.mapping.w_avg
    offset = sum((weight * (terms[name] - mean) for name, weight in weights.items()), torch.zeros_like(found[0]))
    images = {}
    for name in list(weights)[:MOST_SHOWN]:
        ctx.check_stop()
        term = terms[name][None]
        images[name] = Variant(picture(generator, term), term[0].float().cpu().numpy(), subject.generator)
    result = (mean + offset)[None]
    far = {"distance_from_mean": _distance(generator, offset, drawn)}
    code = result[0].float().cpu().numpy()
    yield Step(picture(generator, result), done=1, images=images, metrics=far, latent=code, generator=subject.generator)


def _distance(generator: Generator, offset: Tensor, label: int | None) -> float:
    """How far a code lies from the mean, as a multiple of how far seeds do: beyond 1.5 pictures fall apart."""
    seeds = codes(generator, range(64), 1.0, label)[:, 0] - generator.mapping.w_avg
    return float(offset.square().sum(1).mean().sqrt() / seeds.square().sum(1).mean().sqrt())
