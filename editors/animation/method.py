"""The codes of a film: walks between pictures, and attributes that move over time."""

from __future__ import annotations

import torch
from torch import Tensor

from nets.paths import Easing, along, ease, moments
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes_of


def walk(stops: Tensor, w_avg: Tensor, count: int, *, around: bool, loop: bool, easing: Easing) -> Tensor:
    """Codes [count, num_ws, w_dim] of a walk through stops [K, num_ws, w_dim].

    Straight in W+, or `around` the mean of W: then each row keeps its distance from the mean on the way, where a
    straight line passes nearer to it and shows a more average picture half-way.
    """
    centre = w_avg if around else torch.zeros_like(w_avg)
    return centre + along(stops - centre, moments(count, loop), closed=loop, spherical=around, easing=easing)


def walk_in_z(
    generator: Generator, z: Tensor, count: int, *, truncation_psi: float, label: int | None, loop: bool, easing: Easing
) -> Tensor:
    """Codes of a walk on great circles of Z through z [K, z_dim]: the prior's own way, on which all is likely."""
    path = along(z, moments(count, loop), closed=loop, spherical=True, easing=easing)
    return codes_of(generator, path, truncation_psi, label)


def swing(at: Tensor, low: float, high: float, easing: Easing) -> Tensor:
    """Strengths [N] of a slider that sets out from 0, for moments [N] in 0..1: to `high`, to `low`, and home again.

    Smooth, it is a sine on either side; at one speed, a triangle. One that goes to one side only takes all of the time
    for that. It begins and ends at 0, so that it can loop.
    """
    if low == 0 or high == 0:
        there = (1 - torch.cos(2 * torch.pi * at)) / 2 if easing == "smooth" else 1 - (2 * at - 1).abs()
        return there * (high or low)
    wave = torch.sin(2 * torch.pi * at) if easing == "smooth" else 1 - ((4 * at + 1) % 4 - 2).abs()
    return torch.where(wave > 0, wave * high, wave * -low)


def track(keys: list[tuple[float, float]], times: Tensor, easing: Easing) -> Tensor:
    """Values [N] at times [N] in seconds, between key frames (time, value) in the order of time; held outside them."""
    values = torch.full_like(times, keys[0][1])
    for (start, before), (end, after) in zip(keys, keys[1:], strict=False):
        share = ease(((times - start) / (end - start)).clamp(0, 1), easing)
        values = torch.where(times >= start, torch.lerp(torch.tensor(before), torch.tensor(after), share), values)
    return values
