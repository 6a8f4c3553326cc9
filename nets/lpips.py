"""LPIPS (Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric"), 0.1 with VGG.

Features of VGG-16 (Simonyan and Zisserman 2015) after the last ReLU of each of its five stages, every place scaled to
unit length; the squared differences, weighted by channel, averaged over places and summed (equation 1). The channel
weights (heads) are those of the authors' Python package, where that is installed.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
HEADS = "weights/v0.1/vgg.pth"
"""Where the package `lpips` keeps the channel weights, in its own folder."""

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Vgg16(nn.Module):
    """The convolutions of VGG-16, numbered as in torchvision's ``features``."""

    def __init__(self) -> None:
        super().__init__()
        self.features, self.last = nn.ModuleDict(), []
        number, before = 0, 3
        for stage in STAGES:
            for width in stage:
                self.features[str(number)] = nn.Conv2d(before, width, 3, padding=1)
                number, before = number + 2, width  # a ReLU follows each
            self.last.append(number - 2)
            number += 1  # the pooling between the stages

    def forward(self, x: Tensor) -> list[Tensor]:
        """Pictures [N, 3, H, W], normalised → features [N, C, h, w] of the five stages; at least 16 pixels a side."""
        found = []
        for number, convolution in self.features.items():
            x = convolution(x).relu()
            if int(number) in self.last:
                found.append(x)
                x = F.max_pool2d(x, 2)
        return found


class Lpips(nn.Module):
    """The distance, of a trunk and of its heads: weights [C] ≥ 0 of each stage's channels."""

    def __init__(self, trunk: Vgg16, heads: list[Tensor]) -> None:
        super().__init__()
        self.trunk, self.heads = trunk, heads

    def forward(self, one: Tensor, two: Tensor) -> Tensor:
        """Pictures [N, 3, H, W] in -1..1 → distances [N]; 0 for equal ones."""
        shift, scale = (torch.tensor(values).to(one)[:, None, None] for values in (SHIFT, SCALE))
        total = torch.zeros(len(one), device=one.device)
        pairs = zip(self.trunk((one - shift) / scale), self.trunk((two - shift) / scale), self.heads, strict=True)
        for a, b, weight in pairs:
            apart = (_unit(a) - _unit(b)).square()
            total = total + torch.einsum("nchw,c->nhw", apart, weight.to(one)).mean((1, 2))
        return total


def _unit(x: Tensor) -> Tensor:
    return x / (x.norm(dim=1, keepdim=True) + 1e-10)


def vgg16_from_contents(contents: Contents) -> Vgg16:
    """The trunk of a file with torchvision's names (timm's too); its classifier is left alone. Raises ValueError."""
    state = contents.tensors.get("", {})
    with torch.device("meta"):
        vgg = Vgg16()
    wanted = vgg.state_dict()
    if wrong := [name for name in wanted if name not in state or state[name].shape != wanted[name].shape]:
        raise ValueError(f"it is no VGG-16: {wrong[0]} is missing or has another shape")
    vgg.load_state_dict({name: state[name].float().clone() for name in wanted}, assign=True)
    return vgg


def heads_of_package() -> list[Tensor] | None:
    """The heads, weights [C] of each stage, that the Python package ``lpips`` brings along; None where it is not there.

    The package itself is not imported: only its file of tensors is read.

    Raises:
        ValueError: it is there, but its file is damaged or holds no heads for VGG-16.
    """
    file = _file_of_package()
    if file is None:
        return None
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        heads = [state[f"lin{number}.model.1.weight"].float().flatten() for number in range(len(STAGES))]
    except Exception as problem:  # whatever a damaged file makes the reader raise
        raise ValueError(f"{HEADS} of the package lpips cannot be read: {type(problem).__name__}") from None
    if any(head.shape != (stage[-1],) for head, stage in zip(heads, STAGES, strict=True)):
        raise ValueError(f"{HEADS} of the package lpips holds no heads for VGG-16")
    return heads


def _file_of_package() -> Path | None:
    try:
        found = importlib.util.find_spec("lpips")
    except ValueError:  # something of that name was imported that says nothing of where it lies
        return None
    folders = (found.submodule_search_locations or []) if found is not None else []
    return next((file for folder in folders if (file := Path(folder) / HEADS).is_file()), None)
