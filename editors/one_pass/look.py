"""A style picture as the one-pass editors look at it: at its working size, and only what can be seen of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from editors.style.visible import cut, whole
from facet import BadInput, Subject
from nets.features.moments import Moments, palette_map

LEAST = 16
"""Pixels of the shorter side; less shows no manner."""

COLOURS = 2**18
"""About how many pixels the moments of colours are taken from, at most."""


STRIP = 256
"""Rows of a picture whose colours are moved at a time; as floats, a whole one of 24 megapixels takes a gigabyte."""


@dataclass(frozen=True)
class Look:
    """Pixels [1, 3, h, w] uint8, and which of them are there: [1, 1, h, w] in 0..1, None for all.

    Clear pixels hold colours of their surroundings, so that no filter sees an edge there. `alpha` [1, 1, h, w] in 0..1
    is how opaque each is, for a picture that goes on paper again; None where it is wholly opaque, and of styles.
    """

    pixels: Tensor
    seen: Tensor | None = None
    alpha: Tensor | None = None

    def there(self, weights: Tensor | None = None) -> Tensor | None:
        """Weights [1, 1, h, w] of places, without those that are clear; None for all. Of nothing else they stay."""
        if self.seen is None or weights is None:
            return self.seen if weights is None else weights
        both = self.seen * weights
        return both if both.any() else weights

    def colours(self) -> Moments:
        """Moments of the colours, in 0..1."""
        height, width = self.pixels.shape[2:]
        thin = max(1, round((height * width / COLOURS) ** 0.5))
        found, seen = Moments(), None if self.seen is None else self.seen[:, :, ::thin, ::thin]
        if seen is not None and not seen.any():  # what can be seen fell between the rows that are looked at
            thin, seen = 1, self.seen
        found.add(self.pixels[:, :, ::thin, ::thin].float() / 255, seen)
        return found

    def in_palette(self, other: Look) -> Look:
        """The picture with the colours of another one."""
        moved, made = palette_map(self.colours(), other.colours()), torch.empty_like(self.pixels)
        for own, strip in zip(self.pixels.split(STRIP, 2), made.split(STRIP, 2), strict=True):
            strip.copy_((moved(own.float() / 255) * 255).round().clamp(0, 255))
        return replace(self, pixels=made)


def resized(pixels: np.ndarray, longer: int) -> Tensor:
    """A picture [h, w, 3] as [1, 3, h, w] uint8 whose longer side is at most `longer`; 0 for its own size."""
    height, width = pixels.shape[:2]
    scale = longer / max(width, height) if longer else 1.0
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]


def seen_in(subject: Subject, longer: int) -> Look:
    """The photograph at its working size; nothing is cut off. `longer`: as in `resized`."""
    picture, seen = whole(subject)
    if seen is None:
        return Look(resized(subject.pixels, longer))
    pixels = resized(np.ascontiguousarray(_levels(picture)), longer)
    assert subject.alpha is not None  # not all of it can be seen
    alpha = torch.from_numpy(subject.alpha.copy())[None, None].float() / 255
    seen, alpha = (F.interpolate(each, pixels.shape[2:], mode="area") for each in (seen, alpha))
    return Look(pixels, seen, alpha)


def look_of(style: Subject, longer: int, field: str) -> Look:
    """A style picture, cut to what can be seen, its longer side at most that many pixels.

    Raises:
        BadInput: too little of it can be seen.
    """
    picture, seen = cut(style)
    height, width = picture.shape[2:]
    if min(height, width) < LEAST:
        why = f"shows {width} × {height} pixels, too few to show a manner"
        raise BadInput(field, why, f"Choose one of at least {LEAST} pixels each way, better 256.")
    if seen is None and picture.shape[2:] == style.pixels.shape[:2]:
        return Look(resized(style.pixels, longer))
    pixels = resized(np.ascontiguousarray(_levels(picture)), longer)
    return Look(pixels, None if seen is None else F.interpolate(seen, pixels.shape[2:], mode="area"))


def _levels(picture: Tensor) -> np.ndarray:
    levels: np.ndarray = (picture[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    return levels
