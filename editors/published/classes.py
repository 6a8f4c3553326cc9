"""Label maps for published networks: class numbers become the channels that each family was trained with."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from editors.published.models import Model
from facet import BadInput, Subject
from nets.translation import SpadeGenerator

NUMBERING = {
    "as_is": "as they are (cityscapes, COCO-Stuff)",
    "minus_one": "one less, 0 is “other” (ADE20K)",
}
EDGES = {"auto": "if its published form has them", "yes": "yes", "no": "no"}
_EDGED = (36, 184)
"""Channels of the published networks whose last one has the edges: cityscapes, and SPADE's COCO-Stuff."""
UNLABELLED = 255


def is_grey(picture: Subject) -> bool:
    """Whether a picture could be a label map: red, green and blue are the same everywhere."""
    return bool((picture.pixels == picture.pixels[..., :1]).all())


def class_numbers(labels: Subject, longer: int, field: str) -> NDArray[np.int64]:
    """Class numbers [h, w] of a label map whose grey values they are; its longer side at most `longer`, 0 for its own.

    Raises:
        BadInput: it is a colour picture.
    """
    if not is_grey(labels):
        mend = "Its grey values must be class numbers, as in data sets (…_labelIds.png)."
        raise BadInput(field, "are a colour picture", mend)
    numbers = labels.pixels[..., 0]
    scale = longer / max(numbers.shape) if longer else 1.0
    if scale < 1:
        size = [max(1, round(length * scale)) for length in numbers.shape[::-1]]
        numbers = np.asarray(Image.fromarray(numbers).resize((size[0], size[1]), Image.Resampling.NEAREST))
    return numbers.astype(np.int64)


def has_edges(model: Model, edges: str) -> bool:
    """Whether the last channel has the edges between instances."""
    config = getattr(model.net, "config", None)
    if edges == "auto":
        return bool(getattr(config, "edges", False)) or model.inputs in _EDGED
    return edges == "yes"


def packed(classes: NDArray[np.int64], model: Model, edges: str, numbering: str, field: str) -> Tensor:
    """Class numbers as the network counts them, and behind them its edges if it wants them: [1, 1 or 2, h, w].

    What nobody labelled (255, and 0 where numbers are one less) goes into the last class of SPADE's networks, which is
    kept for it.

    Raises:
        BadInput: a class that the network does not know.
    """
    edged = has_edges(model, edges)
    count = model.inputs - edged
    spade = isinstance(model.net, SpadeGenerator)
    numbers = np.where(classes == UNLABELLED, count - 1 if spade else 0, classes - (numbering == "minus_one"))
    numbers = np.where(numbers < 0, count - 1, numbers)
    if numbers.max() >= count:
        mend = f"It takes class numbers from 0 to {count - 1}; choose labels made for it."
        raise BadInput(field, f"have class {int(numbers.max())}, which this network of {count} classes lacks", mend)
    rows = [numbers.astype(np.float32), *([outlines(classes)] if edged else [])]
    return torch.from_numpy(np.stack(rows))[None]


def unpacked(x: Tensor, channels: int) -> Tensor:
    """What the network takes [N, channels, h, w]: one channel for each class, then whatever is behind the numbers."""
    count = channels - x.shape[1] + 1
    found = x.new_zeros(len(x), count, *x.shape[2:])
    return torch.cat([found.scatter_(1, x[:, :1].long(), 1.0), x[:, 1:]], 1)


def outlines(classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """1 on both sides of every border between classes [h, w], else 0, as pix2pixHD draws the borders of instances."""
    found = np.zeros(classes.shape, np.float32)
    across = classes[:, 1:] != classes[:, :-1]
    down = classes[1:] != classes[:-1]
    found[:, 1:][across] = found[:, :-1][across] = 1
    found[1:][down] = found[:-1][down] = 1
    return found
