"""A file of the ADA layout at its real size and number of layers, for measuring."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import nn

from tests.readers import fake_nvlabs
from tests.readers.fake_nvlabs import Persistent, nvlabs_modules


class Block(Persistent):
    """Weights of one resolution: two modulated convolutions and the layer that makes colours."""

    def __init__(self, inner: int, outer: int, size: int) -> None:
        super().__init__(inner, outer, resolution=size)
        for name, (entering, leaving, kernel) in {
            "conv0": (inner, outer, 3),
            "conv1": (outer, outer, 3),
            "torgb": (outer, 3, 1),
        }.items():
            layer = Persistent()
            layer.weight = nn.Parameter(torch.randn(leaving, entering, kernel, kernel))
            layer.bias = nn.Parameter(torch.zeros(leaving))
            layer.affine = Persistent()
            layer.affine.weight = nn.Parameter(torch.randn(entering, 512))
            layer.affine.bias = nn.Parameter(torch.ones(entering))
            layer.register_buffer("noise_const", torch.randn(size, size))
            self.add_module(name, layer)


class Tower(Persistent):
    """The generator's or the discriminator's number of weights at `resolution` pixels."""

    def __init__(self, resolution: int, channels: int) -> None:
        super().__init__(z_dim=512, img_resolution=resolution)
        self.mapping = Persistent()
        for index in range(8):
            layer = Persistent()
            layer.weight, layer.bias = nn.Parameter(torch.randn(512, 512)), nn.Parameter(torch.zeros(512))
            self.mapping.add_module(f"fc{index}", layer)
        self.synthesis, inner = Persistent(), channels
        size = 4
        while size <= resolution:
            outer = min(channels, 16384 // size)
            self.synthesis.add_module(f"b{size}", Block(inner, outer, size))
            inner, size = outer, size * 2


def write_ada(path: Path, resolution: int, channels: int) -> dict[str, nn.Module]:
    """Writes G, D and G_ema (about 100 MB each at 256 px with 512 channels) and gives them."""
    nets = {name: Tower(resolution, channels) for name in ("G", "D", "G_ema")}
    with nvlabs_modules(), path.open("wb") as file:
        pickle.dump({"training_set_kwargs": None, **nets, "augment_pipe": None}, file, protocol=4)
    return nets


def read_plainly(path: Path) -> dict[str, object]:
    """The same file by `pickle.load`, with the least that reconstructing an object can do: taking its dict."""
    before = fake_nvlabs.RECONSTRUCT
    fake_nvlabs.RECONSTRUCT = lambda meta: meta["state"]
    try:
        with nvlabs_modules(), path.open("rb") as file:
            return pickle.load(file)
    finally:
        fake_nvlabs.RECONSTRUCT = before
