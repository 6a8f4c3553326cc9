"""A tiny adaptation: a Puppets generator that draws everything warmer, left for the other editors."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import torch

from facet import Artifact, Context, Slider, Step, editor, hookimpl
from facet.stylegan import GeneratorRef, generator_nets
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import codes, picture

NETS = generator_nets(from_contents)[:1]


@editor("tinted", "Tinted", task="adapt", gpu_seconds=2, nets=NETS)
def tinted(
    ctx: Context,
    *,
    warmth: Annotated[float, Slider(-1, 1, doc="How much redder everything becomes.")] = 0.5,
) -> Iterator[Step]:
    """Leave a generator whose pictures are warmer."""
    net = ctx.net("puppets")
    name, last = next(each for each in net.state_dict().items() if each[0] == "synthesis.blocks.128.rgb.bias")
    delta = {name: torch.zeros_like(last)}
    delta[name][0] = warmth
    w_plus = codes(net, [3], 0.8, None)
    shown = picture(net, w_plus)
    left = Artifact(
        "generator", f"Warm {warmth:g}", delta, "puppets", facts={"method": "bias", "warmth": warmth},
        licence="Apache-2.0",
    )  # fmt: skip
    mask = np.zeros(shown.shape[-2:], bool)
    mask[:8] = True
    yield Step(shown, 0.5, latent=w_plus[0].numpy(), generator=GeneratorRef("puppets"), delta=delta, artifacts=(left,))
    ctx.check_stop()
    yield Step(
        shown,
        1,
        latent=w_plus[0].numpy(),
        generator=GeneratorRef("puppets"),
        delta=lambda: delta,
        artifacts=(left,),
        text="Everything is warmer.",
        mask=mask,
    )


@hookimpl
def register_editors() -> list:
    """The editor."""
    return [tinted]
