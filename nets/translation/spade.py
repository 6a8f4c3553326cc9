"""SPADE (Park, Liu, Wang and Zhu 2019): label maps that scale and shift every normalised layer; and CLADE.

CLADE (Tan et al. 2021) looks scale and shift up in a table of classes, where SPADE computes them with convolutions:
nearly the same pictures for a fraction of the work.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style.normalisation import Statistics
from nets.translation.layers import NORMS, Norm

KINDS = ("spade", "clade")


@dataclass(frozen=True)
class SpadeConfig:
    """Sizes and kinds of a generator from label maps.

    Attributes:
        labels: channels of the label map: one for each class, and one more where there are `edges`.
        width: channels of the last block; the first ones have sixteen times as many.
        ups: how often the size is doubled: 5, 6 (``more``) or 7 (``most``, which has one more block).
        kind: ``spade`` or ``clade``.
        hidden: channels between label map and scales, of SPADE.
        kernel: size of SPADE's convolutions.
        norm: what is scaled and shifted: ``batch`` or ``instance``.
        edges: whether the last channel of the label map is the edges of instances (CLADE treats it by itself).
        latent: numbers of a style code that begins the picture, or 0: the label map begins it.
        base: rows and columns that the style code becomes.

    Raises:
        ValueError: an unknown kind, or a size that is no whole number.
    """

    labels: int
    width: int = 64
    ups: int = 5
    kind: str = "spade"
    hidden: int = 128
    kernel: int = 3
    norm: str = "batch"
    edges: bool = False
    latent: int = 0
    base: tuple[int, int] = (8, 8)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", tuple(self.base))
        sizes = (self.labels, self.width, self.hidden, self.kernel, self.latent + 1, *self.base)
        if not all(isinstance(n, int) and n > 0 for n in sizes) or self.ups not in (5, 6, 7):
            raise ValueError(f"a size of the SPADE generator cannot be: {self}")
        if self.kind not in KINDS or self.norm not in NORMS:
            raise ValueError(f"expected one of {', '.join((*KINDS, *NORMS))}, got {self.kind!r} and {self.norm!r}")

    @property
    def multiple(self) -> int:
        """Height and width of the label map must be multiples of this."""
        return 1 << self.ups

    @property
    def reach(self) -> None:
        """Colours may depend on the whole label map."""
        return None

    @property
    def inputs(self) -> int:
        """Channels of the label map."""
        return self.labels

    @property
    def widths(self) -> list[tuple[int, int]]:
        """Channels in and out of each block."""
        factors = [(16, 16), (16, 16), (16, 16), (16, 8), (8, 4), (4, 2), (2, 1)]
        wide = [(a * self.width, b * self.width) for a, b in factors]
        return [*wide, (self.width, self.width // 2)] if self.ups == 7 else wide


class Spade(nn.Module):
    """Normalised, then scaled and shifted by what convolutions make of the label map."""

    def __init__(self, config: SpadeConfig, channels: int) -> None:
        super().__init__()
        size = config.kernel
        self.plain = Norm(config.norm, channels)
        self.shared = nn.Conv2d(config.labels, config.hidden, size, padding=size // 2)
        self.scale = nn.Conv2d(config.hidden, channels, size, padding=size // 2)
        self.shift = nn.Conv2d(config.hidden, channels, size, padding=size // 2)

    def forward(self, x: Tensor, labels: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, C, h, w] and labels [N, labels, H, W] → [N, C, h, w]."""
        hidden = F.relu(self.shared(F.interpolate(labels, x.shape[2:], mode="nearest")))
        return self.plain(x, statistics) * (1 + self.scale(hidden)) + self.shift(hidden)


