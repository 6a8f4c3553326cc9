"""From likely colours to a coloured picture of any size: annealed mean, guided enlargement, gamut."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nets.colourise.lab import from_lab, lightness
from nets.colourise.network import CELL, SCALE, Colourist
from nets.features import FeatureNet

TEMPERATURE = 0.38
"""Between the mean (1) and the likeliest colour (0); Zhang et al. 2016, section 2.3."""


def grey_for(light: Tensor) -> Tensor:
    """L* [n, 1, h, w] in 0..100 as the grey picture [n, 3, h, w] in -1..1 that the trunk sees."""
    return (light / 50 - 1).expand(-1, 3, -1, -1)


def colours(net: Colourist, logits: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """(a*, b*) [n, 2, h, w] of logits: the mean of the distribution, sharpened by the temperature."""
    share = (logits.float() / max(temperature, 1e-3)).softmax(1)
    return torch.einsum("nkhw,kc->nchw", share, net.bins)


def guided(chroma: Tensor, small: Tensor, large: Tensor, radius: int = 2, eps: float = 8.0) -> Tensor:
    """chroma [n, 2, h, w] at the size of `large` [n, 1, H, W], with edges where lightness has them.

    The fast guided filter (He and Sun 2015): lines chroma = p * lightness + q are fitted in windows of the small
    picture `small` [n, 1, h, w], and p and q are enlarged.
    """
    side = 2 * radius + 1

    def mean(x: Tensor) -> Tensor:
        return functional.avg_pool2d(functional.pad(x, (radius,) * 4, mode="replicate"), side, 1)

    about, of = mean(small), mean(chroma)
    p = (mean(small * chroma) - about * of) / (mean(small * small) - about * about + eps)
    q = of - p * about
    p, q = (functional.interpolate(mean(x), large.shape[2:], mode="bilinear", align_corners=False) for x in (p, q))
    return p * large + q


def within_gamut(light: Tensor, chroma: Tensor) -> Tensor:
    """sRGB [n, 3, h, w] in 0..1 of L* and (a*, b*); where no screen shows that, paler, and never darker or lighter."""
    low, high = torch.zeros_like(light), torch.ones_like(light)
    full = from_lab(torch.cat([light, chroma], 1))
    fits = ((full >= -1e-3) & (full <= 1 + 1e-3)).all(1, keepdim=True)
    low = torch.where(fits, high, low)
    for _ in range(6):
        middle = (low + high) / 2
        made = from_lab(torch.cat([light, chroma * middle], 1))
        good = ((made >= -1e-3) & (made <= 1 + 1e-3)).all(1, keepdim=True)
        low, high = torch.where(good, middle, low), torch.where(good, high, middle)
    return from_lab(torch.cat([light, chroma * low], 1)).clamp(0, 1)


@torch.no_grad()
def colourise(
    net: Colourist,
    trunk: FeatureNet,
    picture: Tensor,
    hints: Tensor | None = None,
    strength: float = 1.0,
    temperature: float = TEMPERATURE,
    longer: int = 224,
) -> Tensor:
    """A picture [1, 3, h, w] in 0..1 in guessed colours; what colours it has do not count.

    Args:
        hints: (a*, b*) and 1, or zeros where nothing is said, [1, 3, h, w]; None for no hints.
        strength: what the chroma is multiplied by; 0 is grey.
        temperature: see `colours`.
        longer: side of the picture that the network sees; chroma is enlarged from there.

    Returns:
        sRGB [1, 3, h, w] in 0..1.
    """
    light = lightness(picture)
    height, width = picture.shape[2:]
    share = min(1.0, longer / max(height, width))
    size = [max(8, round(n * share / 8) * 8) for n in (height, width)]
    small = functional.interpolate(light, size, mode="bilinear", antialias=True, align_corners=False)
    cells = [n // CELL for n in size]
    told = picture.new_zeros(1, 3, *cells) if hints is None else _gathered(hints, cells)
    taps = trunk(grey_for(small), taps=4)[1:]
    chroma = colours(net, net(taps, told), temperature)
    cell_light = functional.adaptive_avg_pool2d(small, chroma.shape[2:])
    return within_gamut(light, strength * guided(chroma, cell_light, light))


def _gathered(hints: Tensor, cells: list[int]) -> Tensor:
    """Hints by cell: the mean of those inside it, as the network sees them."""
    pooled = functional.adaptive_avg_pool2d(hints, cells)
    known = pooled[:, 2:]
    there = (known > 0).to(known.dtype)
    return torch.cat([pooled[:, :2] / known.clamp(min=1e-6) / SCALE, there], 1) * there
