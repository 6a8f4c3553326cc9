"""The puppets' discriminator as a network of features, for JoJoGAN's loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents

TRUNK = "trunk."
STRIDES = (2, 2, 2, 1)
SIZE = 128
"""Pixels of the pictures that it was trained on."""


class Critic(nn.Module):
    """Pictures [N, 3, s, s] in -1..1 → what leaves each layer of the trunk of a patch discriminator, fine to coarse."""

    def __init__(self, widths: list[int], sides: list[int]) -> None:
        super().__init__()
        inputs = [3, *widths]
        self.trunk = nn.ModuleList(
            nn.Conv2d(inputs[n], widths[n], sides[n], STRIDES[n], (sides[n] - 1) // 2) for n in range(len(widths))
        )

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Differentiable."""
        x, found = pictures, []
        for layer in self.trunk:
            x = F.leaky_relu(layer(x), 0.2)
            found.append(x)
        return found


def from_state(state: Mapping[str, Any]) -> Critic:
    """The trunk in a patch discriminator's state, frozen. Raises ValueError where there is none."""
    mine = {name: torch.as_tensor(value).float() for name, value in state.items() if name.startswith(TRUNK)}
    kernels = [mine.get(f"{TRUNK}{n}.weight") for n in range(len(STRIDES))]
    if any(kernel is None or kernel.ndim != 4 for kernel in kernels):
        raise ValueError("it holds no patch discriminator of puppets")
    shapes = [kernel.shape for kernel in kernels if kernel is not None]
    net = Critic([shape[0] for shape in shapes], [shape[2] for shape in shapes])
    try:
        net.load_state_dict(mine)
    except RuntimeError:
        raise ValueError("the layers of its patch discriminator do not follow each other") from None
    return net.eval().requires_grad_(False)


def from_contents(contents: Contents) -> Critic:
    """`from_state` for a file that has been read."""
    return from_state(contents.tensors.get("", {}))
