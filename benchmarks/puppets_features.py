"""What the puppets' feature network is worth: ``python benchmarks/puppets_features.py [--quick] [--json]``.

Reconstruction: PSNR from each tap, of renders and paintings from seeds that training never saw and of photographs, of
which training saw none. Perception: how often a face that was changed a little is nearer to itself than the same head
with another person, or another expression, is; and how distances follow the controls' distances. Style: how often the
statistics of a painting are nearest to those of other paintings by the same painter, in colour and in grey. Beside
the network stand plain pixels, the judges' trunk, formula features, a random network and colours alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.style_families import CHEAP, families_told_apart  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from nets.features import Decoders, FeatureNet, PerceptualDistance  # noqa: E402
from nets.judges import FeatureDistance, Judges  # noqa: E402
from training.features.data import FAMILIES, HELD_OUT_SEED, painting  # noqa: E402
from training.features.export import DECODERS, FEATURES, read_decoders, read_features  # noqa: E402
from training.features.figures import rank_correlation, reconstruction  # noqa: E402
from training.features.perception import FITTED, UNKNOWN  # noqa: E402
from training.features.sheet import photographs  # noqa: E402
from training.judges.data import normalised, relevance  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.puppets import CONTROLS, Renderer, sample  # noqa: E402

WEIGHTS = ROOT / "assets" / "weights"
SEED = 900_301
PHOTOGRAPHS = "astronaut chelsea coffee hopper lake rocket spices"
CHANGED = {
    "another person": ("identity", "skin", "hair", "accessories", "make-up", "clothes"),
    "another expression": ("expression",),
}
"""Groups of controls in which a puppet's rival differs; all others are the puppet's own."""
Distance = Callable[[Tensor, Tensor], Tensor]


def rivals(params: Tensor, kind: str, seed: int) -> Tensor:
    """Puppets that differ from the given ones in who they are, or in their expression alone."""
    fresh, changed = sample(seed, len(params)), params.clone()
    for column, control in enumerate(CONTROLS):
        if control.group in CHANGED[kind]:
            changed[:, column] = fresh[:, column]
    return changed


def distances(net: FeatureNet, judges: Judges) -> dict[str, Distance]:
    """Name → (made, wanted) → [n]."""
    return {
        "pixels (mean square)": lambda a, b: (a - b).square().mean((1, 2, 3)),
        "judges' trunk": FeatureDistance(judges),
        "features, plain": PerceptualDistance(net, plain=True),
        "features, weighted": PerceptualDistance(net),
    }


def perception(net: FeatureNet, judges: Judges, count: int) -> dict[str, Any]:
    """Shares of right answers by kind of rival and of change, and rank correlations with the controls' distance."""
    params, renderer = sample(SEED, count), Renderer(compiled=count > 64)
    faces = renderer(params, 128).rgb * 2 - 1
    others = {kind: renderer(rivals(params, kind, SEED + 1), 128).rgb * 2 - 1 for kind in CHANGED}
    seen = normalised(params) * relevance(params)
    a, b = torch.triu_indices(count, count, 1)
    apart = (seen[a] - seen[b]).norm(dim=1)
    result: dict[str, Any] = {"faces": count, "pairs": len(a), "right": {}, "correlation": {}}
    for name, distance in distances(net, judges).items():
        far = {kind: distance(pictures, faces) for kind, pictures in others.items()}
        rows = {}
        for change, distort in {**FITTED, **UNKNOWN}.items():
            near = distance(distort(faces, np.random.default_rng(SEED)), faces)
            rows[change] = {kind: round((near < away).float().mean().item(), 4) for kind, away in far.items()}
        result["right"][name] = rows
        told = torch.cat([distance(faces[i], faces[j]) for i, j in zip(a.split(64), b.split(64), strict=True)])
        result["correlation"][name] = round(rank_correlation(told, apart), 4)
    return result


def milliseconds(call: Callable[[], object], repeats: int = 7) -> float:
    """Median processor time of a call after a first one."""
    call()
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return round(1000 * sorted(times)[repeats // 2], 1)


def costs(net: FeatureNet, decoders: Decoders) -> dict[str, float]:
    """Processor time at 256 pixels, and bytes."""
    picture = torch.zeros(1, 3, 256, 256)
    deepest = net(picture, 4)[-1]
    folder = WEIGHTS / "puppets_features"
    return {
        "trunk_ms": milliseconds(lambda: net(picture)),
        "decoder_relu4_ms": milliseconds(lambda: decoders.styled(deepest, 256, 256)),
        "trunk_bytes": (folder / FEATURES).stat().st_size,
        "decoders_bytes": (folder / DECODERS).stat().st_size,
    }


@torch.no_grad()
def measure(quick: bool) -> dict[str, Any]:
    """All figures."""
    folder = WEIGHTS / "puppets_features"
    net, decoders, judges = read_features(folder), read_decoders(folder), read_judges(WEIGHTS / "puppets_judges")
    families = CHEAP if quick else FAMILIES
    renders = Renderer()(sample(SEED + 7, 4 if quick else 48), 128).rgb * 2 - 1
    painted = np.stack([painting(name, HELD_OUT_SEED, 256) for name in families])
    sets = {
        "renders": renders,
        "photographs": photographs(PHOTOGRAPHS, 256),
        "paintings": torch.from_numpy(painted).float() / 127.5 - 1,
    }
    return {
        "psnr_db": {name: reconstruction(net, decoders, pictures) for name, pictures in sets.items()},
        "perception": perception(net, judges, 6 if quick else 96),
        "styles": families_told_apart(net, families, 1 if quick else 3),
        **costs(net, decoders),
    }


def show(found: dict[str, Any]) -> None:
    """Prints the tables."""
    print(table("PSNR in dB", ["relu1_1", "relu2_1", "relu3_1", "relu4_1"], found["psnr_db"]))
    seen = found["perception"]
    print(f"\n{seen['faces']} faces; share of times that a change is nearer than the rival; rank correlation, controls")
    for kind in CHANGED:
        rows = {name: [*(row[kind] for row in changes.values()), seen["correlation"][name]]
                for name, changes in seen["right"].items()}  # fmt: skip
        print(table(kind, [*FITTED, *UNKNOWN, "correlation"], rows))
    told = found["styles"]
    print(
        f"\n{told['crops']} crops of {told['families']} families, {told['unlabelled']} of them never named in training"
    )
    columns = ["colour", "colour, unlabelled", "grey", "grey, unlabelled"]
    print(table("nearest centroid", columns, {n: [row[c] for c in columns] for n, row in told["right"].items()}))
    print(table("cost", ["ms at 256", "bytes"], {
        "trunk": [found["trunk_ms"], found["trunk_bytes"]],
        "decoders": [found["decoder_relu4_ms"], found["decoders_bytes"]],
    }))  # fmt: skip


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pictures, under a minute on two cores")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    args = parser.parse_args()
    found = measure(args.quick)
    show(found)
    if args.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
