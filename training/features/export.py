"""Writes a trained feature network as embedded weights: two safetensors files, card, golden outputs.

``python -m training.features.export --run DIR --data DIR --out assets/weights/puppets_features`` fits the channel
weights of the perceptual distance, rounds to half precision, reads the files back as the product does, and measures
what it read on pictures that training never saw.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import Decoders, FeatureNet, FeaturesConfig, from_state, to_state
from training.dataset import Dataset
from training.features.data import Pictures, crop
from training.features.figures import reconstruction
from training.features.heads import Learner
from training.features.perception import fit_weights
from training.generator.export import CARD, sha256

FEATURES, DECODERS = "features.safetensors", "decoders.safetensors"
GOLDEN_PICTURES, GOLDEN = "golden.webp", "golden.safetensors"


def read_features(folder: Path) -> FeatureNet:
    """The trunk as the product reads it."""
    with safe_open(folder / FEATURES, "pt") as file:
        metadata = file.metadata()
    return from_state(FeatureNet, load_file(folder / FEATURES), metadata)


def read_decoders(folder: Path) -> Decoders:
    """The decoders as the product reads them."""
    with safe_open(folder / DECODERS, "pt") as file:
        metadata = file.metadata()
    return from_state(Decoders, load_file(folder / DECODERS), metadata)


@torch.no_grad()
def golden(net: FeatureNet, decoders: Decoders, folder: Path) -> dict[str, Tensor]:
    """Means of the channels for the golden pictures, and what the decoders make of them at an eighth of the size."""
    strip = torch.from_numpy(np.array(Image.open(folder / GOLDEN_PICTURES).convert("RGB")))
    pictures = torch.stack(strip.split(strip.shape[0], dim=1)).permute(0, 3, 1, 2).float() / 127.5 - 1
    taps, size = net(pictures), pictures.shape[-1]
    found = {f"relu{n}": tap.mean((2, 3)).contiguous() for n, tap in enumerate(taps, 1)}
    for name, decoder in (*((f"plain{d.tap}", d) for d in decoders.plain), ("styled", decoders.styled)):
        made = decoder(taps[decoder.tap - 1], size, size)
        found[name] = torch.nn.functional.avg_pool2d(made, 8).contiguous()
    return found


def golden_pictures(renders: Dataset, pictures: Pictures, path: Path) -> None:
    """Three renders, a generated puppet and two pieces of paintings, side by side."""
    random = np.random.default_rng(4)
    shown = [*renders.batch(renders.finished()[:3])[1], torch.from_numpy(pictures.sets["puppets"][0] / 127.5 - 1)]
    shown += [crop(pictures.sets["paintings"][n], random, shown[0].shape[-1]) for n in (0, 12)]
    strip = ((torch.cat([p.float() for p in shown], 2) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(strip).save(path, lossless=True, quality=100, method=6)


def card(out: Path, config: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The card that lies beside the weights."""
    files = {}
    for name in (FEATURES, DECODERS, GOLDEN_PICTURES, GOLDEN):
        (out / name).chmod(0o644)
        files[name] = {"sha256": sha256(out / name), "size": (out / name).stat().st_size}
    return {
        "name": "Puppet features",
        "licence": "Apache-2.0",
        "what": "A small VGG-shaped feature network and decoders from relu1_1 to relu4_1, for perceptual distance and "
        "style transfer. It is neither VGG nor LPIPS; it saw renders, computed paintings and dead leaves.",
        "made_by": [
            "python -m training.features.data",
            "python -m training.features.train --config training/configs/features.json",
            "python -m training.features.export",
        ],
        "data": "renders of training/puppets with exact labels, generated puppets, paintings of training/paintings "
        "from seeds other than the bundled ones, dead leaves; no photograph and no published network",
        "editing": {"input": [-1, 1], "taps": ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"], "decoded": 4},
        "files": files,
        "config": config,
        **facts,
    }


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--renders", type=Path, help="folder of the renders, where it is another")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=Path("training/configs/features.json"))
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    state = torch.load(args.run / "checkpoint.pt", weights_only=True)
    learner = Learner(FeaturesConfig(**config["features"]))
    learner.load_state_dict(state["average"])
    learner.eval().requires_grad_(False)
    renders, pictures = Dataset(args.renders or args.data), Pictures(args.data)
    held, known = np.split(renders.finished(), [config["held_out"]])
    fitted = fit_weights(learner.trunk, renders, known[:320])
    args.out.mkdir(parents=True, exist_ok=True)
    for name, net in ((FEATURES, learner.trunk), (DECODERS, learner.decoders)):
        tensors, metadata = to_state(net)
        save_file(tensors, args.out / name, metadata)
    trunk, decoders = read_features(args.out), read_decoders(args.out)
    golden_pictures(renders, pictures, args.out / GOLDEN_PICTURES)
    save_file(golden(trunk, decoders, args.out), args.out / GOLDEN)
    facts = {
        "trained_on": {"pictures_seen": state["images"], "renders": len(known), "processor_seconds": state["seconds"],
                       **{name: len(rows) for name, rows in pictures.sets.items()}},
        "held_out": {"pictures": 128, "psnr_db": reconstruction(trunk, decoders, renders.batch(held[:128])[1])},
        "perceptual_fit": fitted,
    }  # fmt: skip
    (args.out / CARD).write_text(json.dumps(card(args.out, config, facts), indent=1) + "\n")
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
