"""The one picture: checked, and cut to what can be seen of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from facet import BadInput, Subject
from facet.stylegan import GeneratorRef
from nets.seen import filled

LEAST = 32
"""Pixels of the shorter side; less shows no manner."""

MOST = 1024
"""Pixels of the longer side that are looked at."""


def reference_of(style: Subject, source: GeneratorRef | None, device: str) -> tuple[Tensor, Tensor | None]:
    """The picture [1, 3, h, w] in 0..1, and which pixels of it are there ([1, 1, h, w]; None: all).

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
    return picture.to(device), None if seen is None or seen.all() else seen.to(device)
