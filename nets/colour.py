"""Colour transfer: give one picture the colours of another, in closed form.

All functions take RGB tensors [1, 3, h, w] in 0..1 and return one of the content's size, not yet clamped. The style may
have any shape [1, 3, h, w], for only its colours count; `known` are those of the content that count (None: all).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

RGB_TO_LMS = torch.tensor([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
"""Reinhard et al. 2001, equation 4."""

LMS_TO_LAB = torch.diag(torch.tensor([3**-0.5, 6**-0.5, 2**-0.5])) @ torch.tensor([[1.0, 1, 1], [1, 1, -2], [1, -1, 0]])
"""Reinhard et al. 2001, equation 6, applied to the logarithms."""

LATTICE = 33
"""Points along each side of the colour cube in `histogram`."""

LUMA = torch.tensor([0.299, 0.587, 0.114])
"""Rec. 601 luminance."""


def mean_std(content: Tensor, style: Tensor, known: Tensor | None = None) -> Tensor:
    """Match mean and deviation of every channel (Reinhard et al. 2001, equations 10 and 11, here in RGB)."""
    known = content if known is None else known
    mean, deviation = known.mean((2, 3), keepdim=True), _deviation(known)
    scale = _deviation(style) / deviation.clamp_min(1e-4)
    return (content - mean) * scale + style.mean((2, 3), keepdim=True)


def reinhard(content: Tensor, style: Tensor, known: Tensor | None = None) -> Tensor:
    """The same in the decorrelated space l-alpha-beta of the paper."""
    to_lab, to_lms = (LMS_TO_LAB.to(content), RGB_TO_LMS.to(content))

    def forth(rgb: Tensor) -> Tensor:
        lms = torch.einsum("ij,njhw->nihw", to_lms, rgb.clamp(1 / 255, 1))
        return torch.einsum("ij,njhw->nihw", to_lab, lms.log10())

    matched = mean_std(forth(content), forth(style), None if known is None else forth(known))
    lms = 10 ** torch.einsum("ij,njhw->nihw", torch.linalg.inv(to_lab), matched).clamp(-3, 0.5)
    return torch.einsum("ij,njhw->nihw", torch.linalg.inv(to_lms), lms)


def covariance(content: Tensor, style: Tensor, known: Tensor | None = None) -> Tensor:
    """Match mean and 3x3 covariance by the linear map that moves colours least (Pitie and Kokaram 2007, equation 9)."""
    mean, spread = _moments(content if known is None else known)
    target_mean, target_spread = _moments(style)
    root, inverse = _power(spread, 0.5), _power(spread, -0.5)
    matrix = inverse @ _power(root @ target_spread @ root, 0.5) @ inverse
    offset = target_mean - matrix @ mean
    return (matrix.to(content) @ content.flatten(2)[0] + offset.to(content)).view_as(content)


def histogram(content: Tensor, style: Tensor, known: Tensor | None = None, rounds: int = 12, seed: int = 0) -> Tensor:
    """Match the whole colour distribution: sliced optimal transport (Pitie et al. 2007; Rabin et al. 2011).

    Every round turns the colour cube at random and matches the three one-dimensional distributions. The moves are
    followed on a lattice of the colour cube, through which the picture is then looked up: fast, and free of banding.
    """
    generator = torch.Generator().manual_seed(seed)
    cloud, target = (_thin(picture.flatten(2)[0]) for picture in (content if known is None else known, style))
    axis = torch.linspace(0, 1, LATTICE).to(content)
    lattice = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")[::-1]).flatten(1)  # red runs fastest
    for _ in range(rounds):
        turn = torch.linalg.qr(torch.randn(3, 3, generator=generator))[0].to(content)
        have, want = (_quantiles(turn @ points) for points in (cloud, target))
        cloud, lattice = (points + turn.T @ _shift(turn @ points, have, want) for points in (cloud, lattice))
    table = lattice.view(1, 3, LATTICE, LATTICE, LATTICE)
    places = (2 * content - 1).permute(0, 2, 3, 1)[:, None]
    return F.grid_sample(table, places, align_corners=True, padding_mode="border")[:, :, 0]


METHODS = {"mean_std": mean_std, "reinhard": reinhard, "covariance": covariance, "histogram": histogram}
"""Id of each method and its function."""


def transfer(
    content: Tensor,
    style: Tensor,
    method: str = "covariance",
    strength: float = 1.0,
    part: str = "all",
    known: Tensor | None = None,
) -> Tensor:
    """Colours of `style` on `content`.

    Args:
        method: one of `METHODS`.
        strength: 0 (the content) to 1 (all the way).
        part: ``"all"``, ``"colour"`` (luminance stays the content's) or ``"light"`` (only luminance is taken over).
        known: the colours of the content that count, [1, 3, 1, n]; None for all of them.

    Returns:
        RGB [1, 3, h, w] in 0..1.
    """
    moved = METHODS[method](content, style, known).clamp(0, 1)
    if part == "colour":
        moved = moved + (_luma(content) - _luma(moved))
    elif part == "light":
        moved = content + (_luma(moved) - _luma(content))
    return torch.lerp(content, moved, strength).clamp(0, 1)


def _luma(rgb: Tensor) -> Tensor:
    return torch.einsum("c,nchw->nhw", LUMA.to(rgb), rgb)[:, None]


def _deviation(channels: Tensor) -> Tensor:
    return channels.std((2, 3), keepdim=True, correction=0)


def _moments(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [3, 1] and covariance [3, 3] in double precision on the CPU, as not every device has it."""
    flat = rgb.cpu().double().flatten(2)[0]
    mean = flat.mean(1, keepdim=True)
    return mean, (flat - mean) @ (flat - mean).T / flat.shape[1] + 1e-5 * torch.eye(3).to(flat)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(1e-9) ** exponent) @ vectors.T


def _thin(cloud: Tensor, most: int = 16_384) -> Tensor:
    return cloud[:, :: max(1, math.ceil(cloud.shape[1] / most))]


def _quantiles(lines: Tensor, count: int = 64) -> Tensor:
    """Evenly spaced quantiles of each row: [3, N] to [3, count]."""
    ordered = lines.sort(1)[0]
    return ordered[:, torch.linspace(0, ordered.shape[1] - 1, count).round().long()]


def _shift(lines: Tensor, have: Tensor, want: Tensor) -> Tensor:
    """How far each value [3, N] moves if quantiles `have` [3, K] become `want`; beyond the ends, as at the ends."""
    right = torch.searchsorted(have, lines.contiguous()).clamp(1, have.shape[1] - 1)
    left_value, right_value = have.gather(1, right - 1), have.gather(1, right)
    share = ((lines - left_value) / (right_value - left_value).clamp_min(1e-6)).clamp(0, 1)
    moves = want - have
    return torch.lerp(moves.gather(1, right - 1), moves.gather(1, right), share)
