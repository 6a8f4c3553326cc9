"""The same person in another generator of the same codes: a slider from one to the other, and layers exchanged.

Interpolation of weights after the fact (Gal et al. 2022, section 5; Pinkney and Adler 2020 for the exchange of layers).
What pivotal tuning added for a photograph stays, and what adaptation added comes on top: "me as an ink drawing".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from editors.adapt.objectives import GENERATORS
from facet import BadInput, Choice, Context, Latent, Slider, Step, Subject, Variant, editor
from facet.stylegan import GeneratorChoice, GeneratorRef, adapted_from, w_space, with_rows
from nets.inversion.delta import with_delta
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import picture

PARTS = {
    "all": "all of it",
    "coarse": "coarse layers, up to a quarter of the size: shapes",
    "fine": "the finer layers: strokes and colour",
}
COARSE = 4
"""Layers are coarse up to the block that is so many times smaller than the picture."""


@editor(
    "in_generator",
    "In another generator",
    task="mix",
    gpu_seconds=4,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2", "adapted", "ink", "oil", "layer swapping", "blend"),
    live=True,
)
def in_generator(
    ctx: Context,
    *,
    subject: Annotated[
        Subject, Latent(doc="The person: a picture with a code, e.g. a photograph that was brought in.")
    ],
    model: Annotated[
        str, GeneratorChoice(doc="In which generator they are drawn, e.g. one that was adapted to a picture.")
    ] = "puppets_ink",
    strength: Annotated[
        float, Slider(-0.5, 1.5, step=0.05, doc="0 is the person's own generator, 1 the other one, more exaggerates.")
    ] = 1.0,
    parts: Annotated[str, Choice(PARTS, doc="Which layers are the other one's.")] = "all",
) -> Iterator[Step]:
    """Draw the same person in an adapted generator: me as an ink drawing, still with sliders.

    The code stays, so sliders, drag, mixing and films go on from here. What the person's generator learned of their
    photograph stays, too. With a strength between 0 and 1 both generators are blended; with some layers only, they are
    crossed.
    """
    assert subject.latent is not None  # the input is a Latent
    assert subject.generator is not None
    own = subject.generator
    if w_space(own.id) != w_space(model):
        why = f"is a generator whose codes are not those of {own.id!r}"
        raise BadInput("model", why, "Choose one that was adapted from the person's own.")
    mine, _ = ctx.load_generator(subject)
    other, ref = ctx.load_generator(model)
    own, mine, plain = _at_its_size(ctx, subject, mine, other, ref)
    delta = difference(plain, other, strength, parts)
    rows = with_rows(subject.latent, mine.config.num_ws)
    code = torch.from_numpy(rows.copy()).to(mine.mapping.w_avg)[None]
    drawn, before = picture(with_delta(mine, delta), code), picture(mine, code)
    images = {"before": Variant(before, rows, own)}
    facts = {"in": ref.id, "adapted": ref.delta_sha256} if ref.delta_sha256 else {"in": ref.id}
    yield Step(drawn, done=1, images=images, latent=rows, generator=own, delta=delta or None, facts=facts)


def _at_its_size(
    ctx: Context, subject: Subject, mine: Generator, other: Generator, ref: GeneratorRef
) -> tuple[GeneratorRef, Generator, Generator]:
    """The person's generator as a ref and as a network, and the same without what was added to it.

    Where the other one draws larger or smaller pictures, and the person's was not tuned, it is the one that the other
    was made from: the code means the same person in both.
    """
    own = subject.generator
    assert own is not None  # the input is a Latent
    base = GeneratorRef(adapted_from(ref.id))
    if own.delta_sha256 is None and mine.config.resolution != other.config.resolution:
        larger, _ = ctx.load_generator(base.id)
        return base, larger, larger
    plain, _ = ctx.load_generator(replace(subject, generator=replace(own, delta_sha256=None)))
    return own, mine, plain


def difference(plain: Generator, other: Generator, strength: float, parts: str) -> dict[str, Tensor]:
    """What is added to the one's weights to make it the other by `strength`, in half precision; only what differs.

    Raises:
        BadInput: they have not the same layers.
    """
    before, after = plain.state_dict(), other.state_dict()
    if {name: value.shape for name, value in before.items()} != {name: value.shape for name, value in after.items()}:
        mine, theirs = ("{1} × {0}".format(*net.config.resolution) for net in (plain, other))
        why = f"has other layers than the person's generator ({theirs} pixels, not {mine})"
        raise BadInput("model", why, "Choose one that was adapted from the person's own.")
    found = {}
    for name, value in after.items():
        if name.startswith("synthesis.") and bool((value != before[name]).any()) and _of(name, parts, plain):
            found[name] = (strength * (value.float() - before[name].float())).half().cpu()
    return {name: value for name, value in found.items() if bool(value.any())}


def _of(name: str, parts: str, generator: Generator) -> bool:
    """Whether a tensor of the synthesis network is among those parts. The constant belongs to the coarse ones."""
    _, _, rest = name.partition("blocks.")
    coarse = not rest or int(rest.split(".")[0]) * COARSE <= generator.config.heights[-1]
    return parts == "all" or (parts == "coarse") == coarse
