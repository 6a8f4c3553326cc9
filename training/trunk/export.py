"""Writes trained decoders of the photographs' trunk as embedded weights.

``python -m training.trunk.export --pictures DIR --run DIR --out assets/weights/vgg16_edges_decoders`` rounds to half
precision, reads the file back as the product does, and measures it on the bundled photographs, which training never
saw.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import Coloured, Decoders, FeatureNet, adain, from_state, to_state
from training.generator.export import CARD, sha256
from training.generator.losses import psnr
from training.trunk.convert import GOLDEN, TRUNK, read_trunk, strip_of
from training.trunk.decoders import TRUNK as TRUNK_FOLDER
from training.trunk.pictures import ASSETS

FILE = "decoders.safetensors"


def read_decoders(folder: Path) -> Decoders:
    """The decoders as the product reads them."""
    with safe_open(folder / FILE, "pt") as file:
        metadata = file.metadata()
    return from_state(Decoders, load_file(folder / FILE), metadata)


def photograph(path: Path, side: int = 256) -> Tensor:
    """A picture [1, 3, h, w] in -1..1 whose shorter side is `side`."""
    image = Image.open(path).convert("RGB")
    scale = side / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1


@torch.no_grad()
def reconstruction(net: FeatureNet, decoders: Decoders, folder: Path) -> list[float]:
    """Mean PSNR in dB of the bundled photographs from each tap."""
    rows = []
    for path in sorted(folder.glob("*.webp")):
        wanted = photograph(path)
        taps = Coloured(net)(wanted)
        rows.append([psnr(d(taps[d.tap - 1], *wanted.shape[2:]), wanted) for d in decoders.plain])
    return [round(float(value), 2) for value in np.mean(rows, 0)]


@torch.no_grad()
def golden(net: FeatureNet, decoders: Decoders, trunk: Path) -> dict[str, Tensor]:
    """What the decoders make of the trunk's golden pictures, at an eighth of the size."""
    pictures = strip_of(trunk)
    taps, size = Coloured(net)(pictures), pictures.shape[-1]
    found = {f"plain{d.tap}": d(taps[d.tap - 1], size, size) for d in decoders.plain}
    found["styled"] = decoders.styled(adain(taps[-1], taps[-1].flip(0)), size, size)
    return {name: F.avg_pool2d(made, 8).contiguous() for name, made in found.items()}


def export(run: Path, listed: dict[str, Any], config: dict[str, Any], out: Path, trunk: Path) -> dict[str, Any]:
    """Writes the folder, and returns its card. The golden outputs come from the file as it will be read."""
    state, net = torch.load(run / "checkpoint.pt", weights_only=True), read_trunk(trunk)
    decoders = Decoders(replace(net.config, decoder=config["decoder"], coloured=True))
    decoders.load_state_dict(state["average"])
    out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(decoders.eval())
    save_file(tensors, out / FILE, metadata)
    decoders = read_decoders(out)
    save_file(golden(net, decoders, trunk), out / GOLDEN)
    files = {}
    for name in (FILE, GOLDEN):
        (out / name).chmod(0o644)
        files[name] = {"sha256": sha256(out / name), "size": (out / name).stat().st_size}
    card = {
        "name": "Decoders of VGG-16 continued on edges",
        "licence": "Apache-2.0",
        "what": "From relu1_1 to relu4_1 of that trunk back to pictures (plain), and from a relu4_1 whose statistics "
        "were exchanged (styled).",
        "of": {f"{trunk.name}/{TRUNK}": sha256(trunk / TRUNK)},
        "made_by": ["python -m training.trunk.pictures", "python -m training.trunk.decoders",
                    "python -m training.trunk.export"],
        "trained_on": {"pictures_seen": state["images"], "processor_seconds": round(state["seconds"]), **listed},
        "held_out": {
            "pictures": "the bundled photographs",
            "psnr_db": reconstruction(net, decoders, ASSETS / "samples"),
        },
        "files": files,
        "config": config,
    }  # fmt: skip
    (out / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return card


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/trunk_decoders.json"))
    parser.add_argument("--trunk", type=Path, default=TRUNK_FOLDER)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    config, listed = json.loads(args.config.read_text()), json.loads((args.pictures / "listed.json").read_text())
    print(json.dumps(export(args.run, listed, config, args.out, args.trunk)["held_out"]))


if __name__ == "__main__":
    main()
