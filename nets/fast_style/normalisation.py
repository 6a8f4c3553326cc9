"""Conditional instance normalisation (Dumoulin, Shlens and Kudlur 2017): one scale and shift per style and channel.

Mean and deviation are those of the picture that is painted, or `Statistics` that were noted before. With noted ones a
piece of a picture is painted exactly as within the whole, which is what painting by tiles stands on.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Statistics:
    """Means and inverse deviations of every normalisation of one pass, in the order of the layers.

    Args:
        joint: take them over all pictures of the batch together, as if they were pieces of one.
        seen: how much each place counts, [N, 1, h, w] of the pictures; None: all the same.
    """

    def __init__(self, joint: bool = False, seen: Tensor | None = None) -> None:
        self.rows: list[tuple[Tensor, Tensor]] = []
        self.seen = seen
        self.joint, self.noted, self._next = joint, False, 0

    def rewind(self) -> Statistics:
        """From now on give what was noted, from the first layer."""
        self.noted, self._next = True, 0
        return self

    def of(self, x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
        """Mean and inverse deviation [N or 1, C, 1, 1] for the next layer, whose input is x."""
        if self.noted:
            self._next += 1
            return self.rows[self._next - 1]
        places = (0, 2, 3) if self.joint else (2, 3)
        if self.seen is None:
            variance, mean = torch.var_mean(x.float(), places, correction=0, keepdim=True)
        else:
            weights = F.adaptive_avg_pool2d(self.seen.to(x.device), x.shape[2:])
            weights = weights / weights.sum(places, keepdim=True).clamp(min=1e-6)
            mean = (x.float() * weights).sum(places, keepdim=True)
            variance = ((x.float() - mean).square() * weights).sum(places, keepdim=True)
        self.rows.append((mean, (variance + eps).rsqrt()))
        return self.rows[-1]


def normalised(x: Tensor, scale: Tensor, shift: Tensor, statistics: Statistics, eps: float = 1e-3) -> Tensor:
    """(x - mean) / deviation * scale + shift for x [N, C, h, w], with scale and shift [N or 1, C]."""
    mean, inverse = statistics.of(x, eps)
    factor = scale[..., None, None] * inverse
    return torch.addcmul((shift[..., None, None] - mean * factor).to(x.dtype), x, factor.to(x.dtype))


class ConditionalNorm(nn.Module):
    """Normalisation with scale and shift a blend of the styles' own."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, blend: Tensor, statistics: Statistics) -> Tensor:
        """x [N, C, h, w] with blend [N or 1, styles]: how much of each style."""
        return normalised(x, blend @ self.scale, blend @ self.shift, statistics)
