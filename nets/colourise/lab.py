"""CIELAB under D65 (CIE 1976) of sRGB pictures, there and back."""

from __future__ import annotations

import torch
from torch import Tensor

_TO_XYZ = torch.tensor([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_WHITE = torch.tensor([0.95047, 1.0, 1.08883])


def lab(pictures: Tensor) -> Tensor:
    """sRGB [n, 3, h, w] in 0..1 → L* in 0..100, a* and b* in about ±110."""
    linear = torch.where(pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055) ** 2.4)
    xyz = torch.einsum("ij,njhw->nihw", (_TO_XYZ / _WHITE[:, None]).to(pictures), linear)
    f = torch.where(xyz > 0.008856, xyz.clamp_min(1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def from_lab(colours: Tensor) -> Tensor:
    """The inverse of `lab`, not clamped: values outside 0..1 are colours that no screen shows."""
    light, a, b = colours.unbind(1)
    y = (light + 16) / 116
    f = torch.stack([y + a / 500, y, y - b / 200], 1)
    xyz = torch.where(f > 0.206893, f**3, (f - 16 / 116) / 7.787) * _WHITE.to(colours).view(1, 3, 1, 1)
    linear = torch.einsum("ij,njhw->nihw", torch.linalg.inv(_TO_XYZ).to(colours), xyz)
    bright = 1.055 * linear.clamp_min(1e-6) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, bright)


def lightness(pictures: Tensor) -> Tensor:
    """L* of sRGB [n, 3, h, w] in 0..1, [n, 1, h, w]."""
    return lab(pictures)[:, :1]
