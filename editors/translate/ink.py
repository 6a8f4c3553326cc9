"""The editor that sketches a portrait in ink; its network never saw a pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import torch
from PIL import Image

from editors.translate.networks import INK
from facet import Context, Slider, Step, Subject, editor

LEAST = 16
"""Pixels of the shorter side of a result."""


@editor(
    "ink_sketch",
    "Ink sketch",
    task="translate",
    gpu_seconds=1,
    nets=(INK,),
    tags=("portrait", "sketch", "ink", "cyclegan", "ssal", "unpaired"),
    live=True,
)
def ink_sketch(
    ctx: Context,
    *,
    subject: Subject,
    size: Annotated[
        int,
        Slider(64, 512, step=16, unit="px", doc="Longer side of the result: strokes are finer in a larger one."),
    ] = 256,
) -> Iterator[Step]:
    """Draw a portrait in pen and ink, on paper.

    The network saw portraits of puppets and sketches of other puppets, and never both of one. It learned for minutes:
    lines are where they should be, hatching is rough. Photographs are drawn too, as far as they look alike.
    """
    width, height = subject.size
    scale = max(size / max(width, height), LEAST / min(width, height))  # never stretched
    target = round(width * scale), round(height * scale)
    small = np.asarray(Image.fromarray(subject.pixels).resize(target, Image.Resampling.LANCZOS))
    net = ctx.net(INK.name)
    given = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float().to(ctx.device) / 127.5 - 1
    with torch.no_grad():
        made = net(given, "to_ink")
    yield Step((made[0] / 2 + 0.5).clamp(0, 1).float().cpu(), done=1)
