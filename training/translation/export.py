"""Writes trained translation networks as embedded weights: safetensors, card, golden outputs.

``python -m training.translation.export labels --run DIR --out assets/weights/label_encoder`` and
``python -m training.translation.export colours --run DIR --photographs DIR --out assets/weights/colourist`` round to
half precision, read the file back as the product does, and measure what they read on what training never saw.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets import colourise, label_encoder
from nets.colourise import Colourist, ColouristConfig
from nets.colourise.network import columns
from nets.colourise.paint import grey_for
from nets.features import FeatureNet
from nets.judges import Judges
from nets.label_encoder import LabelEncoder, LabelEncoderConfig, colours_of, look_at_labels, look_at_lines
from nets.stylegan2 import Generator
from training.generator.export import sha256
from training.generator.student import CONTROL_NET, read_generator
from training.judges.export import read_judges
from training.translation.card import GOLDEN, WEIGHTS, metadata_of, write
from training.translation.colours import Photographs, measure
from training.translation.labels import EVERYBODY, HELD_OUT
from training.translation.pairs import Pairs
from training.translation.photographs import PATTERNS
from training.trunk.convert import read_trunk

LABELS, COLOURS = "label_encoder.safetensors", "colourist.safetensors"


def read_label_encoder(folder: Path) -> LabelEncoder:
    """The label encoder as the product reads it."""
    return label_encoder.from_state(load_file(folder / LABELS), metadata_of(folder / LABELS))


def read_colourist(folder: Path) -> Colourist:
    """The colouriser as the product reads it."""
    return colourise.from_state(load_file(folder / COLOURS), metadata_of(folder / COLOURS))


@torch.no_grad()
def golden_labels(net: LabelEncoder, parts: Tensor, colours: Tensor, lines: Tensor) -> dict[str, Tensor]:
    """w of label maps [n, s, s], and of lines [n, 1, 2 s, 2 s], with colours [n, P, 4]."""
    count = len(net.config.parts)
    return {
        "w_of_labels": net(look_at_labels(parts.long(), colours, count)),
        "w_of_lines": net(look_at_lines(lines, colours)),
    }


@torch.no_grad()
def golden_colours(net: Colourist, trunk: FeatureNet, light: Tensor) -> dict[str, Tensor]:
    """Scores of L* [n, 1, h, w]."""
    return {"scores": net(columns(trunk(grey_for(light), 4)[1:], light)).contiguous()}


@torch.no_grad()
def label_figures(
    net: LabelEncoder, generator: Generator, judges: Judges, pairs: Pairs, count: int = HELD_OUT
) -> dict[str, float]:
    """Of held-out generated puppets: share of cells whose part is found again, mean IoU, R² of w; for lines too."""
    from training.translation.drawings import drawn

    pictures, parts, w = pairs.batch(np.arange(count))
    colours = colours_of(torch.nn.functional.avg_pool2d(pictures, 2), parts, len(judges.config.parts))
    told = torch.tensor([float(name in EVERYBODY) for name in judges.config.parts])[None, :, None]
    looks = {
        "labels": look_at_labels(parts, colours, colours.shape[1]),
        "lines": look_at_lines(drawn(pictures, parts, torch.Generator().manual_seed(1)), colours * told),
    }
    facts: dict[str, float] = {"pictures": count}
    for name, look in looks.items():
        found = net(look)
        rows = [generator.synthesis(generator.mapping.rows(piece)).clamp(-1, 1) for piece in found.split(16)]
        made = torch.cat(rows)
        again = torch.cat([judges.raw(piece).parts.argmax(1) for piece in made.split(16)])
        facts[f"{name}_w_r2"] = round(1 - ((found - w).square().sum() / (w - w.mean(0)).square().sum()).item(), 4)
        facts[f"{name}_same"] = round((again == parts).float().mean().item(), 4)
        facts[f"{name}_iou"] = round(mean_iou(parts, again, colours.shape[1]), 4)
        facts[f"{name}_psnr_db"] = round(-10 * (((made - pictures) / 2).square().mean()).log10().item(), 2)
    return facts


def mean_iou(wanted: Tensor, found: Tensor, count: int) -> float:
    """Mean over the parts there are of intersection over union, over all maps [n, s, s] together."""
    shares = []
    for part in range(count):
        one, two = wanted == part, found == part
        if one.any():
            shares.append(((one & two).sum() / (one | two).sum()).item())
    return float(np.mean(shares))


def export_labels(run: Path, out: Path, weights: Path, count: int = 96) -> dict[str, Any]:
    """Writes the label encoder; returns its card."""
    generator, judges = read_generator(weights / "puppets_128"), read_judges(weights / "puppets_judges")
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    net = LabelEncoder(LabelEncoderConfig(judges.config.parts, generator.config.w_dim))
    net.load_state_dict(state["net"])
    out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = label_encoder.to_state(net)
    save_file(tensors, out / LABELS, metadata)
    net = read_label_encoder(out)
    total = len(np.load(run / "pairs" / "parts.npy", mmap_mode="r"))
    pairs = Pairs(run / "pairs", total)
    pairs.known()
    pictures, parts, _ = pairs.batch(np.arange(4))
    colours = colours_of(torch.nn.functional.avg_pool2d(pictures, 2), parts, len(judges.config.parts)).contiguous()
    lines = label_encoder.lines_of(parts).contiguous()
    inputs = {"parts": parts.byte().contiguous(), "colours": colours, "lines": lines}
    save_file(inputs | golden_labels(net, parts, colours, lines), out / GOLDEN)
    card = {
        "name": "Label encoder",
        "licence": "Apache-2.0",
        "what": "From a label map or from lines, with the colours of parts, to w of the puppets. pSp scaled down.",
        "w_of": {"file": f"puppets_128/{CONTROL_NET}", "sha256": sha256(weights / "puppets_128" / CONTROL_NET)},
        "data": "pictures that the embedded generator draws of random controls; parts by the embedded judges",
        "made_by": ["python -m training.translation.labels", "python -m training.translation.export labels"],
        "config": json.loads(net.config.to_json()),
        "trained_on": {"pairs": total - HELD_OUT, "processor_seconds": state["seconds"]},
        "held_out": label_figures(net, generator, judges, pairs, count),
    }  # fmt: skip
    write(out, LABELS, card)
    return card


def export_colours(run: Path, photographs: Path, out: Path, weights: Path) -> dict[str, Any]:
    """Writes the colouriser; returns its card."""
    data, trunk = Photographs(photographs), read_trunk(weights / "vgg16_edges")
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    out.mkdir(parents=True, exist_ok=True)
    net = Colourist(ColouristConfig())
    net.load_state_dict(state["net"])
    tensors, metadata = colourise.to_state(net)
    save_file(tensors, out / COLOURS, metadata)
    net = read_colourist(out)
    light = 100 * torch.rand(1, 1, 6, 8, generator=torch.Generator().manual_seed(2))
    light = torch.nn.functional.interpolate(light, (48, 64), mode="bilinear").contiguous()
    save_file({"light": light, **golden_colours(net, trunk, light)}, out / GOLDEN)
    sources: dict[str, int] = {}
    for row in json.loads((photographs / "colours.json").read_text())["pictures"]:
        sources[row["source"]] = sources.get(row["source"], 0) + 1
    card = {
        "name": "Colouriser",
        "licence": "Apache-2.0",
        "what": "How likely each colour is at each place of a grey photograph, from features of VGG-16 on edges.",
        "reads": {"vgg16_edges/trunk.safetensors": sha256(weights / "vgg16_edges" / "trunk.safetensors")},
        "made_by": ["python -m training.translation.photographs", "python -m training.translation.colours",
                    "python -m training.translation.export colours"],
        "config": json.loads(net.config.to_json()),
        "trained_on": {"photographs": len(data.usable), "cells": state["cells"],
                       "processor_seconds": state["seconds"], "sources": sources, "wallpapers": list(PATTERNS)},
        "held_out": {"photographs": len(data.held), **measure(net, trunk, data.held)},
    }  # fmt: skip
    write(out, COLOURS, card)
    return card


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("labels", "colours"))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    if args.what == "colours":
        card = export_colours(args.run, args.photographs, args.out, args.weights)
    else:
        card = export_labels(args.run, args.out, args.weights)
    print(json.dumps(card["held_out"]))


if __name__ == "__main__":
    main()
