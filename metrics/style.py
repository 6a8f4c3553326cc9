"""How near the manner is, in two spaces of features that know nothing of each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from metrics.pictures import apart, remembered, shrunk
from metrics.registry import Pixels, metric
from nets.gabor import GaborPyramid, moments, to_opponent
from nets.randomvgg import RandomVGG
from nets.seen import among

_AREA = 256 * 256
PAINTED = ("result", "style")


@metric("style_gabor", "Style distance (Gabor)", better="lower", needs=PAINTED, home_of=("neural_style",))
def style_gabor(result: Pixels, style: Pixels) -> float:
    """Distance of texture statistics in oriented Gabor features; the space that Neural style optimises.

    Both pictures are brought to the area of 256x256 pixels; the value is the mean over layers of the relative distance
    of covariances and means, 0 for equal statistics.
    """
    return statistics_distance(_gabor(), to_opponent, result, style)


@metric("style_random", "Style distance (random VGG)", better="lower", needs=PAINTED)
def style_random(result: Pixels, style: Pixels) -> float:
    """The same distance in an untrained VGG-shaped network, which no editor optimises."""
    return statistics_distance(_vgg(), _as_is, result, style)


def _as_is(picture: Tensor) -> Tensor:
    return picture


@cache
def _gabor() -> GaborPyramid:
    return GaborPyramid(seed=0)


@cache
def _vgg() -> RandomVGG:
    return RandomVGG()


def statistics_distance(
    net: torch.nn.Module, prepare: Callable[[Tensor], Tensor], result: Pixels, style: Pixels
) -> float:
    """Mean over a network's taps of the relative distance of covariances and means, over what can be seen of either.

    Args:
        net: gives the taps, tensors [1, C, h, w], of what `prepare` makes of a picture [1, 3, h, w] in 0..1.
        prepare: see there.
        result, style: the pictures; both are brought to the area of 256x256 pixels.
    """
    with torch.no_grad():
        ours, theirs = _taps(result, net, prepare), _taps(style, net, prepare)
    total = 0.0
    for x, y in zip(ours, theirs, strict=True):
        (mx, cx), (my, cy) = x, y
        total += ((cx - cy).norm() / cy.norm().clamp_min(1e-6)).item()
        total += ((mx - my).norm() / my.norm().clamp_min(1e-6)).item()
    return total / (2 * len(ours))


@remembered
def _taps(picture: Pixels, net: torch.nn.Module, prepare: Callable[[Tensor], Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Mean and covariance of every layer, over what can be seen of the picture."""
    whole, seen = apart(picture)
    small = same_area(whole)
    there = shrunk(seen, small)
    return [moments(among(tap, there)) for tap in net(prepare(small))]


def same_area(picture: Tensor) -> Tensor:
    """A picture [1, 3, h, w] in 0..1 at the area of 256x256 pixels."""
    scale = math.sqrt(_AREA / (picture.shape[2] * picture.shape[3]))
    height, width = (max(16, round(n * scale)) for n in picture.shape[2:])
    return F.interpolate(picture, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
