"""How well the judges parse renders whose parts are known: ``python benchmarks/parser.py [--quick] [--json]``.

The mean over renders that no network learnt from of `metrics.translation.mean_iou`, at the 64 × 64 cells of the judges.
“Parts as painted” in comparisons is a share of it (`metrics.translation.PARSER_OWN`).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from metrics import Parts  # noqa: E402
from metrics.translation import PARSER_OWN, mean_iou, seen_parts, wanted_parts  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.puppets import Renderer, sample  # noqa: E402
from training.puppets.paint import PARTS  # noqa: E402

SEED = 4242
"""Of the renders; training's are 1 and 21."""


def scores(count: int) -> list[float]:
    """Of each of that many renders of 256 pixels."""
    judges = read_judges(ROOT / "assets" / "weights" / "puppets_judges")
    found = []
    with torch.no_grad():
        for row in sample(SEED, count):
            frame = Renderer("cpu", False, 1)(row[None], 256)
            picture = (frame.rgb[0].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()
            parts = Parts(frame.parts[0].byte().numpy(), tuple(PARTS))
            wanted = wanted_parts(parts, judges)
            assert wanted is not None
            found.append(mean_iou(wanted, seen_parts(picture, judges)))
    return found


def main() -> None:
    """Print the mean, its standard error, and what the metric divides by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="24 renders instead of 200")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    chosen = parser.parse_args()
    found = scores(24 if chosen.quick else 200)
    row = {
        "mean_iou": float(np.mean(found)),
        "error": float(np.std(found) / len(found) ** 0.5),
        "parser_own": PARSER_OWN,
    }
    print(" ".join(f"{name} {value:.4f}" for name, value in row.items()))
    if chosen.json:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
