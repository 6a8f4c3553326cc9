"""The three networks of MTCNN (figure 2 of the paper), and how they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nets.contents import Contents
from nets.own_layout import restored


def _layers(channels: Sequence[int], sizes: Sequence[int], pools: Sequence[tuple[int, int] | None]) -> nn.Sequential:
    """Convolutions with a PReLU each, and a maximum over a window (side, step) where there is one."""
    found: list[nn.Module] = []
    for before, after, size, pool in zip(channels, channels[1:], sizes, pools, strict=False):
        found += [nn.Conv2d(before, after, size), nn.PReLU(after)]
        if pool:
            found.append(nn.MaxPool2d(*pool, ceil_mode=True))
    return nn.Sequential(*found)


class Proposal(nn.Module):
    """P-Net: a whole picture [N, 3, h, w] → faceness [N, h', w'] in 0..1 and box offsets [N, 4, h', w'].

    A cell looks at 12 × 12 pixels, two pixels from its neighbours.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = _layers((3, 10, 16, 32), (3, 3, 3), ((2, 2), None, None))
        self.face, self.box = nn.Conv2d(32, 2, 1), nn.Conv2d(32, 4, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        x = self.layers(x)
        return self.face(x).softmax(1)[:, 1], self.box(x)


class Closer(nn.Module):
    """R-Net and O-Net: squares [N, 3, s, s] → faceness [N], box offsets [N, 4], and points [N, 10] (O-Net only)."""

    def __init__(self, layers: nn.Sequential, flat: int, hidden: int, points: bool) -> None:
        super().__init__()
        self.layers = layers
        self.dense = nn.Sequential(nn.Linear(flat, hidden), nn.PReLU(hidden))
        self.face, self.box = nn.Linear(hidden, 2), nn.Linear(hidden, 4)
        self.points = nn.Linear(hidden, 10) if points else None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """See the class."""
        x = self.layers(x).permute(0, 3, 2, 1).flatten(1)  # columns first, as the weights were trained
        x = self.dense(x)
        return self.face(x).softmax(1)[:, 1], self.box(x), None if self.points is None else self.points(x)


class Mtcnn(nn.Module):
    """The cascade. Pictures are [N, 3, h, w] in -1..1; `closer` looks at 24 × 24 pixels, `closest` at 48 × 48."""

    def __init__(self) -> None:
        super().__init__()
        self.proposal = Proposal()
        self.closer = Closer(_layers((3, 28, 48, 64), (3, 3, 2), ((3, 2), (3, 2), None)), 576, 128, False)
        finest = _layers((3, 32, 64, 64, 128), (3, 3, 3, 2), ((3, 2), (3, 2), (2, 2), None))
        self.closest = Closer(finest, 1152, 256, True)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Mtcnn:
    """The network in `state`, frozen; metadata has `config`, which says ``"mtcnn"``. Raises as `restored`."""

    def build(config: str) -> Mtcnn:
        if config != "mtcnn":
            raise ValueError(f"it is {config[:40]!r}, not MTCNN")
        return Mtcnn()

    return restored(build, "no MTCNN", state, metadata)


def to_state(net: Mtcnn) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    half = {name: value.detach().to(torch.float16).contiguous() for name, value in net.state_dict().items()}
    return half, {"config": "mtcnn", "layout": "facet"}


def from_contents(contents: Contents) -> Mtcnn:
    """`from_state` for a file that has been read. Raises ValueError when it holds another network."""
    return from_state(contents.tensors.get("", {}), contents.plain)
