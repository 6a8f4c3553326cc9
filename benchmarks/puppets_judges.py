"""How well the puppets' judges judge: ``python benchmarks/puppets_judges.py [--quick] [--json]``.

Puppets that no training saw (seeds of their own) are rendered, and drawn by the embedded generator from the same
controls, G(E(controls)). The judges read both; their errors against the exact labels stand beside floors: the error of
a judge that always says the mean, and, on generated pictures, what the generator drew in another place is theirs too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import table  # noqa: E402
from nets.judges import Judges  # noqa: E402
from training.controls import features  # noqa: E402
from training.generator.student import read_controls, read_generator  # noqa: E402
from training.judges.data import Batch, normalised, relevance  # noqa: E402
from training.judges.export import JUDGES, read_judges  # noqa: E402
from training.judges.figures import careful_figures, figures, readings  # noqa: E402
from training.puppets import CONTROLS, Renderer, sample  # noqa: E402
from training.puppets.landmarks import landmarks, visibility  # noqa: E402

WEIGHTS = ROOT / "assets" / "weights"
SEED = 900_101
PASSING = ("pose", "expression", "light", "background")
"""Groups of controls that make nobody another person."""


def labelled(params: Tensor, pictures: Tensor, parts: Tensor) -> Batch:
    """Pictures in -1..1 with the labels of their controls."""
    posed = torch.ones(len(params), dtype=torch.bool)
    points, seen = landmarks(params, 2) - 1, visibility(params)
    return Batch(pictures, points, seen, parts.long(), normalised(params), relevance(params), posed)


def draw(params: Tensor) -> Tensor:
    """What the generator makes of controls, in -1..1."""
    net, controls = read_generator(WEIGHTS / "puppets_128"), read_controls(WEIGHTS / "puppets_128")
    rows = controls(features(params)).split(16)
    return torch.cat([net.synthesis(net.mapping.rows(w)) for w in rows]).clamp(-1, 1)


def others(params: Tensor, seed: int) -> Tensor:
    """The same puppets in another pose, mood and light, before another background."""
    moved, fresh = params.clone(), sample(seed, len(params))
    for column, control in enumerate(CONTROLS):
        if control.group in PASSING:
            moved[:, column] = fresh[:, column]
    return moved


def identity(judges: Judges, first: Tensor, second: Tensor) -> dict[str, float]:
    """Cosines of the same puppet twice and of two puppets, and how often the first is the larger (0.5: by chance)."""
    a, b = readings(judges, first).identity, readings(judges, second).identity
    table = a @ b.T
    same, apart = table.diagonal(), table[~torch.eye(len(a), dtype=torch.bool)]
    larger = (same[:, None] > apart[None]).float().mean()
    nearest = (table.argmax(1) == torch.arange(len(a))).float().mean()
    return {
        "same": round(same.mean().item(), 3),
        "different": round(apart.mean().item(), 3),
        "same_is_larger": round(larger.item(), 4),
        "found_among": len(a),
        "found": round(nearest.item(), 3),
        "found_by_chance": round(1 / len(a), 4),
    }


def landmark_floor(points: Tensor) -> float:
    """Median error, in pixels at 256, of always pointing at the mean places."""
    return round(((points - points.mean(0)).norm(dim=2).median() * 128).item(), 2)


def milliseconds(judges: Judges, repeats: int = 15) -> float:
    """Median processor time for one picture."""
    picture, times = torch.zeros(1, 3, judges.config.size, judges.config.size), []
    with torch.no_grad():
        for _ in range(repeats):
            begun = time.process_time()
            judges(picture)
            times.append(time.process_time() - begun)
    return round(1000 * sorted(times)[repeats // 2], 1)


@torch.no_grad()
def measure(count: int, drawn: int) -> dict[str, Any]:
    """All figures, on ``count`` renders and ``drawn`` generated pictures."""
    judges, renderer = read_judges(WEIGHTS / "puppets_judges"), Renderer()
    params = sample(SEED, drawn)
    frame = renderer(params[:count], judges.config.size)
    truth = labelled(params[:count], frame.rgb * 2 - 1, frame.parts)
    generated = draw(params)
    half = max(2, count // 2)
    again = renderer(others(params[:half], SEED + 1), judges.config.size).rgb * 2 - 1
    result: dict[str, Any] = {
        "renders": {"pictures": count, **figures(readings(judges, truth.pictures), truth, judges.config)}
    }
    result["renders"]["careful"] = careful_figures(judges, truth)
    result["renders"]["identity"] = identity(judges, truth.pictures[:half], again)
    same = labelled(params[:count], generated[:count], frame.parts)
    points, seen = landmarks(params, 2) - 1, visibility(params)
    found = readings(judges, generated)
    off = (found.landmarks * (2 / judges.config.size) - 1 - points).norm(dim=2) * 128
    result["generated"] = {"pictures": count, **figures(readings(judges, generated[:count]), same, judges.config)}
    result["generated"]["careful"] = careful_figures(judges, same)
    result["generated"]["identity"] = identity(judges, generated[:drawn], draw(others(params, SEED + 1)))
    turned = params[:, 0].abs() > 0.436
    result["generated_all"] = {
        "pictures": drawn, "landmark_px": round(off.median().item(), 3),
        "landmark_visible_px": round(off[seen].median().item(), 3),
        "landmark_px_turned_over_25_degrees": round(off[turned].median().item(), 3),
        "present": round(found.present.mean().item(), 4),
    }  # fmt: skip
    result["landmark_floor_px"] = landmark_floor(points)
    result["milliseconds"] = milliseconds(judges)
    result["bytes"] = (WEIGHTS / "puppets_judges" / JUDGES).stat().st_size
    return result


def show(figures: dict[str, Any]) -> None:
    """Prints the tables."""
    renders, generated = figures["renders"], figures["generated"]
    names = ("landmark_px", "landmark_visible_px", "landmark_95_px", "visibility_accuracy", "part_accuracy", "part_iou")
    rows = {name: [renders[name], generated[name]] for name in (*names, "control_r2")}
    for name in ("landmark_px", "landmark_visible_px"):
        rows[f"{name}, four looks"] = [each["careful"][name] for each in (renders, generated)]
    print(table("", ["renders", "generated"], rows))
    print(f"landmarks by a judge that says the mean: {figures['landmark_floor_px']} px\n")
    pairs = {name: (row, generated["controls"][name]) for name, row in renders["controls"].items()}
    rows = {name: [a["floor"], a["mae"], a["r2"], b["mae"], b["r2"]] for name, (a, b) in pairs.items()}
    print(table("control", ["floor", "renders", "R²", "generated", "R²"], rows))
    for source in ("renders", "generated"):
        print("identity,", source, figures[source]["identity"])
    print(figures["generated_all"], figures["milliseconds"], "ms,", figures["bytes"], "bytes")


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pictures, under a minute on two cores")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    args = parser.parse_args()
    found = measure(24, 48) if args.quick else measure(96, 1024)
    show(found)
    if args.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
