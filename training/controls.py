"""Controls to w: a small network that stands in for the mapping network while the synthesis network is distilled.

Learning z → picture end to end is hard, because z hides what is drawn; from the controls it is easy. The network sees
them with what follows from them exactly: the colours of the palettes and where the landmarks fall in the picture.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nets.stylegan2.layers import Dense
from training.puppets import CONTROLS, rig
from training.puppets.landmarks import landmarks

_COLOURS = [
    n for n in rig.RIG_NAMES if n[-2:] in ("_r", "_g", "_b") and n not in ("eye_r", "cheek_r", "chin_r", "neck_r")
]


def features(params: Tensor, chunk: int = 256) -> Tensor:
    """What the network sees of controls [n, k]: the controls, colours (gamma-encoded) and landmarks, [n, features]."""
    low, high = (torch.tensor([getattr(c, side) for c in CONTROLS]) for side in ("low", "high"))
    rows = []
    for piece in params.split(chunk):
        numbers = rig.build(piece)
        colours = torch.stack([numbers[name].clamp(min=0).sqrt() for name in _COLOURS], 1)
        rows.append(torch.cat([2 * (piece - low) / (high - low) - 1, colours, landmarks(piece, 2).flatten(1) - 1], 1))
    return torch.cat(rows)


WIDTH = features(torch.tensor([[c.neutral for c in CONTROLS]])).shape[1]
"""How many features there are."""


class ControlEncoder(nn.Module):
    """Features [n, WIDTH] to w [n, w_dim]."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, w_dim: int, hidden: int = 256) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("deviation", torch.ones(WIDTH))
        self.layers = nn.Sequential(
            Dense(WIDTH, hidden, leaky=True), Dense(hidden, hidden, leaky=True), Dense(hidden, w_dim)
        )

    def fit_scale(self, seen: Tensor) -> None:
        """Standardises features by what a sample [n, WIDTH] shows."""
        self.mean.copy_(seen.mean(0))
        self.deviation.copy_(seen.std(0).clamp(min=0.02))

    def forward(self, seen: Tensor) -> Tensor:
        """w of each row."""
        result: Tensor = self.layers((seen - self.mean) / self.deviation)
        return result
