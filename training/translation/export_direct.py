"""Writes the direct network as embedded weights: ``python -m training.translation.export_direct --run DIR``.

DIR has the checkpoint of `training.translation.direct`. It is rounded to half precision, read back as the product does,
and measured on renders that training never saw.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.features import PerceptualDistance
from nets.translation import label_unet
from nets.translation.label_unet import LabelUnet, asked
from nets.translation.tints import tints_of
from training.judges.export import read_judges
from training.puppets import Renderer
from training.puppets.paint import PARTS
from training.translation.card import GOLDEN, command, metadata_of, write
from training.translation.direct import CONFIG, fresh
from training.translation.export import mean_iou
from training.translation.worlds import HELD_OUT, rendered, spread
from training.trunk.convert import read_trunk

FILE = "direct_portrait.safetensors"
GOLDEN_PART = slice(64, 192, 2)
"""Of a portrait of 256 pixels, every second one about its middle."""


def read_direct(folder: Path) -> LabelUnet:
    """The network as the product reads it."""
    return label_unet.from_state(load_file(folder / FILE), metadata_of(folder / FILE))


def of_run(run: Path, config: Path = CONFIG) -> tuple[LabelUnet, dict[str, Any]]:
    """The network of a checkpoint, and the checkpoint."""
    state = torch.load(run / "direct.pt", weights_only=True)
    net = fresh(json.loads(config.read_text()))
    net.load_state_dict(state["net"])
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False), state


@torch.no_grad()
def golden(net: LabelUnet, parts: Tensor, tints: Tensor) -> dict[str, Tensor]:
    """What the network draws of parts [n, s, s] with tints [n, P, …]."""
    return {"drawn": net(asked(parts, tints)).contiguous()}


@torch.no_grad()
def figures(net: LabelUnet, weights: Path, count: int) -> dict[str, float]:
    """Of held-out renders with exact labels: parsed again, PSNR, perceptual distance; and the filling's own."""
    pictures, parts = rendered(HELD_OUT, count, net.config.size, draw=Renderer())
    judges, distance = read_judges(weights / "puppets_judges"), PerceptualDistance(read_trunk(weights / "vgg16_edges"))
    rows, found = [], []
    for picture, part in zip(spread(pictures).split(1), parts.split(1), strict=True):
        seen = asked(part, tints_of(picture, part, len(PARTS)))
        made = net(seen).clamp(-1, 1)
        small = torch.nn.functional.interpolate(made, judges.config.size, mode="area")
        found.append(judges.raw(small).parts.argmax(1))
        off = [((one - picture) / 2).square().mean() for one in (made, seen[:, -3:])]
        rows.append([*(-10 * one.log10().item() for one in off), distance(made, picture).item()])
    step = parts.shape[1] // found[0].shape[1]
    mean = torch.tensor(rows).mean(0).tolist()
    facts = dict(zip(("psnr_db", "filling_psnr_db", "perceptual"), mean, strict=True))
    facts["iou"] = mean_iou(parts[:, step // 2 :: step, step // 2 :: step], torch.cat(found), len(PARTS))
    return {name: round(value, 3) for name, value in facts.items()}


def export(run: Path, out: Path, weights: Path, count: int = 32) -> dict[str, Any]:
    """Writes the network; returns its card."""
    out.mkdir(parents=True, exist_ok=True)
    net, state = of_run(run)
    tensors, metadata = label_unet.to_state(net)
    save_file(tensors, out / FILE, metadata)
    net = read_direct(out)
    pictures, parts = rendered(HELD_OUT, 1, net.config.size)
    tints = tints_of(spread(pictures), parts, len(PARTS)).contiguous()
    small = parts[:, GOLDEN_PART, GOLDEN_PART].contiguous()
    save_file({"parts": small, "tints": tints, **golden(net, small, tints)}, out / GOLDEN)
    card = {
        "name": "Labels to a portrait, directly",
        "licence": "Apache-2.0",
        "what": "From a label map and a tint for each part to a picture: a U-Net, normalised by class as in CLADE.",
        "data": "renders with exact labels, by a program of this repository",
        "made_by": ["python -m training.translation.direct", "python -m training.translation.export_direct"],
        "config": json.loads(net.config.to_json()),
        "trained_on": {"renders": state["renders"], "steps": state["steps"], "processor_seconds": state["seconds"]},
        "held_out": {"renders": count, **figures(net, weights, count)},
    }  # fmt: skip
    write(out, FILE, card)
    return card


if __name__ == "__main__":
    command(export, "direct_portrait", __doc__)
