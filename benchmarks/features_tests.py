"""What features are asked in `benchmarks/features.py`: to give pictures back, and to tell distortions apart."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from nets.distance import unit
from nets.gabor import to_opponent

Taps = Callable[[Tensor], list[Tensor]]
"""Pictures [N, 3, h, w] in -1..1 → taps at 1/1, 1/2, 1/4 and 1/8 of their size."""

Distort = Callable[[Tensor, float], Tensor]
"""A picture [1, 3, h, w] in -1..1 and how strongly, 0 to 1 → the picture, distorted."""


def read_out(taps: Taps, known: Tensor, asked: Tensor) -> dict[str, list[float]]:
    """How well a linear map of one place's features gives the pixels under it back, from each tap.

    The map is fitted by ridge regression on `known` pictures and tried on `asked` ones. Any network can be asked so,
    without a decoder of its own; what the features have lost no map can give back.

    Returns:
        ``psnr_db`` and ``hue_degrees``, the mean angle between the hues where there is colour, over the taps.
    """
    found: dict[str, list[float]] = {"psnr_db": [], "hue_degrees": []}
    for number, (features, others) in enumerate(zip(taps(known), taps(asked), strict=False)):
        step = 2**number
        x, y = _rows(features), F.pixel_unshuffle(known, step).permute(0, 2, 3, 1).flatten(0, 2).double()
        ridge = 1e-3 * x.square().sum(0).mean() * torch.eye(x.shape[1], dtype=torch.double)
        weights = torch.linalg.solve(x.T @ x + ridge, x.T @ y)
        made = (_rows(others) @ weights).unflatten(0, (len(asked), *others.shape[2:])).permute(0, 3, 1, 2)
        made = F.pixel_shuffle(made, step).clamp(-1, 1).float()
        error = (made - asked).square().mean().item() / 4
        found["psnr_db"].append(round(-10 * math.log10(max(error, 1e-10)), 2))
        found["hue_degrees"].append(round(_hue_error(made, asked), 2))
    return found


def _rows(features: Tensor) -> Tensor:
    rows = features.permute(0, 2, 3, 1).flatten(0, 2).double()
    return torch.cat([rows, torch.ones_like(rows[:, :1])], 1)


def _hue_error(made: Tensor, wanted: Tensor) -> float:
    one, two = (to_opponent(F.avg_pool2d((x + 1) / 2, 8))[:, 1:] for x in (made, wanted))
    coloured = two.norm(dim=1) > 0.1
    angle = torch.atan2(one[:, 1], one[:, 0]) - torch.atan2(two[:, 1], two[:, 0])
    away = torch.atan2(angle.sin(), angle.cos()).abs()[coloured]
    return math.degrees(away.mean().item()) if len(away) else 0.0


def shift(x: Tensor, amount: float) -> Tensor:
    """To the right, by up to 8 pixels."""
    return _sampled(
        x, torch.full((1, 2, 1, 1), 0.0) + torch.tensor([16 * amount / x.shape[-1], 0.0])[None, :, None, None]
    )


def warp(x: Tensor, amount: float) -> Tensor:
    """By a smooth field of up to about 8 pixels."""
    field = torch.randn(1, 2, 5, 5, generator=torch.Generator().manual_seed(4)) * (16 * amount / x.shape[-1])
    return _sampled(x, F.interpolate(field, x.shape[2:], mode="bicubic", align_corners=True))


def tint(x: Tensor, amount: float) -> Tensor:
    """Warmer."""
    return x + amount * torch.tensor([0.5, 0.05, -0.5])[:, None, None]


def blur(x: Tensor, amount: float) -> Tensor:
    """With a Gaussian of up to 6 pixels."""
    deviation = max(6 * amount, 1e-3)
    line = torch.exp(-torch.arange(-18.0, 19).square() / (2 * deviation**2))
    line = line / line.sum()
    for kernel in (line[None, None, :, None], line[None, None, None]):
        pad = [0, 0, 18, 18] if kernel.shape[2] > 1 else [18, 18, 0, 0]
        x = F.conv2d(F.pad(x, pad, mode="replicate"), kernel.expand(3, 1, -1, -1), groups=3)
    return x


def noise(x: Tensor, amount: float) -> Tensor:
    """Independent at each pixel."""
    return x + amount * torch.randn(x.shape, generator=torch.Generator().manual_seed(5))


def jpeg(x: Tensor, amount: float) -> Tensor:
    """Compression, between its qualities by a mixture of the two nearest."""
    quality = 95 * (1 - amount) ** 3 + 1
    low, share = math.floor(quality), quality % 1
    return torch.lerp(_compressed(x, low), _compressed(x, low + 1), share)


def _compressed(x: Tensor, quality: int) -> Tensor:
    pixels = ((x[0] + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)[None].float() / 127.5 - 1


def _sampled(x: Tensor, offset: Tensor) -> Tensor:
    height, width = x.shape[2:]
    lines = [(torch.arange(n) + 0.5) * 2 / n - 1 for n in (height, width)]
    grid = torch.stack(torch.meshgrid(*lines, indexing="ij")[::-1])[None] + offset
    return F.grid_sample(x, grid.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


MILD: dict[str, Distort] = {"shift": shift, "warp": warp, "tint": tint}
"""What hardly troubles an eye."""

HARSH: dict[str, Distort] = {"blur": blur, "noise": noise, "JPEG": jpeg}
"""What does."""


def of_error(distort: Distort, picture: Tensor, wanted: float) -> Tensor | None:
    """The distortion at the strength that gives a mean square error; None if it cannot reach it within a tenth."""
    low, high = 0.0, 1.0
    for _ in range(18):
        middle = (low + high) / 2
        error = (distort(picture, middle) - picture).square().mean().item()
        low, high = (middle, high) if error < wanted else (low, middle)
    made = distort(picture, high)
    return made if abs((made - picture).square().mean().item() / wanted - 1) < 0.1 else None


def apart(taps: list[Tensor], others: list[Tensor]) -> float:
    """Distance in the form of LPIPS, all channels equal (`nets.features.PerceptualDistance`)."""
    return sum((unit(a) - unit(b)).square().sum(1).mean().item() for a, b in zip(taps, others, strict=True))


Variants = tuple[Tensor, dict[str, Tensor]]
"""A picture, and its distortions by name, all with one mean square error."""


def distorted(pictures: list[Tensor], errors: tuple[float, ...]) -> list[Variants]:
    """Each picture distorted in every way to each error; a way that cannot reach an error is left out."""
    found = []
    for picture in pictures:
        for error in errors:
            made = {name: of_error(way, picture, error) for name, way in (MILD | HARSH).items()}
            found.append((picture, {name: each for name, each in made.items() if each is not None}))
    return found


def two_alternatives(taps: Taps, asked: list[Variants]) -> dict[str, float]:
    """How often the mild distortion is the nearer one, at equal mean square error, for each pair of a mild and a harsh.

    An eye finds it so; plain pixels cannot tell, for the error is the same.
    """
    right: dict[str, list[bool]] = {}
    for picture, made in asked:
        own = taps(picture)
        away = {name: apart(taps(each), own) for name, each in made.items()}
        for mild in MILD:
            for harsh in HARSH:
                if mild in away and harsh in away:
                    right.setdefault(f"{mild}, not {harsh}", []).append(away[mild] < away[harsh])
    return {name: round(sum(rows) / len(rows), 4) for name, rows in right.items()}
