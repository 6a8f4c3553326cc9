"""Writes a trained latent drag as embedded weights: safetensors in half precision, card, golden outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.drag_flow import DragFlow, flowed, from_state, to_state
from training.generator.export import CARD, sha256
from training.generator.student import CONTROL_NET

FLOW, GOLDEN = "drag_flow.safetensors", "golden.safetensors"
GOLDEN_COUNT, SIDE, ROWS = 4, 128, 12


def read_flow(folder: Path) -> DragFlow:
    """The network as the product reads it."""
    with safe_open(folder / FLOW, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / FLOW), metadata)


def golden(net: DragFlow) -> dict[str, Tensor]:
    """w_plus and expected ends of a few drags of codes around the mean, with one pair more in each."""
    random, rows = torch.Generator().manual_seed(11), []
    for count in range(1, GOLDEN_COUNT + 1):
        w = net.centre + 0.7 * net.deviation * torch.randn(len(net.centre), generator=random)
        handles = 40 + 48 * torch.rand(count, 2, generator=random)
        pairs = torch.stack([handles, handles + 6 * torch.randn(count, 2, generator=random)], 1)
        w_plus, ends, _ = flowed(net, w.expand(ROWS, -1), pairs, (SIDE, SIDE))
        rows.append((w_plus[0], ends.mean(0)))
    return {"w": torch.stack([w for w, _ in rows]), "ends": torch.stack([ends for _, ends in rows])}


def export(net: DragFlow, out: Path, generator: Path, config: dict[str, Any], facts: dict[str, Any]) -> None:
    """Writes the folder. The golden outputs come from the file as it will be read."""
    out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    save_file(tensors, out / FLOW, metadata)
    save_file(golden(read_flow(out)), out / GOLDEN)
    files = {}
    for name in (FLOW, GOLDEN):
        (out / name).chmod(0o644)
        files[name] = {"sha256": sha256(out / name), "size": (out / name).stat().st_size}
    card = {
        "name": "Puppet drag in one look",
        "licence": "Apache-2.0",
        "what": "From w of Puppets 128 and pairs of points to the step in w that moves them. Knows poses, expressions "
        "and shapes of a face; hair, clothes and background are ground to it.",
        "w_of": {"file": f"{generator.name}/{CONTROL_NET}", "sha256": sha256(generator / CONTROL_NET)},
        "made_by": ["python -m training.drag_flow.train"],
        "data": "pairs of puppets that differ by known moves: exact landmarks and w of their controls, no picture",
        "files": files,
        "config": config,
        **facts,
    }  # fmt: skip
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n")
