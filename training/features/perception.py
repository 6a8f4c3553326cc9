"""Channel weights of the perceptual distance, fitted without anybody's opinion.

A face that was moved, blurred, grained or tinted a little is still that face; the face that looks most like it among
thousands is another. The weights are those with which the distance says so most surely. Zhang et al. 2018 fit theirs
to what people answered; these know only that one fact.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from nets.distance import unit
from nets.features import FeatureNet
from training.dataset import Dataset

Distortion = Callable[[Tensor, np.random.Generator], Tensor]


def shift(x: Tensor, random: np.random.Generator) -> Tensor:
    """By up to 3 pixels of 128 each way."""
    return _sampled(x, torch.from_numpy(random.uniform(-1, 1, (len(x), 2, 1, 1))).float() * (6 / 128))


def warp(x: Tensor, random: np.random.Generator) -> Tensor:
    """By a smooth field of up to about 3 pixels of 128."""
    field = torch.from_numpy(random.standard_normal((len(x), 2, 5, 5))).float() * (3 / 128)
    return _sampled(x, F.interpolate(field, x.shape[2:], mode="bicubic", align_corners=True))


def blur(x: Tensor, random: np.random.Generator) -> Tensor:
    """By a binomial kernel, one to three times."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    kernel = torch.outer(taps, taps).expand(3, 1, 5, 5)
    for _ in range(int(random.integers(1, 4))):
        x = F.conv2d(F.pad(x, [2] * 4, mode="replicate"), kernel, groups=3)
    return x


def noise(x: Tensor, random: np.random.Generator) -> Tensor:
    """Of a deviation of 5 to 20 of 255."""
    grain = torch.from_numpy(random.standard_normal(x.shape)).float()
    return (x + grain * float(random.uniform(0.04, 0.16))).clamp(-1, 1)


def tint(x: Tensor, random: np.random.Generator) -> Tensor:
    """Each channel by up to 15 % and 15 of 255."""
    gain, offset = (torch.from_numpy(random.uniform(-1, 1, (len(x), 3, 1, 1))).float() for _ in range(2))
    return (x * (1 + 0.15 * gain) + 0.12 * offset).clamp(-1, 1)


def gamma(x: Tensor, random: np.random.Generator) -> Tensor:
    """Brighter or darker middle tones."""
    power = torch.from_numpy(random.choice([0.7, 0.8, 1.25, 1.45], (len(x), 1, 1, 1))).float()
    return 2 * ((x + 1) / 2).clamp(min=0) ** power - 1


def jpeg(x: Tensor, random: np.random.Generator) -> Tensor:
    """Written and read at quality 12 to 30."""
    rows = []
    for picture in ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy():
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=int(random.integers(12, 31)))
        rows.append(torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float() / 127.5 - 1)
    return torch.stack(rows)


FITTED: dict[str, Distortion] = {"shift": shift, "blur": blur, "noise": noise, "tint": tint}
"""Changes on which the weights are fitted."""

UNKNOWN: dict[str, Distortion] = {"warp": warp, "gamma": gamma, "jpeg": jpeg}
"""Changes that are kept for measuring."""


def _sampled(x: Tensor, offset: Tensor) -> Tensor:
    """Pictures read `offset` [n, 2, h or 1, w or 1] away, in halves of their size."""
    line = (torch.arange(x.shape[-1]) + 0.5) * 2 / x.shape[-1] - 1
    grid = torch.stack(torch.meshgrid(line, line, indexing="ij")[::-1])[None] + offset
    return F.grid_sample(x, grid.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


def lookalikes(data: Dataset, rows: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """For each picture of `rows` the number of the one in `pool` that is nearest at 16 x 16 pixels, not itself."""
    seen = {name: _small(data, index) for name, index in (("rows", rows), ("pool", pool))}
    apart = torch.cdist(seen["rows"], seen["pool"])
    apart[torch.from_numpy(rows)[:, None] == torch.from_numpy(pool)] = torch.inf
    return pool[apart.argmin(1).numpy()]


def _small(data: Dataset, index: np.ndarray) -> Tensor:
    pieces = np.array_split(index, max(1, len(index) // 256))
    return torch.cat([F.adaptive_avg_pool2d(data.batch(piece)[1], 16).flatten(1) for piece in pieces])


@torch.no_grad()
def channel_differences(net: FeatureNet, a: Tensor, b: Tensor, chunk: int = 16) -> Tensor:
    """Mean squared difference of each channel of the unit features of pairs of pictures, [n, sum of widths]."""
    rows = []
    for one, two in zip(a.split(chunk), b.split(chunk), strict=True):
        pairs = zip(net(one), net(two), strict=True)
        rows.append(torch.cat([(unit(x) - unit(y)).square().mean((2, 3)) for x, y in pairs], 1))
    return torch.cat(rows)


def fit_weights(net: FeatureNet, data: Dataset, rows: np.ndarray, seed: int = 5, steps: int = 400) -> dict[str, float]:
    """Sets ``net.perceptual``; returns how often the same face is the nearer one, plain and weighted.

    Logistic loss on log d(face, lookalike) - log d(face, changed face), with a pull towards equal weights.
    """
    random = np.random.default_rng(seed)
    pictures = data.batch(rows)[1]
    others = data.batch(lookalikes(data, rows, data.finished()[: 16 * len(rows)]))[1]
    far = channel_differences(net, pictures, others)
    kinds = list(FITTED.values())
    changed = torch.cat([kinds[n % len(kinds)](p[None], random) for n, p in enumerate(pictures)])
    near = channel_differences(net, pictures, changed)
    logits = torch.zeros(near.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([logits], 0.03)
    for _ in range(steps):
        squares = logits.exp()
        margin = (far @ squares).log() - (near @ squares).log()
        loss = F.softplus(-4 * margin).mean() + 0.02 * logits.square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        squares = logits.exp() / logits.exp().mean()
        for weight, piece in zip(net.perceptual, squares.sqrt().split(list(net.config.widths)), strict=True):
            weight.copy_(piece)
        right = [((far @ s) > (near @ s)).float().mean().item() for s in (torch.ones_like(squares), squares)]
    return {"plain": round(right[0], 4), "weighted": round(right[1], 4)}
