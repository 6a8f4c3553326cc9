"""Everything together: the distance from a world point to each group of surfaces."""

from __future__ import annotations

import torch
from torch import Tensor

from training.puppets import accessories, shapes
from training.puppets.hair import hair
from training.puppets.rig import Rig, to_head, unpack
from training.puppets.sdf import cut, union

GROUPS = ("skin", "eye", "hair", "hat", "glasses", "cloth", "earring")


def distances(x: Tensor, y: Tensor, z: Tensor, r: Rig) -> tuple[Tensor, ...]:
    """Distances to the groups, in the order of GROUPS."""
    hx, hy, hz = to_head(x, y, z, r)
    ax = torch.sqrt(hx * hx + 1e-6)
    body = union(shapes.skin(hx, hy, hz, r), shapes.neck(x, y, z, r), 0.12)
    # hair gives way above a hat's rim, and nothing of it crosses the dome
    locks = cut(hair(hx, hy, hz, r), r.hat * 1.3 - 1.3 + (hy - accessories.hat_rim(hz) - 0.02) * 0.8, 0.05)
    return (
        body,
        shapes.eyeballs(ax, hy, hz, r),
        locks,
        accessories.hat(hx, hy, hz, r),
        accessories.glasses(ax, hy, hz, r),
        shapes.clothes(x, y, z, r),
        accessories.earrings(ax, hy, hz, r),
    )


def nearest(x: Tensor, y: Tensor, z: Tensor, row: Tensor) -> Tensor:
    """Distance to the nearest surface of any group; ``row`` is one packed rig."""
    result = None
    for d in distances(x, y, z, unpack(row)):
        result = d if result is None else torch.minimum(result, d)
    assert result is not None
    return result
