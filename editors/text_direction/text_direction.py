"""An edit that is described in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from editors.text_direction.effects import Effects
from editors.text_direction.method import Found
from editors.text_direction.reading import CLIP, TOKENS, clip_of, text_change
from editors.text_direction.search import search
from facet import Artifact, BadInput, Context, Latent, Slider, Step, Subject, Text, editor
from facet.stylegan import Direction, check_free, direction_artifact, generator_nets, w_space
from nets.clip import Clip
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import picture

GENERATORS = generator_nets(from_contents)
FARTHEST = 10.0
TABLE = 0.95  # the share of the work that the table is


@editor(
    "text_direction",
    "Text direction",
    task="attribute",
    gpu_seconds=lambda pictures, **_: 10 + 10 * pictures,
    nets=(*GENERATORS, CLIP, TOKENS),
    tags=("StyleCLIP", "CLIP", "words", "slider", "portrait", "StyleGAN2"),
    trial={"target": "smiling face", "threshold": 0.0, "pictures": 1},
    version="2.0",
)
def text_direction(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="The picture that is edited, with its code in a generator.")],
    target: Annotated[str, Text(120, needed=True, doc="What it shall look like, e.g. face with a beard.")],
    neutral: Annotated[str, Text(120, needed=True, doc="What it is without that, in as many words.")] = "face",
    strength: Annotated[
        float,
        Slider(-FARTHEST, FARTHEST, step=0.1, doc="In σ of the strongest channel; below 0 the opposite."),
    ] = 4.0,
    threshold: Annotated[
        float, Slider(0, 0.5, step=0.01, label="Threshold β", doc="Higher moves fewer channels: less changes besides.")
    ] = 0.12,
    name: Annotated[
        str, Text(40, doc="Keeps it as a slider of Attributes under this name, e.g. beard_text; empty keeps nothing.")
    ] = "",
    pictures: Annotated[
        int, Slider(1, 64, doc="On how many pictures each channel is tried; needed once per generator.", advanced=True)
    ] = 4,
) -> Iterator[Step]:
    """Describe the change in words: a smiling face, a face with a beard.

    The style channels that change pictures the way the two texts differ, as CLIP sees it, are moved together
    (Patashnik et al. 2021, StyleCLIP, global directions). Trying all channels of a generator takes minutes to hours
    once; what was found is kept, also if you stop, and later texts take seconds. With a name, the direction becomes a
    slider for every picture of that generator.
    """
    assert subject.generator is not None  # the input is a Latent
    assert subject.latent is not None
    space = w_space(subject.generator.id)
    if name:
        Direction(name, space, np.ones(8, np.float32))  # judges the name before anything is computed
        check_free(space, name)
    clip, tokenizer = clip_of(ctx)
    text = text_change(clip, tokenizer, neutral, target)
    (generator, _), code = ctx.load_generator(subject), torch.from_numpy(subject.latent.copy())[None]
    known = _effects(ctx, subject, clip)
    before = picture(generator, code)
    best, found = _result(before, subject.latent, subject), None
    for at in search(ctx, known, text, threshold, pictures, len(subject.latent)):
        if at.found is not None and at.found is not found:
            found, best = at.found, _edited(generator, subject, code, at.found, strength)
        yield Step(done=TABLE * at.done, note=at.note, preview=best["image"], state=at.state, **best)
    if found is None:
        why = f"leaves no style channel: the most relevant one has {at.most:.3f}"
        raise BadInput("threshold", why, "Lower it, or describe the change in other words.")
    left: tuple[Artifact, ...] = ()
    if name:
        facts = {"method": "text", "target": target, "neutral": neutral, "threshold": threshold, "pictures": pictures}
        made = Direction(name, space, found.vector.numpy(), facts=facts, **_card(target))
        left = (_artifact(ctx, made, subject, best["image"]),)
    images = {"before": before, "the opposite": picture(generator, code - strength * found.vector[None])}
    metrics = _figures(clip, text, before, best["image"], found, at.most)
    note = f"kept as {name}" if name else ""
    yield Step(done=1, note=note, images=images, metrics=metrics, artifacts=left, **best)


def _effects(ctx: Context, subject: Subject, clip: Clip) -> Effects:
    """The table of the subject's generator, as it was before it was tuned to one picture."""
    assert subject.generator is not None  # the input is a Latent
    plain, _ = ctx.load_generator(replace(subject, generator=replace(subject.generator, delta_sha256="")))
    facts = {"generator": _sha256(ctx, subject.generator.id, "own"), "clip": _sha256(ctx, CLIP.name)}
    return Effects(plain, clip.embed_pictures, facts)


def _sha256(ctx: Context, *nets: str) -> str:
    return str(next(row["sha256"] for row in ctx.weights_used if row["net"] in nets))


def _card(target: str) -> dict[str, Any]:
    title = target[:1].upper() + target[1:60]
    return {"title": title, "group": "in words", "low": -FARTHEST, "high": FARTHEST, "step": 0.1, "unit": "σ"}


def _artifact(ctx: Context, made: Direction, subject: Subject, image: Any) -> Artifact:
    """The direction, bound to the weights of the generator that its W space belongs to."""
    assert subject.generator is not None  # the input is a Latent
    own = made.generator == subject.generator.id
    return direction_artifact(made, _sha256(ctx, subject.generator.id, "own") if own else "", image)


def _result(image: Tensor, latent: Any, subject: Subject) -> dict[str, Any]:
    return {"image": image, "latent": latent, "generator": subject.generator}


def _edited(generator: Generator, subject: Subject, code: Tensor, found: Found, strength: float) -> dict[str, Any]:
    """The picture moved along the direction."""
    moved = code + strength * found.vector[None]
    return _result(picture(generator, moved), moved[0].numpy(), subject)


def _figures(clip: Clip, text: Tensor, before: Tensor, after: Tensor, found: Found, most: float) -> dict[str, float]:
    with torch.no_grad():
        one, two = clip.embed_pictures(torch.stack([before, after])).cpu()
    return {
        "text_gain": float((two - one) @ text.cpu()),
        "channels": float(found.channels),
        "most_relevant": most,
        "left_over": found.left_over,
    }
