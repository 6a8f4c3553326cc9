"""The one picture: checked, and cut to what can be seen of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from editors.inversion.detectors import Detectors, see
from editors.inversion.networks import DETECTOR, JUDGES
from editors.inversion.place import place
from facet import BadInput, Context, NoFace, Subject
from facet.stylegan import GeneratorRef
from nets.align import PUPPETS, crop
from nets.seen import filled

LEAST = 32
"""Pixels of the shorter side; less shows no manner."""

MOST = 1024
"""Pixels of the longer side that are looked at."""


PORTRAIT = 256
"""Pixels of the side of a portrait that is cut out."""


class Reference(NamedTuple):
    """The one picture: [1, 3, h, w] in 0..1, and which pixels of it are there ([1, 1, h, w]; None: all)."""

    picture: Tensor
    seen: Tensor | None = None


def portrait_of(ctx: Context, reference: Reference) -> Tensor:
    """The face in it, framed as puppets are: [1, 3, 256, 256] in 0..1.

    Raises:
        BadInput: there is none, or there are several.
    """
    picture = reference.picture[0].cpu()
    detectors = Detectors(mtcnn=ctx.net(DETECTOR.name), judges=ctx.net(JUDGES.name), in_turn=True)
    try:
        found = place(Subject.read(_levels(picture)), "face", [], PUPPETS, lambda: see(picture * 2 - 1, detectors))
    except NoFace:
        why = "shows no face that could be found, and JoJoGAN learns from a portrait"
        raise BadInput(
            "style", why, "Choose a portrait, or painted portraits as the method, which need none."
        ) from None
    except BadInput as problem:
        raise BadInput("style", problem.why, "Cut out the one that is meant.") from None
    return crop(picture, found.quad, PORTRAIT).clamp(0, 1)[None].to(reference.picture.device)


def _levels(picture: Tensor) -> np.ndarray:
    levels: np.ndarray = (picture.permute(1, 2, 0) * 255).round().byte().numpy()
    return levels


def reference_of(style: Subject, source: GeneratorRef | None, device: str) -> Reference:
    """The picture, cut to what can be seen of it.

    Any picture will do, with a face or without: its palette and its manner are learned, not its people. Clear pixels
    hold colours of their surroundings.

    Raises:
        BadInput: it is too small, or the very generator's own picture, from which there is nothing to learn.
    """
    drawn = style.generator
    if drawn is not None and source is not None and drawn.id == source.id and not drawn.delta_sha256:
        why = "is a picture that this generator draws already, so there is nothing to learn"
        raise BadInput("style", why, "Choose a picture of another manner.")
    visible = style.visible
    rows, columns = slice(None), slice(None)
    if visible is not None:
        there = [np.flatnonzero(visible.any(axis)) for axis in (1, 0)]
        rows, columns = (slice(found[0], found[-1] + 1) for found in there)
    colours = style.colours[rows, columns]
    height, width = colours.shape[:2]
    if min(height, width) < LEAST:
        why = f"shows {width} × {height} pixels, too few to show a manner"
        raise BadInput("style", why, f"Choose one of at least {LEAST} pixels each way, better 256.")
    picture = torch.from_numpy(colours.copy()).permute(2, 0, 1)[None].float().div_(255)
    seen = None if visible is None else torch.from_numpy(visible[rows, columns].copy())[None, None].float()
    if seen is not None:
        picture = filled(picture, seen)
    if max(height, width) > MOST:
        size = [max(LEAST, round(n * MOST / max(height, width))) for n in (height, width)]
        picture = torch.nn.functional.interpolate(picture, size, mode="area")
        seen = None if seen is None else torch.nn.functional.interpolate(seen, size, mode="area").round()
    return Reference(picture.to(device), None if seen is None or seen.all() else seen.to(device))
