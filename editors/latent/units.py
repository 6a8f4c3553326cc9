"""Single units of the generator, switched off, on and up: which of them draws the glasses?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch
from torch import Tensor

from editors.latent.latent import GENERATORS
from editors.latent.method import agreement, with_units
from facet import BadInput, Choice, Context, Latent, Mask, MaskInput, Slider, Step, Subject, editor
from facet.stylegan import Seeds, seeds_in
from nets.stylegan2.sampling import picture

MOST_SHOWN = 8
BLOCKS = {str(height): f"{height} × {height}" for height in (4, 8, 16, 32, 64, 128, 256, 512, 1024)}


@editor(
    "units",
    "Units",
    task="mix",
    gpu_seconds=5,
    nets=GENERATORS,
    tags=("portrait", "StyleGAN2", "dissection"),
    trial={"units": "0-3"},
)
def units(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent()],
    region: Annotated[
        Mask | None, MaskInput(doc="What to look for, e.g. the glasses: the units that are strongest there are taken.")
    ] = None,
    block: Annotated[
        str, Choice(BLOCKS, doc="Height of the feature maps: small ones hold things, large ones textures.")
    ] = "32",
    units: Annotated[
        str, Seeds(many=512, doc="Numbers of units, e.g. 3, 40-43; empty: those found in the region.")
    ] = "",
    count: Annotated[int, Slider(1, 64, doc="How many are taken if they are looked for in the region.")] = 8,
    gain: Annotated[
        float, Slider(-2, 4, step=0.1, doc="What they are multiplied by: 0 is off, 1 leaves them, 2 doubles them.")
    ] = 0.0,
) -> Iterator[Step]:
    """Switch units of one block off, on or up, and find the ones that draw a part of the picture.

    Paint over the glasses, and the units whose strongest places agree best with what you painted are taken (network
    dissection, Bau et al. 2019). Their maps are shown. What a unit does is in no code, so the result has none: bring it
    into a generator again to go on with it in the editors that need one.
    """
    generator, _ = ctx.load_generator(subject)
    assert subject.latent is not None  # the input is a Latent
    w_plus = torch.from_numpy(subject.latent.copy())[None].to(generator.mapping.w_avg)
    height = int(block)
    if height not in generator.config.heights:
        known = ", ".join(map(str, generator.config.heights))
        raise BadInput("block", f"is {height}, but this generator has blocks {known}", "Choose one of those.")
    with torch.no_grad():
        features = generator.synthesis.features(w_plus, height)[0].float()
    scores = None if region is None else agreement(features, torch.from_numpy(region).to(features.device))
    chosen = _chosen(units, scores, count, len(features))
    before = picture(generator, w_plus)
    images = {"before": before, **_maps(before, features, scores, chosen[:MOST_SHOWN])}
    metrics = {} if scores is None else {"agreement": float(scores[chosen].max())}
    changed = with_units(generator, w_plus, height, chosen, gain)
    note = "units " + ", ".join(map(str, chosen[:12])) + (" …" if len(chosen) > 12 else "")
    yield Step(changed, done=1, note=note, images=images, metrics=metrics)


def _chosen(text: str, scores: Tensor | None, count: int, most: int) -> list[int]:
    """The numbers that were given, or those of the units that agree best with the region."""
    given = list(dict.fromkeys(seeds_in(text, "units", 512)))
    if given and max(given) >= most:
        raise BadInput("units", f"name unit {max(given)}, but this block has units 0 to {most - 1}")
    if not given and scores is None:
        raise BadInput("units", "name none, and nothing is painted", "Write e.g. 3, 40-43, or paint over something.")
    return given or scores.argsort(descending=True, stable=True)[:count].tolist()  # type: ignore[union-attr]


def _maps(before: Tensor, features: Tensor, scores: Tensor | None, chosen: list[int]) -> dict[str, Tensor]:
    """Each unit's map as light on the darkened picture."""
    found = {}
    for unit in chosen:
        level = features[unit] - features[unit].min()
        level = (level / level.max().clamp(min=1e-6)).cpu()
        size = [int(side) for side in before.shape[-2:]]
        glow = torch.nn.functional.interpolate(level[None, None], size, mode="bilinear", align_corners=False)[0]
        name = f"unit {unit}" if scores is None else f"unit {unit}, {float(scores[unit]):.2f}"
        found[name] = before * (0.25 + 0.75 * glow)
    return found
