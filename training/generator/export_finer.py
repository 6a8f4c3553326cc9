"""Writes a generator that learned to draw larger pictures of another one's W: safetensors, card, golden outputs.

``python -m training.generator.export_finer --run DIR --data DIR --of assets/weights/puppets_128 --out FOLDER``. The
mapping network is the other generator's (the smaller part of the same student, when both learned together); so are its
controls, directions, encoder and drag network, because every w means the same puppet in both.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from nets.stylegan2.states import to_state
from training.controls import features
from training.dataset import Dataset
from training.generator.export import (
    CARD,
    EDITING,
    GOLDEN,
    GOLDEN_SEEDS,
    golden,
    held_out_figures,
    sha256,
    trained_on,
    went_on,
)
from training.generator.losses import high_frequency
from training.generator.student import CONTROL_NET, GENERATOR, Student, read_controls, read_generator

FIRST = [
    "python -m training.generator.train --config training/configs/puppets_256.json --weights OF",
    "python -m training.generator.export_finer",
]
TOGETHER = [
    "python -m training.generator.train --config training/configs/puppets_both.json --weights OUT --controls OF",
    "python -m training.generator.export --size 128",
    "python -m training.generator.export_finer",
]
AGAIN = "python -m training.generator.export_finer"
"""What the config tells of: E that learned along comes after `FIRST`, both sizes with W fixed after all till now."""


def editing(height: int) -> dict[str, Any]:
    """What editors read: lengths in the card are pixels of its own picture."""
    return {**EDITING, "drag": {**EDITING["drag"], "radius": EDITING["drag"]["radius"] * height // 128}}


def sharpness(folder: Path, of: Path, data: Dataset, count: int) -> float:
    """High-frequency energy of drawn pictures over that of renders that training never saw."""
    net, controls, energies = read_generator(folder), read_controls(of), []
    for index in np.array_split(data.finished()[:count], max(1, count // 8)):
        params, images, _ = data.batch(index)
        with torch.no_grad():
            made = net.synthesis(net.mapping.rows(controls(features(params)))).clamp(-1, 1)
        energies.append([high_frequency(made), high_frequency(images)])
    drawn, wanted = np.mean(energies, 0)
    return round(float(drawn / wanted), 3)


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--of", type=Path, required=True, help="folder of the generator whose W it is")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=Path("training/configs/puppets_256.json"))
    parser.add_argument("--after", type=Path, nargs="*", default=[], help="folders of weights from which it went on")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    held, again = config["held_out"], bool(config.get("each_size_drawn") and config.get("fixed_controls"))
    together = bool(config.get("controls_learn"))
    if again and not args.after:
        parser.error("--after: must name the folder of weights from which the run went on")
    before = json.loads((args.after[-1] / CARD).read_text()) if again else None
    state, student = torch.load(args.run / "checkpoint.pt", weights_only=True), Student(config["generator"])
    student.load_state_dict(state["average"])
    generator, other = student.generator, json.loads((args.of / CARD).read_text())
    generator.mapping.load_state_dict(
        {**generator.mapping.state_dict(), **read_generator(args.of).mapping.state_dict()}
    )
    history = trained_on(state, Dataset(args.data), held, args.after)
    args.out.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().half().contiguous() for name, value in to_state(generator).items()}
    save_file(tensors, args.out / GENERATOR, {"config": generator.config.to_json(), "layout": "facet"})
    net, controls, data = read_generator(args.out), read_controls(args.of), Dataset(args.data)
    strip = np.concatenate(list(golden(net).numpy()), axis=1)
    Image.fromarray(strip).save(args.out / GOLDEN, quality=95, method=6)
    for name in (GENERATOR, GOLDEN):
        (args.out / name).chmod(0o644)
    height = net.config.resolution[0]
    card = {
        "name": f"Puppets {height}",
        "licence": "Apache-2.0",
        "what": f"A StyleGAN2 generator of rendered puppet portraits, {height} x {height}. No person, no photograph.",
        "w_of": {"file": f"{args.of.name}/{CONTROL_NET}", "sha256": sha256(args.of / CONTROL_NET)},
        "made_by": [*FIRST, *(TOGETHER if together else [])],
        "data": f"python -m training.dataset --size {height} --seed 5, and the set of {args.of.name}",
        "route": f"{args.of.name} with one more block; synthesis learned on from renders of both sizes, W fixed"
        + ("; then E and synthesis together, with controls kept legible in w" if together else ""),
        "files": {name: {"sha256": sha256(args.out / name), "size": (args.out / name).stat().st_size}
                  for name in (GENERATOR, GOLDEN)},
        "editing": editing(height),
        "config": config,
        "trained_on": history,
        "held_out": {**held_out_figures(net, controls, data, held),
                     "sharpness": sharpness(args.out, args.of, data, held)},
        "mapping_r2": other["mapping_r2"],
        "w": other["w"],
        "golden": {"seeds": list(GOLDEN_SEEDS), "truncation_psi": 1.0, "noise_mode": "const"},
    }  # fmt: skip
    if before is not None:
        smaller = [line for line in other["made_by"] if line.startswith("python -m training.generator.export ")][-1]
        card |= went_on(before, args.config, "--weights OUT --controls OF", smaller, AGAIN)
    (args.out / CARD).write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps({key: card[key] for key in ("trained_on", "held_out")}))


if __name__ == "__main__":
    main()
