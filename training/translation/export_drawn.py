"""Writes the direct network, or the one that doubles, as embedded weights.

``python -m training.translation.export_drawn direct --run DIR`` and ``… doubling --run DIR`` round to half precision,
read the file back as the product does, and measure what they read on what training never saw: renders of another seed,
and the bundled photographs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import FeatureNet, PerceptualDistance
from nets.label_encoder import colours_of
from nets.translation import Compact, direct, doubling
from nets.translation.direct import Direct
from training.judges.export import read_judges
from training.translation.direct import read_direct
from training.translation.enlarger import CONFIG
from training.translation.export import GOLDEN, WEIGHTS, mean_iou, metadata_of, write
from training.translation.worlds import HELD_OUT, rendered, spread
from training.trunk.convert import read_trunk

DIRECT, DOUBLING = "direct_portrait", "doubling"
SAMPLES = WEIGHTS.parent / "samples"
LIGHT = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def file_of(name: str) -> str:
    """The file in the folder of that name."""
    return f"{name}.safetensors"


def shipped_direct(folder: Path) -> Direct:
    """The direct network as the product reads it."""
    return direct.from_state(load_file(folder / file_of(DIRECT)), metadata_of(folder / file_of(DIRECT)))


def shipped_doubling(folder: Path) -> Compact:
    """The network that doubles as the product reads it."""
    return doubling.from_state(load_file(folder / file_of(DOUBLING)), metadata_of(folder / file_of(DOUBLING)))


@torch.no_grad()
def direct_figures(net: Direct, weights: Path, count: int) -> dict[str, float]:
    """Of held-out renders: mean IoU and share of cells when what is drawn is parsed again, and PSNR."""
    judges = read_judges(weights / "puppets_judges")
    portraits, parts = rendered(HELD_OUT, count, net.config.size)
    pictures, parts = spread(portraits), parts.long()
    colours = torch.cat([
        colours_of(picture, part, len(net.config.parts))
        for picture, part in zip(pictures.split(1), parts.split(1), strict=True)
    ])  # fmt: skip
    made = torch.cat([net(*row).clamp(-1, 1) for row in zip(parts.split(4), colours.split(4), strict=True)])
    found = judges.raw(torch.nn.functional.avg_pool2d(made, 2)).parts.argmax(1)
    small = parts[:, 1::4, 1::4]
    return {
        "renders": count,
        "iou": round(mean_iou(small, found, len(net.config.parts)), 4),
        "same": round((found == small).float().mean().item(), 4),
        "psnr_db": round(-10 * ((made - pictures) / 2).square().mean().log10().item(), 2),
    }


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


def export_direct(run: Path, out: Path, weights: Path, count: int = 32) -> dict[str, Any]:
    """Writes the direct network; returns its card."""
    out.mkdir(parents=True, exist_ok=True)
    state = torch.load(run / "direct.pt", weights_only=True)
    tensors, metadata = direct.to_state(read_direct(run / "direct.pt"))
    save_file(tensors, out / file_of(DIRECT), metadata)
    net = shipped_direct(out)
    portraits, parts = rendered(HELD_OUT, 1)
    parts = parts[:, ::2, ::2].contiguous()
    colours = colours_of(spread(portraits)[..., ::2, ::2], parts, len(net.config.parts)).contiguous()
    with torch.no_grad():
        save_file({"parts": parts, "colours": colours, "pictures": net(parts, colours).contiguous()}, out / GOLDEN)
    card = {
        "name": "Labels straight to a portrait",
        "licence": "Apache-2.0",
        "what": "From a label map and the colours of its parts to a portrait of a puppet, without a code.",
        "data": "rendered portraits with exact labels, drawn by programs of this repository",
        "made_by": ["python -m training.translation.direct", "python -m training.translation.export_drawn direct"],
        "config": json.loads(net.config.to_json()),
        "trained_on": {"renders": state["renders"], "steps": state["steps"], "processor_seconds": state["seconds"]},
        "held_out": direct_figures(net, weights, count),
    }
    write(out, file_of(DIRECT), card)
    return card


def export_doubling(run: Path, out: Path, weights: Path) -> dict[str, Any]:
    """Writes the network that doubles; returns its card."""
    out.mkdir(parents=True, exist_ok=True)
    state = torch.load(run / "enlarger.pt", weights_only=True)
    net = CONFIG.build()
    net.load_state_dict(state["net"])
    tensors, metadata = doubling.to_state(net, CONFIG)
    save_file(tensors, out / file_of(DOUBLING), metadata)
    net = shipped_doubling(out)
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
                    "python -m training.translation.export_drawn doubling"],
        "config": json.loads(CONFIG.to_json()),
        "trained_on": {"pictures": state["pictures"], "photographs": state["photographs"], "steps": state["steps"],
                       "processor_seconds": state["seconds"]},
        "held_out": doubling_figures(net, read_trunk(weights / "vgg16_edges")),
    }  # fmt: skip
    write(out, file_of(DOUBLING), card)
    return card


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("direct", "doubling"))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    name, export = (DIRECT, export_direct) if args.what == "direct" else (DOUBLING, export_doubling)
    print(json.dumps(export(args.run, args.out or WEIGHTS / name, args.weights)["held_out"]))


if __name__ == "__main__":
    main()
