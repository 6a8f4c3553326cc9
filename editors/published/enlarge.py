"""Enlarge: two or four times the size, by a filter, by Facet's own network, or by Real-ESRGAN's, which draw detail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from editors.published import models
from editors.published.surface import Sheet, pixels_of
from facet import BadInput, Choice, Context, Net, OwnFile, Slider, Step, Subject, WeightsFile, editor
from facet.weights import DOUBLING, manifest_weights
from nets.translation import ENLARGERS, doubling, from_contents, per_pixel
from nets.translation.anysize import Way, drawn

LANCZOS, FACET, OWN = "lanczos", "facet", "own"
METHODS = {
    LANCZOS: "Lanczos filter, without a network",
    FACET: "Facet's own network, which comes along",
    "realesrgan_x4": "Real-ESRGAN, from the Hub (BSD-3-Clause)",
    OWN: "a file of yours",
}
FACTORS = {"2": "2 times", "4": "4 times"}
MOST = 25_000_000
"""Pixels of a picture."""

DOUBLES = Net("doubling", doubling.from_contents, (DOUBLING,), "Twice the size of any picture.")
NET = Net(
    "realesrgan_x4",
    partial(from_contents, wanted=ENLARGERS),
    (manifest_weights("realesrgan_x4"),),
    doc="Real-ESRGAN's network for four times the size.",
    optional=True,
)


def seconds(subject: Subject, method: str, **_: object) -> float:
    """Of a GPU: none for the filter; Real-ESRGAN draws every pixel of the source at four times the size."""
    if method in (LANCZOS, FACET):
        return 0 if method == LANCZOS else 1
    height, width = subject.size
    return 5 + 5 * height * width / 1e6


@editor(
    "enlarge",
    "Enlarge",
    task="enlarge",
    gpu_seconds=seconds,
    nets=(DOUBLES, NET),
    tags=("super-resolution", "upscale", "esrgan", "finish"),
    trial={"method": LANCZOS},
)
def enlarge(
    ctx: Context,
    *,
    subject: Subject,
    factor: Annotated[str, Choice(FACTORS, doc="How many times wider and higher.")] = "2",
    method: Annotated[str, Choice(METHODS, doc="What makes the new pixels.")] = FACET,
    own_model: Annotated[
        OwnFile | None,
        WeightsFile(
            label="Own model",
            doc="Of Real-ESRGAN's family, e.g. RealESRGAN_x2plus.pth.",
            suffixes=(".pth", ".pt", ".safetensors", ".onnx", ".ckpt", ".bin"),
        ),
    ] = None,
    strength: Annotated[
        float, Slider(0, 1, step=0.05, doc="How much of the network's detail; 0 is the filter's.")
    ] = 1.0,
) -> Iterator[Step]:
    """Make a picture two or four times as large, as the last step after other edits.

    Facet's own network is small: edges come out clean and sharp, textures as they were; for four times the size it runs
    twice. Real-ESRGAN (Wang et al. 2021) draws detail that is likely, and none that was there. A network for another
    size is followed by the filter. Large pictures are drawn by tiles.
    """
    times = int(factor)
    height, width = (length * times for length in subject.pixels.shape[:2])
    if height * width > MOST:
        raise BadInput(
            "factor",
            f"would give {height * width / 1e6:.0f} megapixels",
            "The most is 25: choose less, or a smaller picture.",
        )
    net = _net(ctx, method, own_model)
    own = pixels_of(subject, 0)
    sheet = Sheet(resized(own, height, width), strength)
    if net is None:
        yield Step(sheet.image(), done=1.0, note=f"{width} x {height} px")
        return
    passes = 2 if method == FACET and times == net.scale**2 else 1
    yield from _steps(net, own, sheet, passes, ctx.check_stop)


def _net(ctx: Context, method: str, file: OwnFile | None) -> nn.Module | None:
    if method != OWN:
        if file is not None:
            raise BadInput("own_model", "is not used with this method", f"Choose “{METHODS[OWN]}”, or no file.")
        return None if method == LANCZOS else ctx.net(DOUBLES.name if method == FACET else method)
    if file is None:
        raise BadInput("own_model", "is missing", "Choose a file of Real-ESRGAN, e.g. RealESRGAN_x2plus.pth.")
    net: nn.Module = ctx.own_net(file, partial(from_contents, wanted=ENLARGERS))
    return net


def _steps(net: nn.Module, own: Tensor, sheet: Sheet, passes: int, check_stop: Callable[[], None]) -> Iterator[Step]:
    """Drawn at the network's own scale, as often as it says, and then brought to the wanted size; rows of tiles."""
    height, width = sheet.pixels.shape[2:]
    note, work = f"{width} x {height} px", [net.scale ** (2 * number) for number in range(passes)]
    for number in range(passes):
        begun, part = (sum(work[:n]) / sum(work) for n in (number, number + 1))
        sides = [length * net.scale for length in own.shape[2:]]
        straight = number == passes - 1 and sides == [height, width]
        larger = torch.empty(1, 3, *sides, dtype=torch.uint8) if not straight else own
        for share, rows, columns, made in drawn(_way(net), own.float() / 255, check_stop):
            if straight:
                sheet.put(rows, columns, made * 2 - 1)
            else:
                larger[:, :, rows, columns] = (made * 255).round().clamp(0, 255).to(torch.uint8)
            if share < 1:
                yield Step(sheet.image(), done=begun + (part - begun) * share, note=note, preview=sheet.glance())
        own = larger
    if not straight:
        sheet.put(slice(0, height), slice(0, width), resized(own, height, width).float() / 127.5 - 1)
    yield Step(sheet.image(), done=1.0, note=note)


def _way(net: nn.Module) -> Way:
    device = next(net.parameters()).device
    return Way(lambda x, _: net(x.to(device)), net.multiple, net.reach, models.WORK // per_pixel(net), net.scale)


def resized(pixels: Tensor, height: int, width: int) -> Tensor:
    """A picture [1, 3, h, w] uint8 at another size, by Lanczos' filter."""
    image = Image.fromarray(np.ascontiguousarray(pixels[0].permute(1, 2, 0).numpy()))
    made = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS)).copy()
    return torch.from_numpy(made).permute(2, 0, 1)[None]
