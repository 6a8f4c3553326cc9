"""What lies beside embedded weights: their card and golden outputs. And the command line that writes them of a run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from training.generator.export import CARD, sha256

GOLDEN = "golden.safetensors"
WEIGHTS = Path("assets/weights")


def metadata_of(path: Path) -> dict[str, str]:
    """What stands beside the tensors of a file."""
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def write(out: Path, name: str, card: dict[str, Any]) -> None:
    """The card beside the files ``name`` and the golden outputs."""
    files = {}
    for file in (name, GOLDEN):
        (out / file).chmod(0o644)
        files[file] = {"sha256": sha256(out / file), "size": (out / file).stat().st_size}
    (out / CARD).write_text(json.dumps(card | {"files": files}, indent=1, ensure_ascii=False) + "\n")


def command(export: Callable[[Path, Path, Path], dict[str, Any]], folder: str, about: str) -> None:
    """A command line of one export: takes a run, the folder it goes to, and the weights that judge it."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS / folder)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(export(args.run, args.out, args.weights)["held_out"]))
