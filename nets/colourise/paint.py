"""From likely colours to a coloured picture of any size: annealed mean, hints, guided enlargement, gamut."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nets.colourise.lab import from_lab, lightness
from nets.colourise.network import CELL, LONGER, Colourist, columns
from nets.features import FeatureNet

TEMPERATURE = 0.5
"""Between the mean (1) and the likeliest colour (0); Zhang et al. 2016, section 2.3."""
ALIKE, NEAR = 0.6, 0.45
"""How unlike (a cosine's distance) and how far (share of the longer side) a hint still tells something."""


def grey_for(light: Tensor) -> Tensor:
    """L* [n, 1, h, w] in 0..100 as the grey picture [n, 3, h, w] in -1..1 that the trunk sees."""
    return (light / 50 - 1).expand(-1, 3, -1, -1)


def smaller(light: Tensor, longer: int = LONGER) -> Tensor:
    """L* at the size that is looked at: sides are multiples of eight, the longer one about `longer`."""
    height, width = light.shape[2:]
    share = longer / max(height, width)
    size = [max(16, round(n * share / 8) * 8) for n in (height, width)]
    return functional.interpolate(light, size, mode="bilinear", antialias=True, align_corners=False)


def colours(net: Colourist, scores: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """(a*, b*) [n, 2, h, w] of scores: the mean of the distribution, sharpened by the temperature."""
    logs = scores.float().clamp(min=1e-4).log()
    share = (logs / max(temperature, 1e-3)).softmax(1)
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


def told(chroma: Tensor, seen: Tensor, hints: Tensor) -> Tensor:
    """Guessed chroma [1, 2, h, w] moved by hints (a*, b*, 1) [1, 3, H, W]: where it is told, and where it looks alike.

    Each cell takes the colours of hints whose columns ``seen`` [1, c, h, w] are like its own and that lie near it, as
    far as there are such (a kernel regression); a cell with a hint takes that alone.
    """
    size = chroma.shape[2:]
    pooled = functional.adaptive_avg_pool2d(hints, size)
    known = pooled[0, 2].flatten() > 0
    if not known.any():
        return chroma
    wanted = (pooled[0, :2].flatten(1) / pooled[0, 2].flatten().clamp(min=1e-6))[:, known]
    looks = functional.normalize(seen[0].flatten(1), dim=0)
    looks = functional.normalize(looks - looks.mean(1, keepdim=True), dim=0)
    y, x = torch.meshgrid(*(torch.arange(n, device=chroma.device) / max(size) for n in size), indexing="ij")
    places = torch.stack([y.flatten(), x.flatten()], 1).to(looks)
    unlike = (1 - looks.T @ looks[:, known]).clamp(min=0)
    far = torch.cdist(places, places[known])
    weight = torch.exp(-(unlike / ALIKE).square() - (far / NEAR).square())
    total = weight.sum(1)
    mixed = (weight @ wanted.T) / total[:, None].clamp(min=1e-9)
    share = (2 * weight.amax(1)).clamp(max=1)
    share[known] = 1
    mixed[known] = wanted.T
    made = torch.lerp(chroma[0].flatten(1).T, mixed, share[:, None])
    return made.T.view_as(chroma)


@torch.no_grad()
def colourise(
    net: Colourist,
    trunk: FeatureNet,
    picture: Tensor,
    hints: Tensor | None = None,
    strength: float = 1.0,
    temperature: float = TEMPERATURE,
) -> Tensor:
    """A picture [1, 3, h, w] in 0..1 in guessed colours; what colours it has do not count.

    Args:
        hints: (a*, b*) and 1, or zeros where nothing is said, [1, 3, h, w]; None for no hints.
        strength: what the chroma is multiplied by; 0 is grey.
        temperature: see `colours`.

    Returns:
        sRGB [1, 3, h, w] in 0..1, of the same lightness.
    """
    light = lightness(picture)
    small = smaller(light)
    seen = columns(trunk(grey_for(small), taps=4)[1:], small)
    chroma = strength * colours(net, net(seen), temperature)
    if hints is not None:
        chroma = told(chroma, seen[:, : sum(net.config.taps)], hints)
    cell_light = functional.adaptive_avg_pool2d(small, chroma.shape[2:])
    return within_gamut(light, guided(chroma, cell_light, light))


__all__ = ["CELL", "colourise", "colours", "grey_for", "smaller", "within_gamut"]
