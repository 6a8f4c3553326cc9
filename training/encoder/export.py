"""Writes a trained encoder as embedded weights: safetensors, card, golden outputs.

``python -m training.encoder.export --run DIR --data DIR --out assets/weights/puppets_encoder`` rounds to half
precision, reads the file back as the product does, and measures what it read on renders that training never saw.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from nets.encoder import Encoder, to_state
from nets.judges import Judges
from nets.stylegan2 import Generator
from training.dataset import Dataset
from training.encoder.net import ENCODER, new_encoder, read_encoder
from training.generator.export import CARD, sha256
from training.generator.losses import psnr, psnr_by_part
from training.generator.student import CONTROL_NET, read_generator
from training.judges.export import read_judges
from training.judges.figures import readings

GOLDEN_PICTURES, GOLDEN = "golden.webp", "golden.safetensors"
GOLDEN_COUNT = 6
FOLLOWED = [
    "python -m training.encoder.train --config training/configs/encoder_follow.json --weights OUT --controls OLD"
]
"""How an exported encoder was brought to a W that had moved."""


@torch.no_grad()
def inverted(encoder: Encoder, generator: Generator, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """w_plus, and the pictures it gives, in -1..1."""
    w_plus = torch.cat([encoder(piece) for piece in pictures.split(16)])
    return w_plus, torch.cat([generator.synthesis(piece) for piece in w_plus.split(16)]).clamp(-1, 1)


def held_out_figures(
    encoder: Encoder, generator: Generator, judges: Judges, data: Dataset, count: int
) -> dict[str, Any]:
    """How near the inverted held-out renders come, in all, by part, and for heads turned over 25 degrees."""
    params, pictures, parts = data.batch(data.finished()[:count])
    w_plus, made = inverted(encoder, generator, pictures)
    turned = params[:, 0].abs() > math.radians(25)
    one, two = readings(judges, made), readings(judges, pictures)
    rows = w_plus - w_plus.mean(1, keepdim=True)
    return {
        "pictures": len(pictures),
        "psnr_db": round(psnr(made, pictures), 2),
        "psnr_db_turned": round(psnr(made[turned], pictures[turned]), 2),
        "psnr_db_by_part": psnr_by_part(made, pictures, parts),
        "identity": round((one.identity * two.identity).sum(1).mean().item(), 3),
        "landmark_px": round((one.landmarks - two.landmarks).norm(dim=2).median().item() * 2, 2),
        "row_spread": round((rows / encoder.deviation).std().item(), 3),
    }


@torch.no_grad()
def golden(encoder: Encoder, folder: Path) -> dict[str, Tensor]:
    """w_plus of the golden pictures."""
    strip = torch.from_numpy(np.array(Image.open(folder / GOLDEN_PICTURES).convert("RGB")))
    pictures = torch.stack(strip.split(encoder.config.judges.size, dim=1)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return {"w_plus": encoder(pictures).contiguous()}


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    parser.add_argument("--judges", type=Path, default=Path("assets/weights/puppets_judges"))
    parser.add_argument("--config", type=Path, default=Path("training/configs/encoder.json"))
    args = parser.parse_args()
    config, state = json.loads(args.config.read_text()), torch.load(args.run / "checkpoint.pt", weights_only=True)
    generator, judges = read_generator(args.generator), read_judges(args.judges)
    net = new_encoder(config["encoder"], judges, generator)
    net.load_state_dict(state["net"])
    args.out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    save_file(tensors, args.out / ENCODER, metadata)
    net, data = read_encoder(args.out), Dataset(args.data)
    pictures = data.batch(data.finished()[:GOLDEN_COUNT])[1]
    strip = ((pictures + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    Image.fromarray(np.concatenate(list(strip), 1)).save(
        args.out / GOLDEN_PICTURES, lossless=True, quality=100, method=6
    )
    save_file(golden(net, args.out), args.out / GOLDEN)
    files = {}
    for name in (ENCODER, GOLDEN_PICTURES, GOLDEN):
        (args.out / name).chmod(0o644)
        files[name] = {"sha256": sha256(args.out / name), "size": (args.out / name).stat().st_size}
    card = {
        "name": "Puppet encoder",
        "licence": "Apache-2.0",
        "what": "From a puppet's picture to w_plus of Puppets 128. A photograph comes back as a puppet at best.",
        # W is what this network makes of controls; synthesis may be polished without moving it
        "w_of": {"file": f"{args.generator.name}/{CONTROL_NET}", "sha256": sha256(args.generator / CONTROL_NET)},
        "made_by": ["python -m training.encoder.train", *(FOLLOWED if "follows" in config else []),
                    "python -m training.encoder.export"],
        "files": files,
        "config": config,
        "trained_on": {"pictures_through_the_generator": state["images"], "processor_seconds": round(state["seconds"])},
        "held_out": held_out_figures(net, generator, judges, data, config["held_out"]),
    }  # fmt: skip
    (args.out / CARD).write_text(json.dumps(card, indent=1) + "\n")
    print(json.dumps(card["held_out"]))


if __name__ == "__main__":
    main()
