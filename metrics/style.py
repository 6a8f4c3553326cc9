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
    return statistics_distance(_gabor(), _opponent, result, style)


@metric("style_random", "Style distance (random VGG)", better="lower", needs=PAINTED)
def style_random(result: Pixels, style: Pixels) -> float:
    """The same distance in an untrained VGG-shaped network, which no editor optimises."""
    return statistics_distance(_vgg(), _as_is, result, style)


def _opponent(picture: Pixels, net: torch.nn.Module) -> list[Tensor]:
    return list(net(to_opponent(visible(picture))))


def _as_is(picture: Pixels, net: torch.nn.Module) -> list[Tensor]:
    return list(net(visible(picture)))


@cache
def _gabor() -> GaborPyramid:
    return GaborPyramid(seed=0)


@cache
def _vgg() -> RandomVGG:
    return RandomVGG()


def statistics_distance(
    net: torch.nn.Module, look: Callable[[Pixels, torch.nn.Module], list[Tensor]], result: Pixels, style: Pixels
) -> float:
    """Mean over a network's taps of the relative distance of covariances and means, over what can be seen of either.

    Args:
        net: the network.
        look: gives the network's taps, tensors [1, C, h, w], of a picture as `visible` shows it.
        result, style: the pictures.
    """
    with torch.no_grad():
        ours, theirs = _statistics(result, net, look), _statistics(style, net, look)
    total = 0.0
    for x, y in zip(ours, theirs, strict=True):
        (mx, cx), (my, cy) = x, y
        total += ((cx - cy).norm() / cy.norm().clamp_min(1e-6)).item()
        total += ((mx - my).norm() / my.norm().clamp_min(1e-6)).item()
    return total / (2 * len(ours))


@remembered
def _statistics(
    picture: Pixels, net: torch.nn.Module, look: Callable[[Pixels, torch.nn.Module], list[Tensor]]
) -> list[tuple[Tensor, Tensor]]:
    """Mean and covariance of every layer, over what can be seen of the picture."""
    there = None if picture.shape[2] == 3 else apart(picture)[1]
    if there is not None:
        there = shrunk(there, visible(picture))
    return [moments(among(tap, there)) for tap in look(picture, net)]


def visible(picture: Pixels) -> Tensor:
    """A picture as [1, 3, h, w] in 0..1 at the area of 256x256 pixels, clear places filled from around them."""
    return same_area(apart(picture)[0])


def same_area(picture: Tensor) -> Tensor:
    """A picture [1, 3, h, w] in 0..1 at the area of 256x256 pixels."""
    scale = math.sqrt(_AREA / (picture.shape[2] * picture.shape[3]))
    height, width = (max(16, round(n * scale)) for n in picture.shape[2:])
    return F.interpolate(picture, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
