"""Translate with a model: CycleGAN, CUT, pix2pix, pix2pixHD, SPADE or CLADE from a file, AnimeGANv2 from the Hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import torch
from torch import Tensor, nn

from editors.published.classes import EDGES, NUMBERING
from editors.published.from_labels import LabelInputs
from editors.published.models import HUB, MODELS, NETS, Model, model_of, prepared
from editors.published.streets import STREETS
from editors.published.surface import Sheet, mask_of, pixels_of
from facet import (
    BadInput,
    Choice,
    Context,
    LabelMap,
    LabelMapInput,
    Mask,
    MaskInput,
    OwnFile,
    Picture,
    Seed,
    Slider,
    Step,
    Subject,
    Switch,
    WeightsFile,
    editor,
)
from nets.fast_style.normalisation import Statistics
from nets.translation.anysize import Way, drawn

STATISTICS = {"picture": "of each picture (pix2pix)", "training": "of training"}
GREY = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
"""Rec. 601 luminance."""


@editor(
    "translate_model",
    "Translate with a model",
    task="translate",
    gpu_seconds=lambda size, **_: 5 + size * size / 2e6,
    nets=NETS,
    tags=("cyclegan", "pix2pix", "pix2pixhd", "spade", "cut", "anime", "own network"),
    trial={"size": 64, "subject": "sample:coffee"},
)
def translate_model(
    ctx: Context,
    *,
    subject: Annotated[
        Subject | None,
        Picture(doc="What is translated; a network of label maps reads it as labels, where no others are given."),
    ] = None,
    model: Annotated[str, Choice(MODELS, doc="Which network translates.")] = next(iter(HUB)),
    own_model: Annotated[
        OwnFile | None,
        WeightsFile(
            label="Own model",
            doc="A generator's file, e.g. latest_net_G.pth.",
            suffixes=(".pth", ".pt", ".safetensors", ".onnx", ".ckpt", ".bin"),
        ),
    ] = None,
    labels: Annotated[
        Subject | None,
        Picture(doc="For networks of label maps: a picture whose grey values are class numbers.", advanced=True),
    ] = None,
    painted: Annotated[
        LabelMap | None,
        LabelMapInput(
            STREETS, size=(512, 256), doc="For networks of streets (cityscapes): paint the labels.", advanced=True
        ),
    ] = None,
    numbering: Annotated[str, Choice(NUMBERING, doc="How class numbers are read.", advanced=True)] = "as_is",
    edges: Annotated[str, Choice(EDGES, doc="Whether the last channel has borders.", advanced=True)] = "auto",
    style: Annotated[
        Subject | None, Picture(doc="Whose style a network with an encoder takes over.", advanced=True)
    ] = None,
    own_encoder: Annotated[
        OwnFile | None,
        WeightsFile(
            label="Own encoder", doc="latest_net_E.pth of SPADE, or of pix2pixHD with features.", advanced=True
        ),
    ] = None,
    statistics: Annotated[
        str, Choice(STATISTICS, doc="What batch normalisation normalises by.", advanced=True)
    ] = "picture",
    noise: Annotated[bool, Switch(doc="Keep dropout, pix2pix's only randomness, and draw style codes.")] = False,
    strength: Annotated[float, Slider(0, 1, step=0.05, doc="0 leaves the picture as it is.")] = 1.0,
    size: Annotated[
        int,
        Slider(0, 6144, step=64, unit="px", doc="Longer side of the result, at most the picture's own, which 0 keeps."),
    ] = 1024,
    mask: Annotated[Mask | None, MaskInput(doc="Where the picture is translated; empty: everywhere.")] = None,
    seed: Annotated[int, Seed(doc="Of dropout and style codes; -1 draws one.")] = 0,
) -> Iterator[Step]:
    """Translate a picture with a published network, or draw one from a label map.

    Files of CycleGAN, CUT, pix2pix, pix2pixHD, SPADE and CLADE are read as data, whatever their sizes. Pictures of any
    size: mirrored out to what the network wants, by tiles where they are large, cropped; never stretched. A network of
    label maps draws from `labels` or from what is painted, and needs no picture.
    """
    chosen = model_of(ctx, model, own_model)
    ctx.check_stop()
    net = prepared(chosen.net, statistics, noise)
    around = LabelInputs(subject, labels, painted, numbering, edges, style, own_encoder, size, noise, seed)
    if chosen.of_labels:
        if mask is not None:
            raise BadInput("mask", "is for networks that translate pictures", "Take it away.")
        given, run = around.given(ctx, chosen, net)
        sheet = Sheet(torch.full((1, 3, *given.shape[2:]), 127, dtype=torch.uint8))
    else:
        around.refuse(chosen.title)
        if subject is None:
            raise BadInput("subject", f"is missing: this model ({chosen.title}) translates pictures", "Choose one.")
        own = pixels_of(subject, size)
        given, run = _from_picture(chosen, net, own)
        sheet = Sheet(own, strength, mask_of(mask, *own.shape[2:]))
    yield from _steps(chosen.way(_seeded(net, run, noise, seed)), given, sheet, chosen, ctx.check_stop)


def _from_picture(chosen: Model, net: nn.Module, own: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
    given = own.float() / 127.5 - 1
    return (given * GREY).sum(1, keepdim=True) if chosen.inputs == 1 else given, net


def _seeded(net: nn.Module, run: Callable[..., Tensor], noise: bool, seed: int) -> Callable[..., Tensor]:
    """One pass where the network is; dropout is that of the seed, and leaves the process's own random numbers alone."""
    device = next(net.parameters()).device

    def one(x: Tensor, statistics: Statistics) -> Tensor:
        with torch.random.fork_rng(devices=[], enabled=noise):
            if noise:
                torch.manual_seed(seed)
            return run(x.to(device), statistics)

    return one


def _steps(way: Way, given: Tensor, sheet: Sheet, chosen: Model, check_stop: Callable[[], None]) -> Iterator[Step]:
    height, width = given.shape[2:]
    facts = {"network": chosen.title}
    for share, rows, columns, made in drawn(way, given, check_stop):
        sheet.put(rows, columns, made)
        preview = None if share == 1.0 and height * width <= way.most else sheet.glance()
        yield Step(sheet.image(), done=share, note=f"{width} x {height} px", preview=preview, facts=facts)
