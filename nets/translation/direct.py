"""From a label map and the colours of its parts straight to a portrait, without a code.

A U-Net of the kind of pix2pix (Isola et al. 2017), with three differences: enlarging repeats values and convolves, so
that there is no weave; each place is normalised by itself, over its channels (Karras et al. 2018), so that a part does
not lose its colour to what is around it; and the labels are shown once more to the finest layers, which draw the rims.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents
from nets.own_layout import restored, stored


@dataclass(frozen=True)
class DirectConfig:
    """Sizes.

    Attributes:
        parts: names of the parts.
        widths: channels after each halving.
        fine: channels at the picture's own size.
        size: pixels of a side that it learned at; more or fewer work too.

    Raises:
        ValueError: a size that is no whole number from 1 on.
    """

    parts: tuple[str, ...]
    widths: tuple[int, ...] = (32, 64, 112, 144, 160)
    fine: int = 16
    size: int = 256

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(map(str, self.parts)))
        object.__setattr__(self, "widths", tuple(self.widths))
        if len(self.widths) < 2 or not all(isinstance(n, int) and n > 0 for n in (*self.widths, self.fine, self.size)):
            raise ValueError(f"a size of the direct network is no whole number from 1 on: {self}")

    @property
    def inputs(self) -> int:
        """Channels: each part by itself, and red, green and blue."""
        return len(self.parts) + 3

    @property
    def multiple(self) -> int:
        """Height and width of a label map must be multiples of this."""
        return 1 << len(self.widths)

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> DirectConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != {entry.name for entry in dataclasses.fields(cls)}:
            raise ValueError(f"not a config of a direct network: {text[:80]}")
        return cls(**facts)


def evened(x: Tensor) -> Tensor:
    """x [N, C, h, w] after a leaky ReLU, each place at a root mean square of 1 over its channels."""
    x = F.leaky_relu(x, 0.2)
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-6)


class Block(nn.Module):
    """Two convolutions whose result is added: x [N, width, h, w] → the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one, self.two = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """x and what is added to it."""
        return x + self.two(evened(self.one(x)))


class Direct(nn.Module):
    """Part numbers [n, h, w] and colours [n, P, 4] → portraits [n, 3, h, w] in about -1..1.

    h and w are multiples of `config.multiple`. Colours are as `nets.label_encoder.colours_of` gives them; a part whose
    colour is not known gets its usual one.
    """

    usual: Tensor

    def __init__(self, config: DirectConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("usual", torch.zeros(len(config.parts), 3))
        wide, inputs = config.widths, config.inputs
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip((inputs, *wide), wide, strict=False))
        self.blocks = nn.ModuleList(Block(width) for width in wide[2:])
        self.up = nn.ModuleList(
            nn.Conv2d(below + here, here, 3, padding=1) for here, below in zip(wide, wide[1:], strict=False)
        )
        self.finer = nn.Conv2d(wide[0], 4 * config.fine, 3, padding=1)
        self.last = nn.Conv2d(config.fine + inputs, config.fine, 3, padding=1)
        self.to_rgb = nn.Conv2d(config.fine, 3, 3, padding=1)

    def asked(self, parts: Tensor, colours: Tensor) -> Tensor:
        """What the network sees, [n, P + 3, h, w]: the parts one by one, and the colour of each in its place."""
        shares = F.one_hot(parts.long(), len(self.config.parts)).permute(0, 3, 1, 2).to(self.usual)
        told = torch.where(colours[..., 3:] > 0, colours[..., :3], self.usual)
        painted = torch.einsum("nkhw,nkc->nchw", shares, told)
        return torch.cat([shares, painted], 1).contiguous(memory_format=torch.channels_last)

    def forward(self, parts: Tensor, colours: Tensor) -> Tensor:
        """The portraits."""
        return self.drawn(self.asked(parts, colours))

    def drawn(self, wanted: Tensor) -> Tensor:
        """The portraits of what `asked` gave."""
        x, across = wanted, list[Tensor]()
        for level, conv in enumerate(self.down):
            x = evened(conv(x))
            if level >= 2:
                x = self.blocks[level - 2](x)
            across.append(x)
        across.pop()
        for level in reversed(range(len(across))):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = evened(self.up[level](torch.cat([x, across[level]], 1)))
        x = evened(F.pixel_shuffle(self.finer(x), 2))
        x = evened(self.last(torch.cat([x, wanted.to(x.dtype)], 1)))
        return wanted[:, -3:] + self.to_rgb(x)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Direct:
    """The network in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(lambda text: Direct(DirectConfig.from_json(text)), "no direct network", state, metadata)


def to_state(net: Direct) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> Direct:
    """`from_state` for a file that has been read. Raises ValueError when it holds no direct network."""
    return from_state(contents.tensors.get("", {}), contents.plain)
