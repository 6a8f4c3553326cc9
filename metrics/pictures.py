"""Pictures as tensors, the way the metrics want them."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from metrics.registry import Pixels
from nets.seen import filled

T = TypeVar("T")

MOST_REMEMBERED = 6
"""Pictures of which one kind of numbers is kept: a subject, a style or two, and what an edit made of them."""

LUMA = (0.2125, 0.7154, 0.0721)
"""Weights of scikit-image's `rgb2gray` (Rec. 709)."""


def rgb(picture: Pixels) -> Tensor:
    """uint8 [h, w, 3], or [h, w, 4] laid on white, as float32 [1, 3, h, w] in 0..1."""
    if picture.shape[2] == 4:
        cover = picture[..., 3:].astype(np.uint32)
        picture = ((picture[..., :3] * cover + 255 * (255 - cover) + 127) // 255).astype(np.uint8)
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def luma(picture: Tensor) -> Tensor:
    """Luminance [1, 1, h, w] of RGB [1, 3, h, w]."""
    return torch.einsum("c,nchw->nhw", torch.tensor(LUMA).to(picture), picture)[:, None]


def pair(result: Pixels, other: Pixels) -> tuple[Tensor, Tensor]:
    """Both as RGB tensors of the result's size."""
    a, b = rgb(result), rgb(other)
    if a.shape != b.shape:
        b = F.interpolate(b, a.shape[2:], mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    return a, b


def within(picture: Tensor, longest: int) -> Tensor:
    """The picture, made smaller if its longer side is more than `longest`."""
    side = max(picture.shape[2:])
    if side <= longest:
        return picture
    height, width = (max(1, round(n * longest / side)) for n in picture.shape[2:])
    return F.interpolate(picture, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def apart(picture: Pixels) -> tuple[Tensor, Tensor | None]:
    """RGB [1, 3, h, w] in 0..1 and what can be seen of it, [1, 1, h, w] of 0 and 1, or None: all.

    The clear places of a picture [h, w, 4] hold colours of their surroundings.
    """
    if picture.shape[2] == 3 or (seen := torch.from_numpy(picture[..., 3] > 127)).all() or not seen.any():
        return rgb(picture), None
    there = seen[None, None].float()
    return filled(rgb(picture[..., :3]), there), there


def shrunk(seen: Tensor | None, like: Tensor) -> Tensor | None:
    """`seen` at the size of another picture."""
    return None if seen is None else (F.interpolate(seen, like.shape[2:], mode="area") >= 0.5).to(like)


def remembered(work: Callable[..., T], most: int = MOST_REMEMBERED) -> Callable[..., T]:
    """`work(picture, *more)`, once for each picture that was asked for last: a comparison measures all beside some.

    Only of arrays that nobody can write into, for as long as they and `more` (networks) live.
    """
    known: OrderedDict[tuple[int, ...], tuple[tuple[weakref.ref[Any], ...], T]] = OrderedDict()
    guard = threading.Lock()

    def look_up(picture: Pixels, *more: Any) -> T:
        if picture.flags.writeable:
            return work(picture, *more)
        things = (picture, *more)
        key = tuple(map(id, things))
        with guard:
            found = known.get(key)
            if found is not None:
                with suppress(KeyError):  # a thing that died meanwhile took it along
                    known.move_to_end(key)
        if found is not None and all(ref() is thing for ref, thing in zip(found[0], things, strict=True)):
            return found[1]
        made = work(picture, *more)

        def gone(_: object) -> None:
            known.pop(key, None)

        with guard:
            known[key] = (tuple(weakref.ref(thing, gone) for thing in things), made)
            while len(known) > most:
                known.popitem(last=False)
        return made

    return look_up
