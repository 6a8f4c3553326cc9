"""Figures of the puppet world: ``python benchmarks/puppets.py [--quick] [--json]``.

Renders puppets that no training saw (seeds of their own), lets the embedded generator draw the same controls, and
compares: PSNR in all and by part, high-frequency energy, sliced Wasserstein distance and attribute-feature Fréchet
distance beside their floors (the distance between two sets of renders), straight lines in W, time and bytes. The
judges', the encoder's and the feature network's figures are in `puppets_judges.py`, `puppets_inversion.py` and
`puppets_features.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nets.features import frechet  # noqa: E402
from nets.judges import Judges  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from training.controls import features  # noqa: E402
from training.generator.export import CARD  # noqa: E402
from training.generator.losses import high_frequency, psnr, psnr_by_part  # noqa: E402
from training.generator.student import GENERATOR, read_controls, read_generator  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.puppets import Renderer, sample  # noqa: E402

EMBEDDED = ROOT / "assets" / "weights"
KNOWN = EMBEDDED / "puppets_128"
"""Whose controls, and whose W, all embedded generators share."""
SEED = 900_001


def patches(pictures: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Random 7x7 patches from three octaves, [n, 147], after Karras et al. 2018 (sliced Wasserstein of patches)."""
    found = []
    for level in range(3):
        size = pictures.shape[-1]
        for _ in range(count):
            y, x = torch.randint(0, size - 7, (2,), generator=generator).tolist()
            found.append(pictures[:, :, y : y + 7, x : x + 7].flatten(1))
        if level < 2:
            pictures = functional.avg_pool2d(pictures, 2)
    return torch.cat(found)


def sliced_wasserstein(a: Tensor, b: Tensor, slices: int = 128) -> float:
    """Mean distance of sorted random projections of patches of two equally large sets, times 1000."""
    first, second = (patches(x, 24, torch.Generator().manual_seed(1)) for x in (a, b))
    directions = torch.randn(first.shape[1], slices, generator=torch.Generator().manual_seed(2))
    directions = directions / directions.norm(dim=0)
    return 1000 * ((first @ directions).sort(0)[0] - (second @ directions).sort(0)[0]).abs().mean().item()


def attribute_features(judges: Judges, pictures: Tensor) -> Tensor:
    """What the judges read controls from, [n, hidden]: the layer before the last, for pictures in -1..1."""
    size = judges.config.size
    rows = []
    for piece in pictures.split(16):
        seen = judges.look(functional.interpolate(piece, (size, size), mode="bilinear", antialias=True)).seen
        rows.append(functional.gelu(judges.read[0](seen)))
    return torch.cat(rows)


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Median time of a call after a first one."""
    call()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return 1000 * sorted(times)[repeats // 2]


def paths(net: Generator, count: int, steps: int = 16) -> dict[str, float]:
    """Straight lines in W between random puppets: how unevenly the picture moves along them, and by what detour.

    ``unevenness`` is the deviation of the lengths of steps over their mean (0: every step moves the picture equally),
    ``detour`` the sum of the steps' lengths over the distance of the ends. Lengths are root mean squares at 32 pixels.
    """
    ends = net.mapping.w(net.z(range(SEED, SEED + 2 * count))).view(count, 2, -1)
    line = torch.linspace(0, 1, steps + 1)[:, None]
    uneven, detours = [], []
    for a, b in ends:
        seen = functional.avg_pool2d(
            net.synthesis(net.mapping.rows(a + (b - a) * line)), net.config.resolution[0] // 32
        )
        moves = (seen[1:] - seen[:-1]).flatten(1).norm(dim=1)
        uneven.append(moves.std() / moves.mean())
        detours.append(moves.sum() / (seen[-1] - seen[0]).norm())
    means = {"unevenness": torch.stack(uneven).mean().item(), "detour": torch.stack(detours).mean().item()}
    return {name: round(value, 3) for name, value in means.items()}


@torch.no_grad()
def measure(count: int, weights: Path = KNOWN) -> dict[str, object]:
    """All figures, for ``count`` held-out puppets."""
    net, controls = read_generator(weights), read_controls(KNOWN)
    renderer = Renderer(compiled=count > 64)  # compiling takes a minute or two, and is several times faster afterwards
    size = net.config.resolution[0]
    params = sample(SEED, 2 * count)
    begun = time.perf_counter()
    frame = renderer(params, size)
    render_ms = 1000 * (time.perf_counter() - begun) / len(params)
    drawn = frame.rgb * 2 - 1
    first, second = drawn[:count], drawn[count:]
    made = torch.cat([net.synthesis(net.mapping.rows(w)) for w in controls(features(params[:count])).split(16)])
    sampled = torch.cat([net(z) for z in net.z(range(SEED, SEED + count)).split(16)]).clamp(-1, 1)
    judges = read_judges(EMBEDDED / "puppets_judges")
    told = [attribute_features(judges, x) for x in (sampled, second, first)]
    w = net.mapping(net.z([1]))
    card = json.loads((weights / CARD).read_text())
    return {
        "pictures": count,
        "psnr_db": round(psnr(made, first), 2),
        "psnr_db_by_part": psnr_by_part(made, first, frame.parts[:count].long()),
        "high_frequency_ratio": round(high_frequency(made.clamp(-1, 1)) / high_frequency(first), 3),
        "sliced_wasserstein": round(sliced_wasserstein(sampled, second), 2),
        "sliced_wasserstein_floor": round(sliced_wasserstein(first, second), 2),
        "attribute_frechet": round(frechet(told[0], told[1]), 3),
        "attribute_frechet_floor": round(frechet(told[2], told[1]), 3),
        "paths": paths(net, 4 if count <= 64 else 64),
        "mapping_r2": card["mapping_r2"],
        "generator_ms": round(milliseconds(lambda: net.synthesis(w), 9), 1),
        "render_ms": round(render_ms, 1),
        "generator_bytes": (weights / GENERATOR).stat().st_size,
        "directions": {row["name"]: row["reproduced"][row["method"]] for row in card.get("directions", [])},
    }


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pictures, under a minute on two cores")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    parser.add_argument("--size", type=int, choices=(128, 256), default=128, help="which embedded generator")
    parser.add_argument("--count", type=int, default=1024, help="puppets")
    args = parser.parse_args()
    figures = measure(16 if args.quick else args.count, EMBEDDED / f"puppets_{args.size}")
    for name, value in figures.items():
        print(f"{name:28} {value}")
    if args.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
