"""Signed distance primitives on separate coordinate tensors of one shape; negative inside.

Shapes and blends follow Inigo Quilez, "distance functions" and "smooth minimum" (polynomial, quadratic).
Rays are [n] tensors and shape numbers broadcast against them, so a few dozen ops fuse into one loop when compiled.
"""

from __future__ import annotations

import torch
from torch import Tensor

Number = Tensor | float


def union(a: Tensor, b: Tensor, k: float) -> Tensor:
    """Union of two shapes with a fillet of size ``k``."""
    h = (k - (a - b).abs()).clamp(min=0) / k
    return torch.minimum(a, b) - h * h * (0.25 * k)


def cut(a: Tensor, b: Tensor, k: Number) -> Tensor:
    """Intersection of two shapes with a rounding of size ``k``."""
    h = (k - (a - b).abs()).clamp(min=0) / k
    return torch.maximum(a, b) + h * h * (0.25 * k)


def length(x: Tensor, y: Tensor, z: Tensor | None = None) -> Tensor:
    """Euclidean length, never exactly zero."""
    square = x * x + y * y + 1e-9
    return torch.sqrt(square if z is None else square + z * z)


def sphere(x: Tensor, y: Tensor, z: Tensor, cx: Number, cy: Number, cz: Number, r: Number) -> Tensor:
    """Distance to a ball."""
    return length(x - cx, y - cy, z - cz) - r


def ellipsoid(
    x: Tensor, y: Tensor, z: Tensor, cx: Number, cy: Number, cz: Number, rx: Number, ry: Number, rz: Number
) -> Tensor:
    """First-order distance to an ellipsoid."""
    x, y, z = (x - cx) / rx, (y - cy) / ry, (z - cz) / rz
    k0 = length(x, y, z)
    return k0 * (k0 - 1) / length(x / rx, y / ry, z / rz)


def capsule(
    x: Tensor, y: Tensor, z: Tensor, a: tuple[Number, ...], b: tuple[Number, ...], ra: Number, rb: Number
) -> Tensor:
    """Distance to a rod from ``a`` to ``b`` whose radius runs from ``ra`` to ``rb``."""
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    x, y, z = x - a[0], y - a[1], z - a[2]
    t = ((x * dx + y * dy + z * dz) / (dx * dx + dy * dy + dz * dz)).clamp(0, 1)
    return length(x - dx * t, y - dy * t, z - dz * t) - (ra + (rb - ra) * t)


def soft(x: Tensor, sharpness: float) -> Tensor:
    """A step from 0 to 1 where ``x`` crosses zero, with a logistic's slope but no tails (and no exponential)."""
    t = (x * (sharpness / 6) + 0.5).clamp(0, 1)
    return t * t * (3 - 2 * t)


def ridge(x: Tensor, width: Number) -> Tensor:
    """A bump around zero: (1 - x²/4)⁴, close to a Gaussian and far cheaper."""
    x = x / width
    q = (1 - 0.25 * x * x).clamp(min=0)
    q = q * q
    return q * q


def turn(x: Tensor, z: Tensor) -> Tensor:
    """An angle-like number around the vertical axis, -2..2, 0 towards the camera: cheaper than an arctangent."""
    side = x / (x.abs() + z.abs() + 1e-6)
    return torch.where(z > 0, side, torch.where(x > 0, 2.0, -2.0) - side)
