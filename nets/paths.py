"""Ways through a latent space: straight and spherical, through any number of stops, with easing."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

Easing = Literal["linear", "smooth"]


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Spherical interpolation (Shoemake 1985, "Animating Rotation with Quaternion Curves", equation 6).

    sin((1-t) Ω) / sin Ω · a + sin(t Ω) / sin Ω · b, with Ω the angle between a and b. Between two samples of a Gaussian
    in many dimensions it keeps the length that samples have, where a straight line passes through shorter vectors.

    Args:
        a, b: [..., d]; lengths need not be equal.
        t: [...] or a number, 0 at a and 1 at b.

    Returns:
        [..., d]; a straight line where a and b are parallel or opposite, which leaves no plane to turn in.
    """
    t = t[..., None]
    u, v = torch.nn.functional.normalize(a, dim=-1), torch.nn.functional.normalize(b, dim=-1)
    angle = 2 * torch.atan2((u - v).norm(dim=-1), (u + v).norm(dim=-1))[..., None]  # exact where an arccosine is not
    sine = angle.sin()
    turned = ((1 - t) * angle).sin() / sine * a + (t * angle).sin() / sine * b
    return torch.where(sine.abs() < 1e-4, torch.lerp(a, b, t.to(a)), turned)


def ease(t: Tensor, easing: Easing) -> Tensor:
    """0..1 → 0..1: as it is, or slow at both ends: 3t² - 2t³."""
    if easing not in get_args(Easing):
        raise ValueError(f"easing: {easing!r} is not one of {get_args(Easing)}")
    return t if easing == "linear" else t * t * (3 - 2 * t)


def moments(count: int, closed: bool) -> Tensor:
    """`count` moments of a film [count], from 0 to 1; of a closed path the end is left out, for it is the start."""
    if count < 1:
        raise ValueError(f"count: {count} moments")
    return torch.arange(count) / max(1, count if closed else count - 1)


def along(
    stops: Tensor, at: Tensor, *, closed: bool = False, spherical: bool = False, easing: Easing = "linear"
) -> Tensor:
    """Points on the way from stop to stop, which all take equally long.

    Args:
        stops: [K, ..., d], K ≥ 1.
        at: [N], 0 at the first stop, 1 at the last (of a closed path: at the first again).
        spherical: turn about the origin instead of going straight.
        easing: between one stop and the next.

    Returns:
        [N, ..., d].
    """
    if closed:
        stops = torch.cat([stops, stops[:1]])
    legs = len(stops) - 1
    if not legs:
        return stops.repeat(len(at), *[1] * (stops.ndim - 1))
    leg = (at * legs).floor().long().clamp(0, legs - 1)
    t = ease(at * legs - leg, easing).to(stops).view(-1, *[1] * (stops.ndim - 2))
    a, b = stops[leg], stops[leg + 1]
    return slerp(a, b, t.expand(a.shape[:-1])) if spherical else torch.lerp(a, b, t[..., None])