class Clade(nn.Module):
    """Normalised, then scaled and shifted by numbers of the class at each place; with edges, these as one channel."""

    def __init__(self, config: SpadeConfig, channels: int) -> None:
        super().__init__()
        self.plain, self.edges = Norm(config.norm, channels), config.edges
        classes = config.labels - config.edges
        self.scale, self.shift = nn.Embedding(classes, channels), nn.Embedding(classes, channels)
        nn.init.uniform_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)
        self.edge = nn.Conv2d(1, 1, 1) if config.edges else None

    def forward(self, x: Tensor, labels: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, C, h, w] and labels [N, labels, H, W] → [N, C, h, w], or C + 1 channels with edges."""
        labels = F.interpolate(labels, x.shape[2:], mode="nearest")
        classes = (labels[:, :-1] if self.edges else labels).argmax(1)
        scale, shift = self.scale(classes).permute(0, 3, 1, 2), self.shift(classes).permute(0, 3, 1, 2)
        y = self.plain(x, statistics) * scale + shift
        return y if self.edge is None else torch.cat([y, self.edge(labels[:, -1:])], 1)


class SpadeBlock(nn.Module):
    """Two such normalisations with convolutions, beside a straight way, or one with a convolution of its own."""

    def __init__(self, config: SpadeConfig, inputs: int, outputs: int) -> None:
        super().__init__()
        norm = Spade if config.kind == "spade" else Clade
        middle, more = min(inputs, outputs), int(config.kind == "clade" and config.edges)
        self.first_norm, self.second_norm = norm(config, inputs), norm(config, middle)
        self.first = nn.Conv2d(inputs + more, middle, 3, padding=1)
        self.second = nn.Conv2d(middle + more, outputs, 3, padding=1)
        other = inputs != outputs
        self.across_norm = norm(config, inputs) if other else None
        self.across = nn.Conv2d(inputs + more, outputs, 1, bias=False) if other else None

    def forward(self, x: Tensor, labels: Tensor, statistics: Statistics | None = None) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h, w]."""
        beside = x
        if self.across is not None and self.across_norm is not None:
            beside = self.across(self.across_norm(x, labels, statistics))
        y = self.first(F.leaky_relu(self.first_norm(x, labels, statistics), 0.2))
        return beside + self.second(F.leaky_relu(self.second_norm(y, labels, statistics), 0.2))


class SpadeGenerator(nn.Module):
    """Label maps [N, labels, h, w], mostly 0 and 1 → pictures [N, 3, h, w] in -1..1.

    h and w are multiples of `config.multiple`. With a latent the picture begins with a style code [N, latent]; at
    another size than the one it was trained for, what the code becomes is enlarged or shrunk.
    """

    def __init__(self, config: SpadeConfig) -> None:
        super().__init__()
        self.config, wide = config, config.widths
        rows, columns = config.base
        self.fc: nn.Module = nn.Conv2d(config.labels, wide[0][0], 3, padding=1)
        if config.latent:
            self.fc = nn.Linear(config.latent, wide[0][0] * rows * columns)
        self.blocks = nn.ModuleList(SpadeBlock(config, a, b) for a, b in wide)
        self.last = nn.Conv2d(wide[-1][1], 3, 3, padding=1)

    def forward(self, labels: Tensor, statistics: Statistics | None = None, code: Tensor | None = None) -> Tensor:
        """The pictures; `code` is the style, the mean one (zeros) without."""
        size = labels.shape[2] >> self.config.ups, labels.shape[3] >> self.config.ups
        if self.config.latent:
            code = labels.new_zeros(len(labels), self.config.latent) if code is None else code
            x = self.fc(code).view(len(labels), -1, *self.config.base)
            x = x if x.shape[2:] == size else F.interpolate(x, size, mode="bilinear", align_corners=False)
        else:
            x = self.fc(F.interpolate(labels, size, mode="nearest"))
        for number, block in enumerate(self.blocks):
            if number and (number != 2 or self.config.ups > 5):  # between the two middle blocks: only “more” and “most”
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(x, labels, statistics)
        return torch.tanh(self.last(F.leaky_relu(x, 0.2)))
