"""The editor that colours grey photographs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import torch
from torch import Tensor

from editors.translate.networks import COLOURS, TRUNK
from editors.translate.palettes import HINTS
from facet import Context, LabelMap, LabelMapInput, Slider, Step, Subject, editor
from nets.colourise import colourise as coloured
from nets.colourise import lab


@editor(
    "colourise",
    "Colourise",
    task="translate",
    gpu_seconds=1,
    nets=(COLOURS, TRUNK),
    tags=("photograph", "black and white", "colour"),
    live=True,
)
def colourise(
    ctx: Context,
    *,
    subject: Subject,
    strength: Annotated[float, Slider(0, 1.5, step=0.05, doc="How strong the colours are: 0 is grey.")] = 1.0,
    decided: Annotated[
        float,
        Slider(0, 1, step=0.05, label="Decided", doc="1 takes the likeliest colour, 0 a cautious mean of all."),
    ] = 0.5,
    hints: Annotated[
        LabelMap | None,
        LabelMapInput(HINTS, on="subject", doc="Strokes that say what colour something has; a few are enough."),
    ] = None,
) -> Iterator[Step]:
    """Guess the colours of a grey photograph; strokes tell it better.

    Lightness stays exactly as it is, and any colours the picture has do not count. The network learned from some
    hundred photographs of landscapes, buildings, animals and flowers: skies, grass and earth come out right oftenest,
    faces, clothes and rooms pale or wrong. Fur may turn greenish: lower “Decided”, or draw a stroke of brown.
    """
    picture = subject.tensor()
    told = None if hints is None else hint_colours(hints.resized(subject.size))
    net, trunk = ctx.net(COLOURS.name), ctx.net(TRUNK.name)
    device = net.bins.device
    made = coloured(
        net, trunk, picture.to(device), None if told is None else told.to(device), strength, 1 - 0.97 * decided
    )
    yield Step(made[0].cpu(), done=1, metrics={"chroma": round(float(lab(made)[:, 1:].norm(dim=1).mean()), 2)})


def hint_colours(hints: LabelMap) -> Tensor:
    """(a*, b*) and 1 where a stroke says so, [1, 3, h, w]."""
    swatches = torch.tensor(HINTS.colours).float().view(1, -1, 1, 3).permute(0, 3, 1, 2) / 255
    table = lab(swatches)[0, 1:, :, 0].numpy()
    table[:, 1] = 0  # grey is grey
    known = (hints.indices > 0).astype(np.float32)
    return torch.from_numpy(np.concatenate([table[:, hints.indices] * known, known[None]]))[None]
