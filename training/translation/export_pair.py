"""Writes what is good of the ways: ``python -m training.translation.export_pair --run DIR --to-ink ssal``.

DIR has the checkpoints of `training.translation.unpaired`. Networks are rounded to half precision, read back as the
product does, and measured on portraits that nobody sketched for training, beside the sketch that the program draws of
them; ``--to-ink`` and ``--to-portrait`` say which method each way was trained by. A way without one is left out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.translation import pair
from nets.translation.pair import Pair, PairConfig
from training.translation.card import GOLDEN, WEIGHTS, metadata_of, write
from training.translation.ink import inked
from training.translation.unpaired import CONFIG, WAYS
from training.translation.worlds import HELD_OUT, rendered, spread

FILE = "portrait_ink.safetensors"
METHODS = ("ssal", "cyclegan")


def read_pair(folder: Path) -> Pair:
    """The pair as the product reads it."""
    return pair.from_state(load_file(folder / FILE), metadata_of(folder / FILE))


def of_run(run: Path, methods: dict[str, str]) -> tuple[Pair, dict[str, int]]:
    """Ways out of checkpoints, each with the method it was trained by; and the processor seconds that these took."""
    net = Pair(PairConfig(tuple(methods), tuple(methods.values()), CONFIG))
    seconds = {}
    for way, method in methods.items():
        state = torch.load(run / f"{method}.pt", weights_only=True)
        seconds[method] = int(state["seconds"])
        own = {name.removeprefix(f"{way}."): value for name, value in state["net"].items() if name.startswith(way)}
        net.ways[way].load_state_dict(own)
    return net.eval().requires_grad_(False), seconds


@torch.no_grad()
def golden(net: Pair, pictures: Tensor) -> dict[str, Tensor]:
    """What the ways make of pictures [n, 3, h, w] in -1..1."""
    return {way: net(pictures, way).contiguous() for way in net.config.ways}


def export(run: Path, out: Path, methods: dict[str, str], count: int = 32) -> dict[str, Any]:
    """Writes the networks, the way to ink among them; returns their card."""
    out.mkdir(parents=True, exist_ok=True)
    made, seconds = of_run(run, methods)
    tensors, metadata = pair.to_state(made)
    save_file(tensors, out / FILE, metadata)
    net = read_pair(out)
    portraits, parts = rendered(HELD_OUT, count)
    sketches = inked(spread(portraits), parts, HELD_OUT)
    small = torch.nn.functional.interpolate(torch.cat([spread(portraits[:1]), sketches[:1]]), 48, mode="area")
    save_file({"pictures": small.contiguous(), **golden(net, small)}, out / GOLDEN)
    apart = (net(spread(portraits), "to_ink") - sketches).abs().mean().item()
    card = {
        "name": "Portrait and ink sketch",
        "licence": "Apache-2.0",
        "what": "From rendered portraits to ink sketches, learned without pairs.",
        "data": "portraits and ink sketches of other people, both drawn by programs of this repository",
        "made_by": ["python -m training.translation.unpaired", "python -m training.translation.export_pair"],
        "config": json.loads(net.config.to_json()),
        "trained_on": {"processor_seconds": seconds},
        "held_out": {"portraits": count, "difference_from_the_programs_sketch": round(apart, 4)},
    }
    write(out, FILE, card)
    return card


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "portrait_ink")
    parser.add_argument("--to-ink", choices=METHODS, required=True)
    parser.add_argument("--to-portrait", choices=METHODS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    methods = {way: getattr(args, way) for way in WAYS if getattr(args, way)}
    print(json.dumps(export(args.run, args.out, methods)["held_out"]))


if __name__ == "__main__":
    main()
