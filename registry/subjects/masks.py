"""What a mask means, for the page, HTTP and the command line alike: what is painted may change.

- On a clear background, whatever is painted counts, in any colour; where both black and white are painted, black was
  meant to take away, and white counts.
- Without one, white counts: what is lighter than the middle. In a file of labels (0 and 1, or any two dark levels) the
  lighter one is white.
- A mask in which nothing is painted is refused: “everything may change” is said by giving none.

``surfaces/page/assets/mask.js`` shows the same on the canvas before anything is sent; a test holds it to this file.
"""

from __future__ import annotations

import os
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.errors import BadInput
from registry.subjects.layers import Levels
from registry.subjects.pixels import read_levels, refuse_size

Mask: TypeAlias = NDArray[np.bool_]
"""bool [height, width], True where the picture MAY change; where everything may, there is None in its place."""

OPAQUE = 128  # coverage from which a pixel counts as painted
BLACK, WHITE = 64, 191  # of 255: up to and from where a level is taken for one of the two
_SHARE = 0.01  # of what is painted that has to be black, or white, to be no mere edge of a stroke


def read_mask(source: object, field: str) -> Mask:
    """The mask in a path, the bytes of a file, a `PIL.Image.Image`, or an array.

    Args:
        source: arrays are bool [h, w]; or levels [h, w], [h, w, 3] or [h, w, 4], integers or floats in [0, 1].
        field: the input's name.

    Raises:
        BadInput: it is no picture, or nothing is painted in it.
    """
    if isinstance(source, np.ndarray):
        mask = source if source.dtype == np.bool_ and source.ndim == 2 else painted(_levels(source, field))
    elif isinstance(source, (str, bytes, os.PathLike, Image.Image)):
        mask = painted(read_levels(source, field))
    else:
        raise BadInput(field, "must be a mask", "Give a black-and-white picture: white may change.")
    if not mask.any():
        raise BadInput(field, "has nothing painted in it", "Paint white what may change, or leave the mask out.")
    return mask


def painted(levels: Levels) -> Mask:
    """The rule of this module, applied."""
    grey, alpha = levels.grey, levels.alpha
    if alpha is None or not (alpha < OPAQUE).any():
        return grey > _middle(grey, levels.top)
    shown = alpha >= OPAQUE
    seen = grey[shown] * (255 / levels.top)
    black, white = (seen <= BLACK).mean() if seen.size else 0, (seen >= WHITE).mean() if seen.size else 0
    both: Mask = shown & (grey > levels.top / 2) if min(black, white) >= _SHARE else shown
    return both


def _middle(grey: NDArray[np.float32], top: float) -> float:
    """The level above which a pixel is white."""
    high = float(grey.max())
    if high > top / 2:
        return top / 2
    if top > 255 and high <= 255:  # 8 bits in a file of 16
        return _middle(grey, 255.0)
    labels = high == 1 or len(np.unique(grey)) == 2
    return high - 0.5 if labels and high >= 1 else top / 2


def _levels(array: NDArray[Any], field: str) -> Levels:
    if array.ndim == 2:
        array = array[..., None]
    sound = np.issubdtype(array.dtype, np.integer) or (
        np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all()
    )
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or not (sound or array.dtype == np.bool_):
        shape = " × ".join(map(str, array.shape))
        raise BadInput(field, f"is an array of {shape}, {array.dtype}", "It must be [height, width]: white may change.")
    refuse_size((array.shape[1], array.shape[0]), field)
    whole = not np.issubdtype(array.dtype, np.floating)
    levels = array.astype(np.float32) * (1 if whole else 255)
    if array.dtype == np.bool_:
        levels *= 255
    alpha = levels[..., 3].clip(0, 255).astype(np.uint8) if array.shape[2] == 4 else None
    top = 65535.0 if whole and levels.max() > 255 else 255.0
    return Levels(levels[..., :3].mean(axis=2), top, alpha)
