"""How near the colours are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from metrics.pictures import apart, remembered, shrunk, within
from metrics.registry import Pixels, metric
from nets.seen import among

_DIRECTIONS = 32
_QUANTILES = 256


@metric(
    "colour_distance",
    "Colour distance",
    unit="ΔE",
    better="lower",
    needs=("result", "style"),
    home_of=("colour_transfer",),
)
def colour_distance(result: Pixels, style: Pixels) -> float:
    """How far colours have to be moved to become those of the style, in CIELAB units.

    Sliced 1-Wasserstein distance between the two clouds of CIELAB colours: the mean over fixed directions of the mean
    distance between quantiles, doubled, which makes it the length of the move where all colours shift alike.
    """
    one, two = _quantiles(result), _quantiles(style)
    return float(2 * (one - two).abs().mean().item())


@metric("chroma_speckle", "Colour specks", unit="ΔE", better="lower", needs=("result", "style"))
def chroma_speckle(result: Pixels, style: Pixels) -> float:
    """Colour noise of single pixels beyond what the style has, in CIELAB units; 0 is clean.

    Mean length of the residual of (a*, b*) against a 5x5 median, minus the style's own.
    """
    return max(0.0, (_specks(result) - _specks(style)))


@remembered
def _specks(picture: Pixels) -> float:
    whole, seen = apart(picture)
    small = within(whole, 512)
    chroma = lab(small)[:, 1:]
    height, width = chroma.shape[2:]
    padded = torch.nn.functional.pad(chroma, [2] * 4, mode="replicate")
    median = middle([padded[:, :, y : y + height, x : x + width] for y in range(5) for x in range(5)])
    return float(among((chroma - median).norm(dim=1)[:, None], shrunk(seen, small)).mean().item())


def middle(rows: Sequence[Tensor]) -> Tensor:
    """The median of an odd number of tensors at each place, six times as quick as sorting at each place.

    They go through Batcher's odd-even merge sort, without those comparisons that the middle does not depend on.
    """
    now = list(rows)
    for low, high, lesser, greater in _comparisons(len(now)):
        one, two = now[low], now[high]
        if lesser:
            now[low] = torch.minimum(one, two)
        if greater:
            now[high] = torch.maximum(one, two)
    return now[len(now) // 2]


@cache
def _comparisons(count: int) -> list[tuple[int, int, bool, bool]]:
    """Two places, and whether the lesser and the greater of them are needed later on; in order."""
    pairs, width = [], 1
    while width < count:
        step = width
        while step:
            for start in range(step % width, count - step, 2 * step):
                for at in range(start, start + min(step, count - start - step)):
                    if at // (2 * width) == (at + step) // (2 * width):
                        pairs.append((at, at + step))
            step //= 2
        width *= 2
    needed, kept = {count // 2}, []
    for low, high in reversed(pairs):
        if low in needed or high in needed:
            kept.append((low, high, low in needed, high in needed))
            needed |= {low, high}
    return kept[::-1]


@remembered
def _quantiles(picture: Pixels) -> Tensor:
    """Quantiles [K, n] of the picture's colours along fixed directions."""
    generator = torch.Generator().manual_seed(7)
    directions = torch.randn(_DIRECTIONS, 3, generator=generator)
    directions = directions / directions.norm(dim=1, keepdim=True)
    levels = (torch.arange(_QUANTILES) + 0.5) / _QUANTILES
    along = (directions @ _cloud(picture)).numpy()
    along.sort(1)  # several times as quick as torch's
    return _at(torch.from_numpy(along), levels)


def _cloud(picture: Pixels) -> Tensor:
    """The CIELAB colours [3, n] of what can be seen."""
    whole, seen = apart(picture)
    small = within(whole, 256)
    return among(lab(small), shrunk(seen, small)).flatten(2)[0]


def lab(picture: Tensor) -> Tensor:
    """sRGB [1, 3, h, w] in 0..1 as CIELAB under D65 (CIE 1976)."""
    linear = torch.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)
    to_xyz = torch.tensor(
        [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
    ).to(picture)
    white = torch.tensor([0.95047, 1.0, 1.08883]).to(picture)
    xyz = torch.einsum("ij,njhw->nihw", to_xyz / white[:, None], linear)
    f = torch.where(xyz > 0.008856, xyz.clamp_min(1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def _at(ordered: Tensor, levels: Tensor) -> Tensor:
    """Quantiles of sorted rows [K, N] at `levels` in 0..1."""
    place = levels * (ordered.shape[1] - 1)
    low = place.long()
    high = (low + 1).clamp_max(ordered.shape[1] - 1)
    return torch.lerp(ordered[:, low], ordered[:, high], (place - low).expand(len(ordered), -1))
