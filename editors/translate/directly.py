"""Portraits drawn directly from labels, without a generator: whatever is painted, and no code.

With a picture the network is not asked for it at once. It draws the picture's own labels, and the painted ones, and the
difference is added; only what was painted over is taken from the new drawing itself. So the rest stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from editors.translate.networks import DIRECT
from editors.translate.outputs import Choices, Drawing, Start, judged
from editors.translate.palettes import squared
from editors.translate.parsing import parse
from editors.translate.portrait import Networks
from facet import Context, LabelMap, Step, Variant
from nets.stylegan2.sampling import codes
from nets.translation.label_unet import LabelUnet, asked
from nets.translation.tints import tints_of

CODELESS = "drawn directly: it has no code"
RIM = 2
"""Pixels around what was painted over that are drawn anew with it."""


@dataclass(frozen=True)
class Given:
    """A picture [1, 3, s, s] in -1..1 and its parts [1, s, s], at the size of the network."""

    picture: Tensor
    parts: Tensor

    def tints(self, count: int) -> Tensor:
        """Those of its parts, [1, count, …]."""
        return tints_of(self.picture, self.parts, count)


def given(nets: Networks, picture: Tensor, size: int) -> Given:
    """A picture [1, 3, s, s] in -1..1 made of that size; its parts are those that “Parse a portrait” says of it."""
    whole = functional.interpolate(picture, (size, size), mode="bicubic", antialias=True).clamp(-1, 1)
    parts = squared(parse(nets.judges, picture)[0], size)
    return Given(whole, torch.from_numpy(parts.astype(np.int64)).to(picture.device)[None])


def merged(net: LabelUnet, look: int, *chosen: Tensor) -> Tensor:
    """Tints of every part: the first that are known, then those that the network knows, of one look or another."""
    usual = net.usual[look % net.config.looks][None]
    found = torch.zeros_like(usual)
    for tints in (*chosen, usual):
        found = torch.where(found[..., -1:] > 0, found, tints)
    return found


@torch.no_grad()
def drawn(net: LabelUnet, parts: Tensor, tints: Tensor) -> Tensor:
    """The picture [1, 3, s, s] in -1..1 of parts [1, s, s] and tints."""
    made: Tensor = net(asked(parts, tints))
    return made.clamp(-1, 1)


def changed(net: LabelUnet, before: Given, parts: Tensor, tints: Tensor) -> Tensor:
    """The given picture with what was painted over drawn anew, and the rest as it was but for what follows from it."""
    new, old = drawn(net, parts, tints), drawn(net, before.parts, tints)
    over = (parts != before.parts).float()[:, None]
    over = functional.max_pool2d(over, 2 * RIM + 1, 1, RIM)
    soft = functional.avg_pool2d(functional.pad(over, (RIM,) * 4, mode="replicate"), 2 * RIM + 1, 1)
    return torch.lerp((before.picture + new - old).clamp(-1, 1), new, soft)


def outputs_directly(ctx: Context, start: Start, labels: LabelMap, choices: Choices) -> Iterator[Step]:
    """The portrait, then further ones in the tints of the next seeds; none has a code.

    Args:
        ctx: of the run.
        start: whose tints are kept, and whose picture is changed if it was given.
        labels: what is painted, of any size.
        choices: whose colours, and how many further outputs.
    """
    net, nets = ctx.net(DIRECT.name), start.nets
    size, count = net.config.size, len(net.config.parts)
    parts, cells = (
        torch.from_numpy(squared(labels, n).astype(np.int64))[None] for n in (size, nets.encoder.config.size)
    )
    before = nets.draw(start.code)
    parts, side = parts.to(before.device), before.shape[-1]
    own = given(nets, before, size)
    tints = own.tints(count)
    images: dict[str, Variant] = {}
    main, whole = None, 1 + choices.others
    for number, seed, seeded in choices.outputs():
        if seeded or not tints[0, parts.unique(), -1].all():
            seeds = given(nets, nets.draw(codes(nets.generator, [seed], 0.9)), size).tints(count)
        else:
            seeds = tints
        if start.given and not seeded:
            made = changed(net, own, parts, merged(net, seed, tints, seeds))
            small = (before + functional.adaptive_avg_pool2d(made - own.picture, side)).clamp(-1, 1)
        else:
            made = drawn(net, parts, merged(net, seed, *((seeds, tints) if seeded else (tints, seeds))))
            small = functional.adaptive_avg_pool2d(made, side)
        image = (small[0] / 2 + 0.5).clamp(0, 1).cpu()
        if number:
            images[f"colours of seed {seed}"] = Variant(image, inputs=choices.alone(seed))
        else:
            main = image, judged(nets, Drawing(cells), small)[0]
        assert main is not None
        yield Step(main[0], done=(number + 1) / whole, note=CODELESS, images=dict(images), metrics=main[1])
        ctx.check_stop()
