"""Writes a trained fast style network as embedded weights.

``python -m training.fast_style.export --pictures DIR --run DIR --out assets/weights/fast_style`` rounds to half
precision and reads the file back as the product does. Styles under ``painted`` of the config consist of their palette
and of paint: their strokes are left out. ``--start DIR`` in the place of ``--run`` takes weights that were exported
before, and lays their paint anew; it needs no pictures.
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

from nets.fast_style import STROKES, FastStyle, FastStyleConfig, Laying, from_state, laid_of, to_state
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


def lay_paint(net: FastStyle, painted: dict[str, Any], before: dict[str, Any]) -> None:
    """Gives styles paint in the place of strokes.

    Args:
        net: whose palettes are those of a run, or of an earlier export.
        painted: of each style the size of its picture, `firm`, the numbers of its `Laying`, and the power that the
            lightness of its palette, in 0..1, is raised to.
        before: the same of that earlier export, or nothing.
    """
    for style, facts in painted.items():
        row, how = net.config.styles.index(style), Laying(*facts["laying"])
        for name, value in laid_of(style_picture(style, int(facts["size"])), level=how.follow > 0).items():
            net.get_parameter(name).data[row] = value
        net.firm.data[row], net.laying.data[row] = facts["firm"], torch.tensor(how)
        power = facts.get("power", 1.0) / before.get(style, {}).get("power", 1.0)
        net.palette.data[row] = ((net.palette.data[row] + 1) / 2).clamp(0, 1) ** power * 2 - 1
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
        "what": f"Palettes and paint of {len(config['styles'])} bundled styles, and the network to teach others from.",
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
    parser.add_argument("--pictures", type=Path, help="of --run: what was learned from")
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--run", type=Path)
    begin.add_argument("--start", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    config, before = json.loads(args.config.read_text()), {}
    if args.run:
        if not args.pictures:
            parser.error("--run needs --pictures, which the card lists")
        net, facts = trained(args.run, config)
        facts |= Pictures(args.pictures).facts
    else:
        card = json.loads((args.start / CARD).read_text())
        net, facts, before = read_fast_style(args.start), card["trained_on"], card["config"].get("painted", {})
    lay_paint(net, config.get("painted", {}), before)
    export(net, facts, config, args.out, args.trunk)


if __name__ == "__main__":
    main()
