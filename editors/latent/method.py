"""Mixing and arithmetic in W+ (Karras et al. 2019, sections 3.1 and B; Radford et al. 2016, section 6.3.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.paths import slerp
from nets.stylegan2 import Generator

# Rows of w_plus by what they steer (Karras et al. 2019, section 3.1): 4² to 8², 16² to 32², 64² and finer.
SPANS: dict[str, tuple[int, int | None]] = {"coarse": (0, 4), "middle": (4, 8), "fine": (8, None), "all": (0, None)}


def towards(w_plus: Tensor, other: Tensor, amount: float, rows: slice, centre: Tensor | None = None) -> Tensor:
    """w_plus [N, num_ws, w_dim] with some rows moved towards `other`; 1 is there, which is style mixing.

    Straight, or, given the mean of W [w_dim] as `centre`, on the arc about it.
    """
    mixed = w_plus.clone()
    start, end = w_plus[:, rows], other[:, rows].expand_as(w_plus[:, rows])
    if centre is None:
        mixed[:, rows] = torch.lerp(start, end, amount)
    else:
        share = torch.full(start.shape[:-1], amount, device=start.device)
        mixed[:, rows] = centre + slerp(start - centre, end - centre, share)
    return mixed


def nearest(w: Tensor, code: Tensor) -> Tensor:
    """Distances [N] of w [N, w_dim] from a code [num_ws, w_dim]: root mean square over rows.

    All rows of a seed are alike, so that is its distance to the mean row, and how far the rows lie from it.
    """
    centre = code.mean(0)
    own = (code - centre).square().sum(1).mean()
    return ((w - centre).square().sum(1) + own).sqrt()


def agreement(features: Tensor, region: Tensor) -> Tensor:
    """How well each unit's strongest places agree with a region: intersection over union, [C].

    Network dissection (Bau et al. 2019, "GAN Dissection", equation 2), but on one picture: features [C, h, w] are cut
    so that each unit keeps as many places as the region has, which is True on [H, W] and is brought to their size.
    """
    weight = torch.nn.functional.interpolate(region[None, None].float(), features.shape[-2:], mode="area")[0, 0]
    inside = weight > min(0.5, float(weight.max()) / 2)  # a region smaller than a unit's field still covers one
    level = torch.quantile(features.flatten(1), 1 - float(inside.sum()) / inside.numel(), dim=1)
    strong = features > level[:, None, None]
    union = (strong | inside).flatten(1).sum(1).clamp(min=1)
    return (strong & inside).flatten(1).sum(1) / union


def with_units(generator: Generator, w_plus: Tensor, height: int, units: list[int], gain: float) -> Tensor:
    """The image [3, H, W] in 0..1 of w_plus [1, num_ws, w_dim] with units of one block multiplied by `gain`."""

    def scaled(features: Tensor) -> Tensor:
        features = features.clone()
        features[:, units] *= gain
        return features

    with torch.no_grad():
        image = [stage.image for stage in generator.synthesis.walk(w_plus, change={height: scaled})][-1]
    assert image is not None  # the last block always has an RGB layer
    return (image[0].float() / 2 + 0.5).clamp(0, 1).expand(3, -1, -1).cpu()
