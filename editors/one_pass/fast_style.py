"""The editor of fast styles: bundled ones, which may be blended, and published ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from editors.one_pass.canvas import Canvas, Size, mask_of
from editors.one_pass.fast import Pass, paint
from editors.one_pass.look import seen_in
from editors.one_pass.taught import with_taught
from facet import BadInput, Choice, Context, KeptChoice, Mask, MaskInput, Net, Slider, Step, Subject, editor
from facet.weights import FAST_STYLE, manifest_weights
from nets.fast_style import from_contents, published_from_contents

BUNDLED = {
    "night": "Swirling night",
    "knife": "Autumn wood, palette knife",
    "waves": "Rolling waves, colour woodblock",
    "mosaic": "Sun mosaic",
    "glass": "Stained glass",
    "marbled": "Marbled paper",
    "pencil": "Pencil hatching",
    "halftone": "Comic halftone",
}
"""Styles of the embedded network, by their names in it."""

PUBLISHED = {
    "style_mosaic": "Mosaic (published)",
    "style_candy": "Candy (published)",
    "style_udnie": "Udnie (published)",
    "style_rain_princess": "Rain princess (published)",
    "style_pointilism": "Pointilism (published)",
}
"""Networks of the manifest, one style each, that come from the Hub at their first use."""

COLOURS = {"style": "from the style", "light": "the photograph's very colours"}

NET = Net("fast_style", from_contents, (FAST_STYLE,), doc="Eight bundled styles.")
NETS = tuple(
    Net(name, published_from_contents, (manifest_weights(name),), doc=title, optional=True)
    for name, title in PUBLISHED.items()
)


@editor(
    "fast_style",
    "Fast style",
    task="restyle",
    version="1.4",
    gpu_seconds=lambda size, **_: 1 + size * size / 2e7,
    nets=(NET, *NETS),
    tags=("painting", "live", "one pass"),
    trial={"look": "night"},
    live=True,
)
def fast_style(
    ctx: Context,
    *,
    subject: Subject,
    look: Annotated[
        str,
        KeptChoice(BUNDLED | PUBLISHED, of="style", label="Style", doc="Which style the picture is painted in."),
    ] = "night",
    second: Annotated[
        str, KeptChoice(BUNDLED, of="style", label="Second style", doc="What it is blended with.")
    ] = "mosaic",
    blend: Annotated[float, Slider(0, 1, step=0.05, doc="0 is the style alone, 1 the second one alone.")] = 0.0,
    strength: Annotated[float, Slider(0, 1, step=0.05, doc="0 leaves the picture as it is, 1 paints it over.")] = 1.0,
    colours: Annotated[str, Choice(COLOURS, doc="Whose colours the result has.")] = "style",
    size: Size = 1024,
    mask: Annotated[Mask | None, MaskInput(doc="Where the picture is painted; empty: everywhere.")] = None,
) -> Iterator[Step]:
    """Paint a photograph in one of several styles, or in a blend of two, while the sliders move.

    Paint is quilted out of each style's picture (Efros and Freeman 2001) and laid in patches along the photograph's
    forms, in the style's palette; more styles come from “Teach a style”. The published ones are networks (Johnson et
    al. 2016), fetched at their first use, and are not blended.
    """
    net = _net(ctx, look, second, blend)
    photograph = seen_in(subject, size)
    canvas = Canvas(photograph, colours == "light", mask_of(mask, *photograph.pixels.shape[2:]), strength)
    ctx.check_stop()
    yield from paint(net, canvas, ctx.check_stop)


def _net(ctx: Context, look: str, second: str, blend: float) -> Pass:
    if look in PUBLISHED:
        if blend:
            raise BadInput("blend", "is for the bundled styles only", "Set it to 0, or choose another style.")
        published = ctx.net(look)
        return lambda pictures, statistics, _: published(pictures, statistics)
    used = {"look": look, "second": second} if blend else {"look": look}
    network = with_taught(ctx, used)
    shares = network.blend({look: 1.0}) * (1 - blend) + (network.blend({second: 1.0}) * blend if blend else 0)
    return lambda pictures, statistics, at: network(pictures, shares, statistics, at)
