"""The network of a run, and what it wants: a picture, a grey one, or a label map of so many classes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from facet import BadInput, Context, Net, OwnFile
from facet.weights import manifest_weights
from nets.fast_style.normalisation import Statistics
from nets.translation import SpadeGenerator, StyleEncoder, Unet, drawn, from_contents, per_pixel
from nets.translation.anysize import Way

WORK = 1_200_000_000
"""Bytes that one pass may work with; larger pictures are drawn by tiles."""

OWN = "own"
HUB = {"animegan_face_paint": "AnimeGANv2 face paint, from the Hub (MIT)"}
NETS = tuple(
    Net(name, partial(from_contents, wanted=("animegan",)), (manifest_weights(name),), doc=title)
    for name, title in HUB.items()
)
MODELS = HUB | {OWN: "a file of yours"}


@dataclass(frozen=True)
class Model:
    """A network that translates.

    Attributes:
        net: it.
        inputs: channels it takes.
        title: what it is, in words.
    """

    net: nn.Module
    inputs: int
    title: str

    @property
    def of_labels(self) -> bool:
        """Whether it takes a label map, and no picture."""
        return isinstance(self.net, SpadeGenerator) or self.inputs not in (1, 3)

    def way(self, run: Callable[[Tensor, Statistics], Tensor]) -> Way:
        """How it is used, `run` being one pass of it."""
        config = getattr(self.net, "config", self.net)
        return Way(run, config.multiple, config.reach, max(config.multiple**2, WORK // per_pixel(self.net)))


def model_of(ctx: Context, model: str, file: OwnFile | None) -> Model:
    """The network that was chosen.

    Raises:
        BadInput: its file is missing, or there is one that is not used.
        WeightsCorrupt: the file is another network; says which.
    """
    if model != OWN:
        if file is not None:
            raise BadInput("own_model", "is not used with this model", f"Choose “{MODELS[OWN]}”, or no file.")
        return Model(ctx.net(model), 3, MODELS[model])
    if file is None:
        raise BadInput("own_model", "is missing", "Choose a generator's file, e.g. latest_net_G.pth.")
    net = ctx.own_net(file, from_contents)
    outputs = getattr(getattr(net, "config", None), "outputs", 3)
    if outputs != 3:
        raise BadInput("own_model", f"draws {outputs} channels", "Choose a network that draws colour pictures, with 3.")
    return Model(net, getattr(getattr(net, "config", net), "inputs", 3), titled(net))


def titled(net: nn.Module) -> str:
    """What a network is, in a few words with its sizes."""
    config: Any = getattr(net, "config", None)
    name = type(net).__name__
    if name == "Resnet":
        smooth = ", antialiased" if config.down != "strided" else ""
        return f"ResNet of {config.blocks} blocks, {config.width} wide{smooth}"
    if name == "Unet":
        return f"U-Net of {config.levels} levels, {config.width} wide"
    if name == "Enhanced":
        return f"pix2pixHD, {config.enhancers} enhancer around {config.base.width} channels"
    if name == "SpadeGenerator":
        return f"{config.kind.upper()} of {config.labels} channels of labels, {config.width} wide"
    return "AnimeGANv2"


def prepared(net: nn.Module, statistics: str, noise: bool) -> nn.Module:
    """The network with each picture's own statistics instead of those of training, and with dropout, where it has any.

    The loaded network is shared between runs and stays as it is: this is a copy of its modules, with the same weights.
    """
    own = statistics == "picture" and any(getattr(module, "kind", "") == "batch" for module in net.modules())
    if isinstance(net, SpadeGenerator) or not (own or (noise and isinstance(net, Unet))):
        return net
    memo = {id(value): value for value in (*net.parameters(), *net.buffers())}
    copied: nn.Module = copy.deepcopy(net, memo)
    for module in copied.modules():
        if getattr(module, "kind", "") == "batch" and own:
            module.per_picture = True
    if isinstance(copied, Unet):
        copied.noise = noise
    return copied


def style_code(encoder: StyleEncoder, picture: Tensor, draw: bool, seed: int) -> Tensor:
    """The style code [1, latent] of a picture [1, 3, h, w] in -1..1: its mean, or one drawn around it."""
    with torch.no_grad():
        mean, spread = (value.cpu() for value in encoder(picture.to(encoder.mean.weight.device)))
        return drawn(mean, spread, torch.Generator().manual_seed(seed)) if draw else mean
