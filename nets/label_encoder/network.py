"""The network from labels or lines, and the colours of parts, to w of a generator.

pSp for segmentation maps and sketches (Richardson et al. 2021, section 4.3) at its smallest: what is read of a drawing
(`seen`) goes through one narrow and one wide layer. It is told the mean colour of each part, as pix2pixHD's instance
features are (Wang et al. 2018, section 3.4): labels leave colours open, and an encoder that has to guess them answers
with the average of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from nets.label_encoder.looks import Look
from nets.label_encoder.seen import LINE_WIDTH, label_width
from nets.own_layout import JsonConfig, OwnLayout


@dataclass(frozen=True)
class LabelEncoderConfig(JsonConfig):
    """Sizes: names of the parts, width of w and of the layers, side of the label map; lines are seen at twice that.

    Raises ValueError for sizes that do not fit.
    """

    about = "a label encoder"

    parts: tuple[str, ...]
    w_dim: int
    narrow: int = 288
    wide: int = 1200
    size: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        if min(len(self.parts), self.w_dim, self.narrow, self.wide) < 1 or self.size < 32:
            raise ValueError("every size must be at least 1, and the map's at least 32")


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


_LAYOUT = OwnLayout(lambda text: LabelEncoder(LabelEncoderConfig.from_json(text)), "no label encoder")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
