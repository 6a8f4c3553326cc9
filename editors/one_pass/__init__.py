"""Style in one pass: AdaIN and WCT take any style, Fast style those it was trained for. Large pictures by tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import torch

from editors.one_pass import adain as exchange
from editors.one_pass import wct as whitening
from editors.one_pass.canvas import (
    Canvas,
    Colours,
    Size,
    StylePicture,
    StyleSize,
    mask_of,
)
from editors.one_pass.fast_style import fast_style
from editors.one_pass.look import look_of, seen_in
from editors.one_pass.published import embedded, networks_of
from editors.one_pass.teach_style import teach_style
from editors.style.visible import refuse_same
from facet import (
    BadInput,
    Context,
    Mask,
    MaskInput,
    Net,
    OwnFile,
    Picture,
    Seed,
    Slider,
    Step,
    Subject,
    Switch,
    WeightsFile,
    editor,
    hookimpl,
)
from facet.app import EditorSpec
from facet.weights import VGG16_EDGES, VGG16_EDGES_DECODERS, card
from nets.features import decoders_from_contents, from_contents

TRUNK = Net("trunk", from_contents, (VGG16_EDGES,), doc="VGG-16 continued on edges, up to relu4_1.")
DECODERS = Net("decoders", decoders_from_contents, (VGG16_EDGES_DECODERS,), doc="From its taps back to pictures.")
Further = Annotated[Subject | None, Picture(samples="styles", doc="A further style, mixed in by its weight.")]
Weight = Annotated[float, Slider(0, 1, step=0.05, doc="How much this style counts, relative to the others.")]


LEVELS = {4: "large forms", 3: "strokes", 2: "fine texture", 1: "colours"}


def _level(tap: int, doc: str) -> Slider:
    return Slider(0, 1, step=0.05, label=f"Strength in {LEVELS[tap]}", doc=doc)


@editor(
    "adain",
    "AdaIN",
    task="restyle",
    version="1.3",
    gpu_seconds=lambda size, **_: 3 + size * size / 4e6,
    nets=(TRUNK, DECODERS),
    tags=("painting", "one pass", "arbitrary style"),
    trial={"style": "sample:knife", "style_size": 64},
)
def adain(
    ctx: Context,
    *,
    subject: Subject,
    style: StylePicture,
    strength: Annotated[
        float, Slider(0, 1, step=0.05, doc="0 draws the picture anew without the style, 1 goes all the way.")
    ] = 1.0,
    colours: Colours = "style",
    size: Size = 1024,
    style_size: StyleSize = 512,
    weight: Weight = 1.0,
    second: Further = None,
    second_weight: Weight = 1.0,
    third: Further = None,
    third_weight: Weight = 1.0,
    mask: Annotated[Mask | None, MaskInput(doc="Where the picture is painted; empty: everywhere.")] = None,
    own_encoder: Annotated[
        OwnFile | None,
        WeightsFile(label="Own encoder file", doc="vgg_normalised.pth, with the decoder below.", advanced=True),
    ] = None,
    own_decoder: Annotated[
        OwnFile | None, WeightsFile(label="Own decoder file", doc="decoder.pth of that encoder.", advanced=True)
    ] = None,
) -> Iterator[Step]:
    """Paint a photograph in the manner of one to three pictures, in one pass.

    Means and deviations of features are exchanged and decoded (Huang and Belongie 2017). Any style, any size: large
    pictures are painted by tiles.
    """
    chosen = _weighted(subject, [("style", style, weight), ("second", second, second_weight),
                                 ("third", third, third_weight)])  # fmt: skip
    nets = networks_of(ctx, own_encoder, own_decoder)
    photograph = seen_in(subject, size)
    canvas = Canvas(photograph, colours == "light", mask_of(mask, *photograph.pixels.shape[2:]))
    ctx.check_stop()
    styles = []
    for name, share, style_picture in chosen:
        look = look_of(style_picture, style_size, name)
        look = look.in_palette(photograph) if colours == "content" else look
        styles.append((share, exchange.style_moments(nets, look)))
        ctx.check_stop()
    yield from exchange.paint(nets, canvas, styles, strength, ctx.check_stop)


@editor(
    "wct",
    "WCT",
    task="restyle",
    version="1.3",
    gpu_seconds=lambda size, **_: 6 + size * size / 2e6,
    nets=(TRUNK, DECODERS),
    tags=("painting", "texture", "one pass", "arbitrary style"),
    trial={"style": "sample:knife", "style_size": 64},
)
def wct(
    ctx: Context,
    *,
    subject: Subject,
    style: StylePicture,
    deep: Annotated[float, _level(4, "Large forms and their rhythm.")] = 0.4,
    middle: Annotated[float, _level(3, "Strokes.")] = 0.45,
    fine: Annotated[float, _level(2, "Fine texture.")] = 0.45,
    pixel: Annotated[float, _level(1, "Colours.")] = 0.4,
    colours: Colours = "style",
    size: Size = 1024,
    style_size: StyleSize = 512,
    second: Annotated[
        Subject | None, Picture(samples="styles", doc="The style inside the mask; the first one is around it.")
    ] = None,
    mask: Annotated[
        Mask | None, MaskInput(doc="Where the second style goes; without one, where the picture is painted.")
    ] = None,
    texture: Annotated[bool, Switch(doc="Begin with noise instead of the picture: the style as a texture.")] = False,
    seed: Annotated[int, Seed(doc="Of the noise; -1 draws one.")] = 0,
) -> Iterator[Step]:
    """Paint a photograph, or a texture out of noise, in the manner of a picture by whitening and colouring.

    Covariances of features are exchanged from relu4_1 to relu1_1 (Li et al. 2017). Two styles may share the picture by
    a mask. Large pictures are painted by tiles.
    """
    strengths = {4: deep, 3: middle, 2: fine, 1: pixel}
    if not any(strengths.values()):
        raise BadInput("deep", "is 0, and so are all other strengths", "Raise one of them.")
    if second is not None and mask is None:
        raise BadInput("mask", "is empty, but there is a second style", "Paint where the second style goes.")
    chosen = [("style", style)] if second is None else [("second", second), ("style", style)]
    for name, style_picture in chosen:
        refuse_same(subject, style_picture, name)
    photograph = seen_in(subject, size)
    region = mask_of(mask, *photograph.pixels.shape[2:])
    canvas = Canvas(photograph, colours == "light" and not texture, region if second is None and not texture else None)
    looks = [look_of(style_picture, style_size, name) for name, style_picture in chosen]
    if colours == "content":
        looks = [look.in_palette(photograph) for look in looks]
    regions = [region] if second is not None and region is not None else []
    start = whitening.begun(photograph, looks, regions)
    if texture:
        start = torch.rand(start.shape, generator=torch.Generator().manual_seed(seed)).half()
    plan = whitening.Plan(*embedded(ctx), strengths, looks, regions, photograph.seen)
    ctx.check_stop()
    yield from whitening.paint(plan, canvas, start, ctx.check_stop)


def _weighted(subject: Subject, rows: list[tuple[str, Subject | None, float]]) -> list[tuple[str, float, Subject]]:
    chosen = []
    for name, look, weight in rows:
        if look is not None:
            refuse_same(subject, look, name)
            chosen.append((name, weight, look))
    if not sum(weight for _, weight, _ in chosen):
        raise BadInput("weight", "is 0 for every style", "Give at least one style a weight.")
    return chosen


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family whose own networks come with this installation."""
    return [
        spec
        for spec in (adain, wct, fast_style, teach_style)
        if all(card(net.sources[0]) for net in spec.nets if not net.optional)
    ]
