"""Inversion into the embedded generator: ``python benchmarks/puppets_inversion.py [--quick] [--json]``.

Puppets that no training saw are rendered and inverted: by the encoder, by optimisation from there, and by pivotal
tuning after that. Beside them stand optimisation from the mean of w, which is how it goes without an encoder, and the w
of the true controls, which is what the generator can do without rows of their own. A second table has heads turned by
more than 25 degrees only.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import table  # noqa: E402
from nets.encoder import Encoder  # noqa: E402
from nets.inversion import PyramidDistance, WeightedSum, optimise, pivotal_tuning, with_delta  # noqa: E402
from nets.judges import FeatureDistance, Judges, read  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from training.controls import features  # noqa: E402
from training.encoder.export import ENCODER, read_encoder  # noqa: E402
from training.generator.export import CARD  # noqa: E402
from training.generator.losses import psnr, psnr_by_part  # noqa: E402
from training.generator.student import read_controls, read_generator  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.puppets import INDEX, Renderer, sample  # noqa: E402

WEIGHTS = ROOT / "assets" / "weights"
SEED = 900_201
TURNED = math.radians(25)


class World(NamedTuple):
    """The networks, and the pictures [n, 3, s, s] in -1..1 with their parts and controls."""

    generator: Generator
    encoder: Encoder
    judges: Judges
    pictures: Tensor
    parts: Tensor
    params: Tensor


Method = Callable[[World, int], tuple[Tensor, Tensor]]
"""(world, number of a picture) → its w_plus and what is drawn there."""


def distance(world: World) -> WeightedSum:
    return WeightedSum([(1.0, PyramidDistance()), (1.0, FeatureDistance(world.judges))])


def by_encoder(world: World, n: int) -> tuple[Tensor, Tensor]:
    w_plus = world.encoder(world.pictures[n : n + 1])
    return w_plus, world.generator.synthesis(w_plus)


def by_optimising(steps: int, start: Callable[[World, int], Tensor], learning_rate: float) -> Method:
    def method(world: World, n: int) -> tuple[Tensor, Tensor]:
        run = optimise(
            world.generator, world.pictures[n : n + 1], start(world, n), steps=steps, learning_rate=learning_rate,
            distance=distance(world), spread=world.encoder.deviation,
        )  # fmt: skip
        progress = deque(run, maxlen=1)[0]
        return progress.w_plus, progress.image

    return method


def from_encoder(world: World, n: int) -> Tensor:
    return by_encoder(world, n)[0]


def from_mean(world: World, n: int) -> Tensor:
    return world.generator.mapping.rows(world.generator.mapping.w_avg[None])


def by_tuning(steps: int, before: Method) -> Method:
    def method(world: World, n: int) -> tuple[Tensor, Tensor]:
        pivot, wanted = before(world, n)[0], world.pictures[n : n + 1]
        run = pivotal_tuning(world.generator, wanted, pivot, steps=steps, learning_rate=3e-3, distance=distance(world))
        progress = deque(run, maxlen=1)[0]
        return pivot, with_delta(world.generator, progress.delta()).synthesis(pivot)

    return method


def by_labels(world: World, n: int) -> tuple[Tensor, Tensor]:
    controls = read_controls(WEIGHTS / "puppets_128")
    w_plus = world.generator.mapping.rows(controls(features(world.params[n : n + 1])))
    return w_plus, world.generator.synthesis(w_plus)


def methods(steps: int) -> dict[str, Method]:
    refined = by_optimising(steps, from_encoder, 0.1)
    return {
        "labels": by_labels,
        "mean + optimise": by_optimising(2 * steps, from_mean, 0.1),
        "encoder": by_encoder,
        "encoder + optimise": refined,
        "encoder + optimise + tune": by_tuning(steps, refined),
    }


def score(world: World, made: Tensor, rows: Tensor) -> dict[str, Any]:
    """Figures over some of the pictures."""
    made, wanted, parts = made[rows].clamp(-1, 1), world.pictures[rows], world.parts[rows]
    one, two = (read(world.judges, pictures, careful=True) for pictures in (made, wanted))
    span = torch.tensor(world.judges.config.high) - torch.tensor(world.judges.config.low)
    return {
        "psnr_db": round(psnr(made, wanted), 2),
        "features": round(FeatureDistance(world.judges)(made, wanted).mean().item(), 4),
        "identity": round((one.identity * two.identity).sum(1).mean().item(), 3),
        "landmark_px": round(2 * (one.landmarks - two.landmarks).norm(dim=2).median().item(), 2),
        "attributes_percent": round(100 * ((one.controls - two.controls).abs() / span).mean().item(), 2),
        "psnr_db_by_part": psnr_by_part(made, wanted, parts),
    }


def measure(count: int, steps: int, names: Sequence[str] = ()) -> dict[str, Any]:
    """All figures for ``count`` fresh puppets, at least a third of them turned; of the named methods, or all."""
    pool = sample(SEED, 8 * count)
    far = pool[:, INDEX["yaw"]].abs() > TURNED
    params = torch.cat([pool[far][: count // 3 + 1], pool[: count - count // 3 - 1]])
    frame = Renderer()(params, 128)
    folders = [WEIGHTS / name for name in ("puppets_128", "puppets_encoder", "puppets_judges")]
    world = World(
        read_generator(folders[0]), read_encoder(folders[1]), read_judges(folders[2]), frame.rgb * 2 - 1,
        frame.parts.long(), params,
    )  # fmt: skip
    turned = params[:, INDEX["yaw"]].abs() > TURNED
    result: dict[str, Any] = {
        "pictures": count,
        "turned": int(turned.sum()),
        "steps": steps,
        "all": {},
        "turned_only": {},
    }
    for name, method in methods(steps).items():
        if names and name not in names:
            continue
        begun = time.process_time()
        with torch.no_grad():
            made = torch.cat([method(world, n)[1] for n in range(count)])
        seconds = (time.process_time() - begun) / count
        with torch.no_grad():
            result["all"][name] = {
                **score(world, made, torch.ones(count, dtype=torch.bool)),
                "seconds": round(seconds, 3),
            }
            result["turned_only"][name] = score(world, made, turned)
    card = json.loads((WEIGHTS / "puppets_encoder" / CARD).read_text())
    result["encoder_bytes"] = card["files"][ENCODER]["size"]
    return result


def show(found: dict[str, Any]) -> None:
    """Prints both tables."""
    parts = ("skin", "eye", "iris", "brow", "upper_lip", "mouth", "hair", "glasses", "hat", "background")
    print(f"{found['pictures']} pictures, {found['turned']} of them turned over 25 degrees; {found['steps']} steps")
    columns = ("psnr_db", "features", "identity", "landmark_px", "attributes_percent", "seconds")
    for name in ("all", "turned_only"):
        rows = found[name]
        print(f"\n{table(name, columns, {method: [row.get(c) for c in columns] for method, row in rows.items()})}")
        by_part = {method: [row["psnr_db_by_part"].get(part) for part in parts] for method, row in rows.items()}
        print(table("PSNR in dB by part", parts, by_part))


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pictures, under a minute on two cores")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    args = parser.parse_args()
    found = measure(4, 24) if args.quick else measure(24, 60)
    show(found)
    if args.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
