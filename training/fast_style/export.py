"""Writes a trained fast style network as embedded weights.

``python -m training.fast_style.export --pictures DIR --run DIR --out assets/weights/fast_style`` rounds to half
precision and reads the file back as the product does. Styles under ``painted`` of the config consist of their palette
and of paint: their strokes are left out. ``--start DIR`` in the place of ``--run`` takes weights that were exported
before.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.fast_style import STROKES, FastStyle, FastStyleConfig, from_state, known_at_once, to_state
from training.fast_style.train import style_picture
from training.generator.export import CARD, sha256
from training.trunk.convert import GOLDEN, strip_of
from training.trunk.decoders import TRUNK
from training.trunk.pictures import Pictures

FILE = "fast_style.safetensors"


def read_fast_style(folder: Path) -> FastStyle:
    """The network as the product reads it."""
    with safe_open(folder / FILE, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / FILE), metadata)


@torch.no_grad()
def golden(net: FastStyle, trunk: Path) -> dict[str, Tensor]:
    """The trunk's first golden picture in every style, at an eighth of its size."""
    picture, styles = strip_of(trunk)[3:4], net.config.styles
    return {"painted": torch.cat([F.avg_pool2d(net(picture, net.blend({name: 1.0})), 8) for name in styles])}


def trained(run: Path, config: dict[str, Any]) -> tuple[FastStyle, dict[str, Any]]:
    """The network of a run's checkpoints, and what the card says of its training."""
    states = {style: torch.load(run / f"{style}.pt", weights_only=True) for style in ("begin", *config["styles"])}
    net = FastStyle(FastStyleConfig(config["styles"], config["widths"], config["blocks"]))
    rows = [states[style]["average"] for style in config["styles"]]
    net.load_state_dict({name: torch.cat([row[name] for row in rows]) for name in rows[0]})
    seconds = round(sum(state["seconds"] for state in states.values()))
    return net, {"pictures_seen": sum(state["images"] for state in states.values()), "processor_seconds": seconds}


def lay_paint(net: FastStyle, pictures: Pictures, painted: dict[str, dict[str, float]]) -> None:
    """Gives styles paint in the place of strokes; `painted`: of each the size of its picture, and `firm`."""
    for style, facts in painted.items():
        row = net.config.styles.index(style)
        for name, value in known_at_once(pictures.seen(), style_picture(style, int(facts["size"]))).items():
            if name != "palette":  # which is that of the run
                net.get_parameter(name).data[row] = value
        net.firm.data[row] = facts["firm"]
        for name in STROKES:
            net.get_parameter(name).data[row] = 0


def export(net: FastStyle, trained_on: dict[str, Any], config: dict[str, Any], out: Path, trunk: Path) -> None:
    """Writes the folder. The golden outputs come from the file as it will be read."""
    out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    save_file(tensors, out / FILE, metadata)
    save_file(golden(read_fast_style(out), trunk), out / GOLDEN)
    files = {}
    for name in (FILE, GOLDEN):
        (out / name).chmod(0o644)
        files[name] = {"sha256": sha256(out / name), "size": (out / name).stat().st_size}
    card = {
        "name": "Fast style",
        "licence": "Apache-2.0",
        "what": f"A small network for each of {len(config['styles'])} bundled styles, and blends of them.",
        "made_by": [
            "python -m training.trunk.pictures",
            "python -m training.fast_style.train",
            "python -m training.fast_style.export",
        ],
        "judged_by": {"vgg16_edges/trunk.safetensors": sha256(trunk / "trunk.safetensors")},
        "trained_on": trained_on,
        "files": files,
        "config": config,
    }  # fmt: skip
    (out / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/fast_style.json"))
    parser.add_argument("--trunk", type=Path, default=TRUNK)
    parser.add_argument("--pictures", type=Path, required=True)
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--run", type=Path)
    begin.add_argument("--start", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    config, pictures = json.loads(args.config.read_text()), Pictures(args.pictures)
    if args.run:
        net, cost = trained(args.run, config)
    else:
        before = json.loads((args.start / CARD).read_text())["trained_on"]
        net, cost = read_fast_style(args.start), {name: before[name] for name in ("pictures_seen", "processor_seconds")}
    lay_paint(net, pictures, config.get("painted", {}))
    export(net, cost | pictures.facts, config, args.out, args.trunk)


if __name__ == "__main__":
    main()
