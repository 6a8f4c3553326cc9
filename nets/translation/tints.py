"""Tints: what a part of a picture looks like from afar, its colour and which way it grows lighter.

Instance features of pix2pixHD (Wang et al. 2018, section 3.4) are one mean for each part. Here they are a plane: what a
regression of the part's colours on their places gives. It tells where the light comes from, and a backdrop's ramp.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

TINT = 9
"""Numbers of a tint: red, green, blue in -1..1 at the middle of the part; their change to the right; downwards."""
STEADY = 0.004
"""What is added to how far a part spreads (picture widths, squared): small parts and unsure ones are flat."""
FARTHEST = 0.5
"""How much lighter or darker than in its middle a part may become where it is painted far from where it was."""


def places(height: int, width: int, device: torch.device | None = None) -> Tensor:
    """1, x and y of each pixel, with x and y in -1..1, [3, h, w]."""
    y, x = (torch.arange(n, device=device, dtype=torch.float32).add(0.5).mul(2 / n).sub(1) for n in (height, width))
    return torch.stack(
        [torch.ones(height, width, device=device), x.expand(height, width), y[:, None].expand(-1, width)]
    )


def tints_of(pictures: Tensor, parts: Tensor, count: int, least: float = 3e-4) -> Tensor:
    """Tints of parts, [n, count, TINT + 3]; zeros for parts that a picture has not.

    After the tint come the middle (x, y) of the part, where its colour is taken, and a 1.

    Args:
        pictures: [n, 3, h, w] in -1..1.
        parts: part numbers [n, h, w].
        count: of parts.
        least: share of the picture from which on a part counts.
    """
    n, height, width = parts.shape
    shares = functional.one_hot(parts.long(), count).flatten(1, 2).float()  # [n, hw, count]
    one, x, y = where = places(height, width, parts.device).flatten(1)
    seen = pictures.float().flatten(2)
    fixed = torch.stack([one, x, y, x * x, x * y, y * y]).expand(n, -1, -1)
    coloured = (where[None, :, None] * seen[:, None]).flatten(1, 2)  # colours, times x, times y
    sums = torch.cat([fixed, coloured], 1) @ shares
    area = sums[:, 0]
    means = (sums / area.clamp(min=1)[:, None]).transpose(1, 2)  # [n, count, 15]
    middle, squares, colour = means[..., 1:3], means[..., 3:6], means[..., 6:9]
    both = squares[..., [0, 1, 1, 2]].unflatten(2, (2, 2))
    apart = both - middle[..., None] * middle[..., None, :] + STEADY * torch.eye(2, device=parts.device)
    with_place = means[..., 9:].unflatten(2, (2, 3)) - middle[..., None] * colour[..., None, :]
    slope = torch.linalg.solve(apart, with_place)
    known = (area >= least * height * width).float()[..., None]
    return torch.cat([colour, slope.flatten(2), middle, torch.ones_like(known)], 2) * known


def filled(parts: Tensor, tints: Tensor) -> Tensor:
    """Every part filled with its tint: parts [n, h, w] and tints [n, count, TINT + 3] → [n, 3, h, w] in -1..1."""
    n, height, width = parts.shape
    own = torch.gather(tints, 1, parts.long().flatten(1)[..., None].expand(-1, -1, tints.shape[2]))
    own = own.view(n, height, width, -1).permute(0, 3, 1, 2)
    x, y = places(height, width, parts.device)[1:]
    across, down = x - own[:, TINT, None], y - own[:, TINT + 1, None]
    change = (own[:, 3:6] * across + own[:, 6:9] * down).clamp(-FARTHEST, FARTHEST)
    return (own[:, :3] + change).clamp(-1, 1)
