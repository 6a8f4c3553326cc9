"""Writes the network that doubles pictures as embedded weights: ``python -m training.translation.export_enlarger``.

``--run DIR`` has the checkpoint. It is rounded to half precision, read back as the product does, and measured on the
bundled photographs, which training never saw.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import FeatureNet, PerceptualDistance
from nets.translation import Compact, doubling
from training.translation.card import GOLDEN, WEIGHTS, command, metadata_of, write
from training.translation.enlarger import CONFIG
from training.trunk.convert import read_trunk

FILE = "doubling.safetensors"
SAMPLES = WEIGHTS.parent / "samples"
LIGHT = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def read_doubling(folder: Path) -> Compact:
    """The network that doubles as the product reads it."""
    return doubling.from_state(load_file(folder / FILE), metadata_of(folder / FILE))


def halved_samples(most: int = 99) -> list[tuple[Tensor, Image.Image]]:
    """The first bundled photographs, at most 384 pixels, [1, 3, h, w] in 0..1, and each at half the size (bicubic)."""
    rows = []
    for path in sorted(SAMPLES.glob("*.webp"))[:most]:
        image = Image.open(path).convert("RGB")
        image.thumbnail((384, 384), Image.Resampling.LANCZOS)
        image = image.crop((0, 0, image.width // 2 * 2, image.height // 2 * 2))
        small = image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC)
        rows.append((as_tensor(image), small))
    return rows


def as_tensor(image: Image.Image) -> Tensor:
    """[1, 3, h, w] in 0..1."""
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def doubling_figures(net: Compact, trunk: FeatureNet, most: int = 99) -> dict[str, dict[str, float]]:
    """PSNR of lightness and perceptual distance of halved photographs that were doubled by filters and by the net."""
    distance, found = PerceptualDistance(trunk, plain=True), dict[str, list[list[float]]]()
    for true, small in halved_samples(most):
        size = true.shape[3], true.shape[2]
        ways = {
            "bicubic": as_tensor(small.resize(size, Image.Resampling.BICUBIC)),
            "lanczos": as_tensor(small.resize(size, Image.Resampling.LANCZOS)),
            "network": net(as_tensor(small)).clamp(0, 1),
        }
        for name, made in ways.items():
            off = ((made - true) * LIGHT).sum(1)[:, 4:-4, 4:-4].square().mean()
            row = [-10 * off.log10().item(), distance(2 * made - 1, 2 * true - 1).item()]
            found.setdefault(name, []).append(row)
    return {
        name: dict(zip(("psnr_db", "perceptual"), np.mean(rows, 0).round(3).tolist(), strict=True))
        for name, rows in found.items()
    }


def export(run: Path, out: Path, weights: Path) -> dict[str, Any]:
    """Writes the network that doubles; returns its card."""
    out.mkdir(parents=True, exist_ok=True)
    state = torch.load(run / "enlarger.pt", weights_only=True)
    net = CONFIG.build()
    net.load_state_dict(state["net"])
    tensors, metadata = doubling.to_state(net, CONFIG)
    save_file(tensors, out / FILE, metadata)
    net = read_doubling(out)
    small = halved_samples()[0][1].crop((40, 40, 72, 64))
    with torch.no_grad():
        pictures = as_tensor(small).contiguous()
        save_file({"pictures": pictures, "doubled": net(pictures).contiguous()}, out / GOLDEN)
    card = {
        "name": "Twice the size",
        "licence": "Apache-2.0",
        "what": "From any picture to the same at twice the width and height.",
        "data": "photographs of scikit-image and scikit-learn, renders and paintings by programs of this repository",
        "made_by": ["python -m training.trunk.pictures", "python -m training.translation.enlarger",
                    "python -m training.translation.export_enlarger"],
        "config": json.loads(CONFIG.to_json()),
        "trained_on": {"pictures": state["pictures"], "photographs": state["photographs"], "steps": state["steps"],
                       "processor_seconds": state["seconds"]},
        "held_out": doubling_figures(net, read_trunk(weights / "vgg16_edges")),
    }  # fmt: skip
    write(out, FILE, card)
    return card


if __name__ == "__main__":
    command(export, "doubling", __doc__)
