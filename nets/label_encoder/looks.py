"""What a `LabelEncoder` looks at: labels or lines, and the colours that are known."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from nets.label_encoder.seen import of_labels, of_lines


class Look(NamedTuple):
    """What the network sees of n drawings of one kind.

    kind: ``"labels"`` or ``"lines"``.
    seen [n, numbers]: of `nets.label_encoder.seen`.
    colours [n, 4 P]: for each part its mean colour in -1..1 and 1, or four zeros where it is not known.
    """

    kind: str
    seen: Tensor
    colours: Tensor


def colours_of(pictures: Tensor, parts: Tensor, count: int, least: float = 3e-4) -> Tensor:
    """Mean colours of parts, [n, count, 4]: red, green, blue in -1..1, and 1 where the part covers ``least`` of it.

    Args:
        pictures: [n, 3, s, s] in -1..1.
        parts: part numbers [n, s, s] at the same size.
    """
    shares = functional.one_hot(parts.long(), count).flatten(1, 2).to(pictures.dtype)
    area = shares.sum(1)
    sums = torch.einsum("npk,ncp->nkc", shares, pictures.flatten(2))
    known = (area >= least * shares.shape[1]).to(pictures.dtype)[..., None]
    return torch.cat([sums / area.clamp(min=1)[..., None], torch.ones_like(known)], 2) * known


def lines_of(parts: Tensor) -> Tensor:
    """The rims between parts [n, s, s] as soft lines about two pixels wide, [n, 1, 2 s, 2 s] in 0..1."""
    numbers = parts.float()[:, None]
    wide = functional.pad(numbers, (0, 1, 0, 1), mode="replicate")
    rim = (functional.max_pool2d(wide, 2, 1) + functional.max_pool2d(-wide, 2, 1)) > 0
    soft = functional.interpolate(rim.float(), scale_factor=2.0, mode="bilinear", align_corners=False)
    return ((soft - 0.3) / 0.4).clamp(0, 1)


def look_at_labels(parts: Tensor, colours: Tensor, count: int) -> Look:
    """Of part numbers [n, s, s] and colours [n, count, 4] as `colours_of` gives them."""
    shares = functional.one_hot(parts.long(), count).permute(0, 3, 1, 2).float()
    return Look("labels", of_labels(shares), colours.flatten(1))


def look_at_lines(lines: Tensor, colours: Tensor) -> Look:
    """Of lines [n, 1, 2 s, 2 s], 1 where a line is, and colours [n, count, 4]."""
    return Look("lines", of_lines(lines), colours.flatten(1))
