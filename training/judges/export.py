"""Writes trained judges as embedded weights: safetensors, card, golden outputs.

``python -m training.judges.export --run DIR --data DIR --out assets/weights/puppets_judges`` rounds to half precision,
reads the file back as the product does, and measures what it read on renders that training never saw.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.judges import Judges, from_state, to_state
from training.dataset import Dataset
from training.generator.export import CARD, sha256
from training.judges.data import LabelledSet
from training.judges.figures import careful_figures, figures, readings
from training.judges.new import new_judges

JUDGES, GOLDEN_PICTURES, GOLDEN = "judges.safetensors", "golden.webp", "golden.safetensors"
GOLDEN_COUNT = 6


def read_judges(folder: Path) -> Judges:
    """The judges as the product reads them."""
    with safe_open(folder / JUDGES, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / JUDGES), metadata)


def with_identity(net: Judges, pictures: Tensor) -> Judges:
    """The same judges, whose identity is centred and scaled by what they say of these pictures."""
    config = net.config
    found = readings(net, pictures).controls
    low, high = torch.tensor(config.low), torch.tensor(config.high)
    shape = (2 * (found - low) / (high - low) - 1)[:, [config.controls.index(name) for name in config.identity]]
    facts = {"centre": tuple(round(v, 4) for v in shape.mean(0).tolist()),
             "deviation": tuple(round(v, 4) for v in shape.std(0).clamp(min=0.02).tolist())}  # fmt: skip
    fresh = Judges(dataclasses.replace(config, **facts))
    fresh.load_state_dict(net.state_dict())
    return fresh.eval().requires_grad_(False)


def golden(net: Judges, folder: Path) -> dict[str, Tensor]:
    """What the judges say of the golden pictures."""
    strip = torch.from_numpy(np.array(Image.open(folder / GOLDEN_PICTURES).convert("RGB")))
    pictures = torch.stack(strip.split(net.config.size, dim=1)).permute(0, 3, 1, 2).float() / 127.5 - 1
    found = readings(net, pictures)._asdict()
    return {name: value.float().contiguous() for name, value in found.items() if name != "parts"}


def card(out: Path, config: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The card that lies beside the weights."""
    files = {}
    for name in (JUDGES, GOLDEN_PICTURES, GOLDEN):
        (out / name).chmod(0o644)
        files[name] = {"sha256": sha256(out / name), "size": (out / name).stat().st_size}
    return {
        "name": "Puppet judges",
        "licence": "Apache-2.0",
        "what": "Landmarks, parts, controls and identity of rendered puppets, 128 x 128. Knows nothing of photographs.",
        "data": "python -m training.dataset: renders of training/puppets, seed 1, exact labels; no generated picture",
        "files": files,
        "config": config,
        **facts,
    }


def history(state: dict[str, Any], config: Path, renders: int, after: Path | None) -> dict[str, Any]:
    """How the weights were made, and how much they saw, with what those from which the run went on had seen before."""
    known = json.loads((after / CARD).read_text()) if after else {"made_by": [], "trained_on": {}}
    command = f"python -m training.judges.train --config training/configs/{config.name}" + (
        " --weights OUT" if after else ""
    )
    seen = {"pictures_seen": state["images"], "processor_seconds": round(state["seconds"])}
    return {
        "made_by": [*known["made_by"], command, "python -m training.judges.export"],
        "trained_on": {
            "renders": renders, **{name: count + known["trained_on"].get(name, 0) for name, count in seen.items()}
        },
    }  # fmt: skip


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=Path("training/configs/judges.json"))
    parser.add_argument("--after", type=Path, help="folder of the weights from which the run went on")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    state = torch.load(args.run / "checkpoint.pt", weights_only=True)
    net = new_judges(config["judges"])
    net.load_state_dict(state["average"])
    labelled = LabelledSet(Dataset(args.data), config["held_out"])
    finished = labelled.data.finished()
    net = with_identity(net, labelled.batch(finished[config["held_out"] :][:1024]).pictures)
    args.out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    save_file(tensors, args.out / JUDGES, metadata)
    net = read_judges(args.out)
    held = labelled.batch(finished[: config["held_out"]])
    strip = ((held.pictures[:GOLDEN_COUNT] + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    Image.fromarray(np.concatenate(list(strip), 1)).save(
        args.out / GOLDEN_PICTURES, lossless=True, quality=100, method=6
    )
    save_file(golden(net, args.out), args.out / GOLDEN)
    facts = {
        **history(state, args.config, len(labelled.usable), args.after),
        "held_out": {"pictures": len(held.pictures), **figures(readings(net, held.pictures), held, net.config),
                     "careful": careful_figures(net, held)},
    }  # fmt: skip
    (args.out / CARD).write_text(json.dumps(card(args.out, config, facts), indent=1) + "\n")
    print(json.dumps(facts["held_out"]))


if __name__ == "__main__":
    main()
