"""Moving least squares: every place is carried by its own best affine, similarity or rigid motion of the handles.

Schaefer, McPhail and Warren 2006, "Image Deformation Using Moving Least Squares": equation 1 and sections 2.1 to 2.3.
"""

from __future__ import annotations

import torch
from torch import Tensor

KINDS = ("rigid", "similarity", "affine")
CHUNK = 1 << 22  # products of places and handles at a time


def moving_least_squares(
    places: Tensor, handles: Tensor, targets: Tensor, kind: str = "rigid", alpha: float = 1.0
) -> Tensor:
    """Where `places` go when `handles` go to `targets`.

    Args:
        places: [..., 2], in pixels.
        handles, targets: [n, 2] from one on; a target on its handle is an anchor.
        kind: what motions are allowed, one of `KINDS`. One handle always translates; two give no affine motion.
        alpha: how fast a handle's influence falls: its weight is 1 / distance^(2 alpha).

    Returns:
        [..., 2] float64; exactly the target at a handle.

    Raises:
        ValueError: an unknown kind, no handles, or unequal numbers of them.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: must be one of {', '.join(KINDS)}, not {kind!r}")
    if handles.ndim != 2 or handles.shape != targets.shape or handles.shape[1] != 2 or not len(handles):
        raise ValueError(
            f"handles and targets: expected [n, 2] twice, got {list(handles.shape)}, {list(targets.shape)}"
        )
    flat, p, q = places.reshape(-1, 2).double(), handles.double(), targets.double()
    moved = [_moved(part, p, q, kind, alpha) for part in flat.split(max(1, CHUNK // len(p)))]
    return torch.cat(moved).view(places.shape) if moved else flat.view(places.shape)


def _moved(v: Tensor, p: Tensor, q: Tensor, kind: str, alpha: float) -> Tensor:
    squared = (v[:, None] - p).square().sum(2)  # [m, n]
    weight = squared.clamp(min=1e-12).pow(-alpha)
    weight = weight / weight.sum(1, keepdim=True)
    p_mean, q_mean = weight @ p, weight @ q
    p_off, q_off = p - p_mean[:, None], q - q_mean[:, None]  # [m, n, 2]
    away = v - p_mean
    if kind == "affine":
        turned = _affine(away, p_off, q_off, weight)
    else:
        turned = _similar(away, p_off, q_off, weight, rigid=kind == "rigid")
    at_handle = squared.min(1)
    return torch.where(at_handle.values[:, None] < 1e-10, q[at_handle.indices], turned + q_mean)


def _similar(away: Tensor, p: Tensor, q: Tensor, weight: Tensor, rigid: bool) -> Tensor:
    """Equations 6 to 8: the best turn (and scale), as a complex number per place."""
    across = (weight * (p * q).sum(2)).sum(1)
    along = (weight * (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0])).sum(1)
    size = (weight * p.square().sum(2)).sum(1)
    length = torch.hypot(across, along) if rigid else size
    unsure = length < 1e-9 * size.clamp(min=1e-9) + 1e-12  # one handle, or all on a spot: no turn
    real = torch.where(unsure, 1.0, across / length.clamp(min=1e-12))
    turn = torch.where(unsure, 0.0, along / length.clamp(min=1e-12))
    return torch.stack([real * away[:, 0] - turn * away[:, 1], turn * away[:, 0] + real * away[:, 1]], 1)


def _affine(away: Tensor, p: Tensor, q: Tensor, weight: Tensor) -> Tensor:
    """Equation 5. Handles on a line determine no affine motion: across it, places are only translated."""
    weighted = weight[..., None] * p
    square, mixed = weighted.transpose(1, 2) @ p, weighted.transpose(1, 2) @ q
    scale = square.diagonal(dim1=1, dim2=2).sum(1).clamp(min=1e-12)
    flat = torch.linalg.det(square) < 1e-9 * scale.square()
    eye = torch.eye(2, dtype=square.dtype)
    safe = square + torch.where(flat, 1e-6 * scale, 0.0)[:, None, None] * eye
    mixed = mixed + torch.where(flat, 1e-6 * scale, 0.0)[:, None, None] * eye
    return (away[:, None] @ torch.linalg.solve(safe, mixed))[:, 0]
