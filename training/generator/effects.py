"""What each embedded direction does, read by the judges: its gain, and its side effects, into the card.

``python -m training.generator.effects --weights assets/weights/puppets_128 --judges assets/weights/puppets_judges``
draws puppets, moves each of them along every direction by half of its control's range, up or down, wherever there is
room, and lets the judges read all controls of both pictures. `gain` is the change of the direction's own control per
unit of it, 1 where it does what it says; `effects` are the changes of the others, in shares of their ranges, per whole
range.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from nets.judges import Judges, read
from nets.stylegan2 import Generator
from training.generator.directions_file import DIRECTIONS
from training.generator.export import CARD, read_generator
from training.judges.export import read_judges

STEP = 0.5
PSI = 0.8
NOTED = 0.01
"""Side effects smaller than this share are left out of the card."""


@torch.no_grad()
def measure(net: Generator, judges: Judges, rows: list[dict[str, Any]], vectors: dict[str, Tensor], count: int) -> None:
    """Put `gain` and `effects` into the rows of the card."""
    z = torch.randn(count, net.config.z_dim, generator=torch.Generator().manual_seed(33))
    w_plus = net.mapping(z, truncation_psi=PSI)
    config = judges.config
    span = torch.tensor(config.high) - torch.tensor(config.low)
    offered = {row["name"] for row in rows}

    def judge(codes: Tensor) -> Tensor:
        pieces = [read(judges, net.synthesis(piece).clamp(-1, 1)).controls for piece in codes.split(16)]
        return (torch.cat(pieces) - torch.tensor(config.low)) / span

    before = judge(w_plus)
    for row in rows:
        name, vector = row["name"], vectors[row["name"]].float()
        if name not in config.controls:
            continue
        own = config.controls.index(name)
        whole = float(row["high"] - row["low"])
        low = (row["low"] - config.low[own]) / float(span[own])  # of the judges' range, as `before` is
        up = torch.where(before[:, own] - low > 0.5, -1.0, 1.0)[:, None]
        moved = judge(w_plus + (STEP * whole * up * vector)[:, None])
        change = (up * (moved - before)).mean(0) / STEP
        found = dict(zip(config.controls, change.tolist(), strict=True))
        others = {key: value for key, value in found.items() if key in offered and key != name}
        row["gain"] = round(found[name], 3)
        row["effects"] = {key: round(value, 3) for key, value in others.items() if abs(value) >= NOTED}


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--judges", type=Path, required=True)
    parser.add_argument("--count", type=int, default=32)
    args = parser.parse_args()
    path = args.weights / CARD
    rows, vectors = json.loads(path.read_text())["directions"], load_file(args.weights / DIRECTIONS)
    measure(read_generator(args.weights), read_judges(args.judges), rows, vectors, args.count)
    card = {**json.loads(path.read_text()), "directions": rows}  # read again: others may have written meanwhile
    path.write_text(json.dumps(card, indent=2) + "\n")
    for row in card["directions"]:
        strongest = sorted(row.get("effects", {}).items(), key=lambda each: -abs(each[1]))[:3]
        print(row["name"], row.get("gain"), ", ".join(f"{name} {value:+.2f}" for name, value in strongest))


if __name__ == "__main__":
    main()
