"""The network from labels or lines, and the colours of parts, to w of a generator.

pSp for segmentation maps and sketches (Richardson et al. 2021, section 4.3) at its smallest: what is read of a drawing
(`seen`) goes through one narrow and one wide layer. It is told the mean colour of each part, as pix2pixHD's instance
features are (Wang et al. 2018, section 3.4): labels leave colours open, and an encoder that has to guess them answers
with the average of all.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from nets.contents import Contents
from nets.label_encoder.looks import Look
from nets.label_encoder.seen import LINE_WIDTH, label_width
from nets.own_layout import restored, stored


@dataclass(frozen=True)
class LabelEncoderConfig:
    """Sizes: names of the parts, width of w and of the layers, side of the label map; lines are seen at twice that.

    Raises ValueError for sizes that do not fit.
    """

    parts: tuple[str, ...]
    w_dim: int
    narrow: int = 288
    wide: int = 1200
    size: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        if min(len(self.parts), self.w_dim, self.narrow, self.wide) < 1 or self.size < 32:
            raise ValueError("every size must be at least 1, and the map's at least 32")

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


class Head(nn.Module):
    """Numbers seen [n, inside] and colours [n, 4 P] → standardised w [n, w_dim]."""

    def __init__(self, inside: int, config: LabelEncoderConfig) -> None:
        super().__init__()
        told = config.narrow + 4 * len(config.parts)
        self.narrow = nn.Linear(inside, config.narrow)
        self.wide = nn.Linear(told, config.wide)
        self.to_w = nn.Linear(told + config.wide, config.w_dim)

    def known(self, seen: Tensor, colours: Tensor) -> Tensor:
        """What the last layer reads, [n, told + wide]."""
        x = torch.cat([self.narrow(seen), colours], 1)
        return torch.cat([x, relu(self.wide(x))], 1)

    def forward(self, seen: Tensor, colours: Tensor) -> Tensor:
        """w in units of its deviation about its mean."""
        found: Tensor = self.to_w(self.known(seen, colours))
        return found


class LabelEncoder(nn.Module):
    """What `looks` prepares → w [n, w_dim]."""

    centre: Tensor
    deviation: Tensor

    def __init__(self, config: LabelEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.heads = nn.ModuleDict(
            {"labels": Head(label_width(len(config.parts)), config), "lines": Head(LINE_WIDTH, config)}
        )
        self.register_buffer("centre", torch.zeros(config.w_dim))  # of w over the generator's pictures
        self.register_buffer("deviation", torch.ones(config.w_dim))

    def forward(self, look: Look) -> Tensor:
        """w [n, w_dim]."""
        found: Tensor = self.heads[look.kind](look.seen, look.colours)
        return self.centre + self.deviation * found


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> LabelEncoder:
    """The encoder in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(lambda text: LabelEncoder(LabelEncoderConfig.from_json(text)), "no label encoder", state, metadata)


def to_state(net: LabelEncoder) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> LabelEncoder:
    """`from_state` for a file that has been read. Raises ValueError when it holds no label encoder."""
    return from_state(contents.tensors.get("", {}), contents.plain)
