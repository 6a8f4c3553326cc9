"""The network from labels or lines, and the colours of parts, to w of a generator.

pSp for segmentation maps and sketches (Richardson et al. 2021, section 4.3), scaled down and told the mean colour of
each part, as pix2pixHD's instance features are (Wang et al. 2018, section 3.4): labels leave colours open, and an
encoder that has to guess them answers with the average of all.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from nets.contents import Contents
from nets.label_encoder.looks import Look
from nets.own_layout import restored, stored


@dataclass(frozen=True)
class LabelEncoderConfig:
    """Sizes: side of the label map, names of its parts, width of w, channels by scale, of the layers and of colours.

    Lines are seen at twice the side. Raises ValueError for sizes that do not fit.
    """

    parts: tuple[str, ...]
    w_dim: int
    size: int = 64
    widths: tuple[int, ...] = (32, 64, 112, 160, 192)
    hidden: int = 384
    colours: int = 128

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "widths", tuple(self.widths))
        if min(len(self.parts), self.w_dim, self.hidden, self.colours, *self.widths) < 1:
            raise ValueError("every size must be at least 1")
        if self.size < 32 or self.size % 2 ** (len(self.widths) - 1):
            raise ValueError(f"size: {self.size} cannot be halved {len(self.widths) - 1} times")

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> LabelEncoderConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != {entry.name for entry in dataclasses.fields(cls)}:
            raise ValueError(f"not a config of a label encoder: {text[:80]}")
        return cls(**facts)


class Stage(nn.Module):
    """A convolution, of stride 2 but for the first, and a residual one; [n, c, s, s] → [n, width, s / stride, …]."""

    def __init__(self, inside: int, width: int, stride: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(inside, width, 3, stride, 1)
        self.norm = nn.GroupNorm(8, width)
        self.again = nn.Conv2d(width, width, 3, 1, 1) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """The next scale's features."""
        x = gelu(self.norm(self.enter(x)))
        return x if self.again is None else x + gelu(self.again(x))


class LabelEncoder(nn.Module):
    """What `looks` prepares → w [n, w_dim]."""

    centre: Tensor
    deviation: Tensor

    def __init__(self, config: LabelEncoderConfig) -> None:
        super().__init__()
        self.config = config
        inside = [len(config.parts) + 4, *config.widths]
        self.stages = nn.ModuleList(
            Stage(a, b, 2 if number else 1) for number, (a, b) in enumerate(zip(inside, inside[1:], strict=False))
        )
        cells = (config.size // 2 ** (len(config.widths) - 1)) ** 2
        self.tints = nn.Sequential(
            nn.Linear(4 * len(config.parts), config.colours), nn.GELU(), nn.Linear(config.colours, config.colours)
        )
        self.first = nn.Linear(config.widths[-1] * cells + config.colours, config.hidden)
        self.second = nn.Linear(config.hidden, config.hidden)
        self.to_w = nn.Linear(config.hidden, config.w_dim)
        self.register_buffer("centre", torch.zeros(config.w_dim))  # of w over the generator's pictures
        self.register_buffer("deviation", torch.ones(config.w_dim))

    def standard(self, look: Look) -> Tensor:
        """w in units of its deviation about its mean, [n, w_dim]."""
        x = look.map
        for stage in self.stages:
            x = stage(x)
        x = torch.cat([x.flatten(1), self.tints(look.colours).to(x.dtype)], 1)
        x = gelu(self.first(x))
        x = x + gelu(self.second(x))
        found: Tensor = self.to_w(x)
        return found

    def forward(self, look: Look) -> Tensor:
        """w [n, w_dim]."""
        return self.centre + self.deviation * self.standard(look)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> LabelEncoder:
    """The encoder in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(
        lambda text: LabelEncoder(LabelEncoderConfig.from_json(text)), "no label encoder", state, metadata
    )


def to_state(net: LabelEncoder) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> LabelEncoder:
    """`from_state` for a file that has been read. Raises ValueError when it holds no label encoder."""
    return from_state(contents.tensors.get("", {}), contents.plain)
