"""Two ways to give a photograph the look of another picture: its colours, or its whole manner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import numpy as np
import torch
from PIL import Image

from editors.style.neural import Settings, fit, paint, resize
from editors.style.visible import cloud, cut, refuse_same, whole
from facet import Choice, Context, Net, Picture, Seed, Slider, Step, Subject, Switch, editor, hookimpl
from facet.app import EditorSpec
from facet.weights import VGG16_EDGES, manifest_weights
from nets.colour import transfer
from nets.features import from_contents
from nets.features.vgg import vgg19_from_contents

TRUNK = Net("vgg16_edges", from_contents, (VGG16_EDGES,), doc="VGG-16 continued on edges, up to relu4_1.")
VGG19 = Net("vgg19", vgg19_from_contents, (manifest_weights("vgg19"),), doc="VGG-19, up to relu5_1.", optional=True)
FEATURES = {
    "vgg16_edges": "VGG-16 continued on edges",
    "gabor": "oriented Gabor filters, from a formula: quicker",
    "vgg19": "VGG-19, from the Hub",
}

StylePicture = Annotated[Subject, Picture(samples="styles", doc="The picture whose look is taken over.")]


@editor(
    "colour_transfer",
    "Colour transfer",
    task="restyle",
    version="1.1",
    gpu_seconds=2,
    tags=("colour", "grading"),
    trial={"style": "sample:knife"},
)
def colour_transfer(
    ctx: Context,
    *,
    subject: Subject,
    style: StylePicture,
    method: Annotated[
        str,
        Choice(
            {
                "covariance": "covariance (colours move together)",
                "mean_std": "mean and spread, RGB",
                "reinhard": "mean and spread, lαβ (Reinhard)",
                "histogram": "whole histogram (sliced transport)",
            },
            doc="What is made equal to the style's colours.",
        ),
    ] = "covariance",
    strength: Annotated[float, Slider(0, 1, step=0.05, doc="0 leaves the picture as it is, 1 goes all the way.")] = 1.0,
    part: Annotated[
        str,
        Choice(
            {"all": "colour and light", "colour": "colour only", "light": "light only"},
            doc="Whether brightness, colour or both are taken from the style.",
        ),
    ] = "all",
) -> Iterator[Step]:
    """Give a photograph the colours of another picture.

    Closed-form colour statistics: a few milliseconds, no network. Covariance is the safest; the histogram follows the
    palette most closely. Reinhard et al. 2001; Pitié and Kokaram 2007; Rabin et al. 2011.
    """
    refuse_same(subject, style, "style")
    ctx.check_stop()
    known = None if subject.visible is None else cloud(subject)
    picture = transfer(subject.tensor(), cloud(style), method, strength, part, known)  # too quick to be worth a GPU
    yield Step(picture, done=1.0, note=method)


@editor(
    "neural_style",
    "Neural style",
    task="restyle",
    version="1.3",
    gpu_seconds=lambda size, effort, **_: 5 + size * size * effort / 2e6,
    nets=(TRUNK, VGG19),
    tags=("painting", "texture"),
    trial={"style": "sample:knife", "size": 64, "effort": 4, "features": "gabor"},
)
def neural_style(
    ctx: Context,
    *,
    subject: Subject,
    style: StylePicture,
    size: Annotated[
        int, Slider(64, 1024, step=32, unit="px", doc="Longer side of the result; time grows with its square.")
    ] = 384,
    content: Annotated[float, Slider(0, 10, step=0.1, doc="How firmly the photograph's shapes are kept.")] = 4.0,
    stroke: Annotated[float, Slider(0.4, 3, step=0.1, doc="Size of the strokes.")] = 1.0,
    colours: Annotated[
        str,
        Choice(
            {
                "style": "from the style",
                "content": "the photograph's palette",
                "light": "the photograph's very colours",
            },
            doc="Whose colours the result has.",
        ),
    ] = "style",
    effort: Annotated[
        int, Slider(4, 200, doc="Iterations on the coarsest scale; finer ones get half as many each.", advanced=True)
    ] = 40,
    smooth: Annotated[
        float, Slider(0, 10, step=0.1, doc="Weight of total variation: calms fine grain.", advanced=True)
    ] = 1.0,
    repaint: Annotated[
        bool, Switch(doc="Repaint with pieces of the style picture: clean strokes, true colours.", advanced=True)
    ] = True,
    features: Annotated[
        str,
        Choice(FEATURES, doc="What the manner is described by; the last is fetched at its first use.", advanced=True),
    ] = "vgg16_edges",
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Paint a photograph in the manner of another picture.

    Gatys-style optimisation, coarse to fine, over features that were trained on photographs, or over oriented Gabor
    features that come from a formula: these are three times as quick, with smaller strokes. On every scale the picture
    is then repainted with patches of the style (Elad and Milanfar 2017).
    """
    refuse_same(subject, style, "style")
    settings = Settings(size, content, smooth, stroke, effort, colours, repaint, seed)
    (photograph, shown), (look, seen) = whole(subject, ctx.device), cut(style, ctx.device)
    height, width = fit(photograph, size).shape[2:]
    alpha = None if subject.alpha is None else np.array(Image.fromarray(subject.alpha).resize((width, height)))
    trained = None if features == "gabor" else ctx.net(features)
    ctx.check_stop()
    for frame in paint(photograph, look, settings, ctx.state, seen, trained, shown, ctx.check_stop):
        made = resize(frame.picture.cpu(), height, width).clamp(0, 1)
        if alpha is not None:
            made = 1 + torch.from_numpy(alpha.astype(np.float32) / 255) * (made - 1)  # on white again
        yield Step(made, done=frame.done, note=frame.note, state=frame.state, alpha=alpha)
        ctx.check_stop()


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [colour_transfer, neural_style]
