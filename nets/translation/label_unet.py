"""A U-Net from painted parts to a picture, normalised by class on its way up, as in CLADE.

What is given is where each part is, and a picture in which every part is filled with its own tint (`tints`); the
network adds what a flat filling lacks. Halvings and ways across are those of pix2pix (Isola et al. 2017); on the way up
every normalised layer is scaled and shifted by numbers of the class at its place (Tan et al. 2021). Normalisation is
over the channels of each place alone, so that nothing changes far from where something was painted.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.own_layout import JsonConfig, OwnLayout
from nets.translation.tints import TINT, filled

SLOPE = 0.2


@dataclass(frozen=True)
class LabelUnetConfig(JsonConfig):
    """Sizes.

    Attributes:
        parts: their names.
        widths: channels of each level, from the picture's own size on; each level is half as wide as the one before.
        deep: convolutions at the last level.
        size: pixels of a side for which the network was trained.
        looks: how many tints it knows of each part, for those that no picture gives.

    Raises:
        ValueError: a size that cannot be.
    """

    about = "a network from labels"

    parts: tuple[str, ...]
    widths: tuple[int, ...] = (24, 40, 64, 112, 160)
    deep: int = 2
    size: int = 256
    looks: int = 16

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "widths", tuple(self.widths))
        if not self.parts or len(self.widths) < 2 or min(*self.widths, self.deep + 1, self.size, self.looks) < 1:
            raise ValueError(f"a size of the network from labels cannot be: {self}")

    @property
    def multiple(self) -> int:
        """Height and width of what is painted must be multiples of this."""
        return 1 << (len(self.widths) - 1)

    @property
    def inputs(self) -> int:
        """Channels of what the network sees: shares of the parts, and the filling."""
        return len(self.parts) + 3


def asked(parts: Tensor, tints: Tensor) -> Tensor:
    """What the network sees, [n, P + 3, h, w]: of part numbers [n, h, w], and tints as `tints.tints_of` gives them."""
    shares = F.one_hot(parts.long(), tints.shape[1]).permute(0, 3, 1, 2).float()
    seen = torch.cat([shares, filled(parts, tints)], 1)
    return seen.contiguous(memory_format=torch.channels_last)


class ByClass(nn.Module):
    """Normalised, then scaled and shifted by what belongs to the part and the tint at each place; then a leaky ReLU."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.table = nn.Conv2d(inputs, 2 * channels, 1)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """x [N, C, h, w] and what is seen [N, inputs, h, w] → [N, C, h, w]."""
        scale, shift = self.table(seen).chunk(2, 1)
        plain = F.normalize(x, dim=1, eps=1e-4) * x.shape[1] ** 0.5
        return F.leaky_relu(torch.addcmul(shift, plain, 1 + scale), SLOPE)


class Level(nn.Module):
    """One size on the way up: what comes from below, beside what comes across, normalised by class."""

    def __init__(self, seen: int, below: int, across: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(below + across, channels, 3, padding=1)
        self.norm = ByClass(seen, channels)

    def forward(self, below: Tensor, across: Tensor, seen: Tensor) -> Tensor:
        """Values at half of this size, and what comes across and is seen at this size → values of this size."""
        x = F.interpolate(below, scale_factor=2.0, mode="nearest")
        made: Tensor = self.norm(self.conv(torch.cat([x, across], 1)), seen)
        return made


class LabelUnet(nn.Module):
    """What is painted [N, P + 3, h, w], as `asked` makes it → pictures [N, 3, h, w], about -1..1.

    h and w are multiples of `config.multiple`. ``usual`` [looks, P, TINT + 3] are tints of parts that no
    picture gives.
    """

    usual: Tensor

    def __init__(self, config: LabelUnetConfig) -> None:
        super().__init__()
        self.config, wide, seen = config, config.widths, config.inputs
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip((seen, *wide[1:-1]), wide[1:], strict=True))
        self.deep = nn.ModuleList(nn.Conv2d(wide[-1], wide[-1], 3, padding=1) for _ in range(config.deep))
        self.deep_norm = nn.ModuleList(ByClass(seen, wide[-1]) for _ in range(config.deep))
        across = (seen, *wide[1:-1])
        self.up = nn.ModuleList(
            Level(seen, below, beside, own) for below, beside, own in zip(wide[1:], across, wide, strict=False)
        )
        self.last = nn.Conv2d(wide[0] + seen, 3, 3, padding=1)
        self.register_buffer("usual", torch.zeros(config.looks, len(config.parts), TINT + 3))

    def forward(self, seen: Tensor) -> Tensor:
        """The pictures."""
        looks, across, x = [seen], [seen], seen
        for conv in self.down:
            x = F.leaky_relu(conv(x), SLOPE)
            across.append(x)
            looks.append(F.avg_pool2d(looks[-1], 2))
        for conv, norm in zip(self.deep, self.deep_norm, strict=True):
            x = x + norm(conv(x), looks[-1])
        for number in reversed(range(len(self.up))):
            x = self.up[number](x, across[number], looks[number])
        made: Tensor = seen[:, -3:] + self.last(torch.cat([x, seen], 1))
        return made


_LAYOUT = OwnLayout(lambda text: LabelUnet(LabelUnetConfig.from_json(text)), "no network from labels")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
