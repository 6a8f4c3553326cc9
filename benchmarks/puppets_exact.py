"""What directions change, in degrees, mm and shares: ``python benchmarks/puppets_exact.py [--quick] [--json]``.

The exact-label judge fits the renderer's controls to each picture (`training/puppets/fitting.py`). Puppets of known
controls have one knob after another turned by a quarter of its range, or wholly where a thing is there or not, in four
ways: by the renderer itself (what is found besides is the judge's own error), by the generator at the turned controls
(what it draws with them), along the embedded direction, and along that with the other attributes kept. The first tables
say how well the judge finds what it is shown, and how far apart three answers are to where landmarks are in a picture:
where its controls put them, where the fitted controls do, and where the embedded judges see them. What a generator
draws in another place than its controls say is a fault of the generator's, not of who sees it there.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.faces_directions import ATTRIBUTES, kept  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from nets.directions import spread  # noqa: E402
from nets.judges import read  # noqa: E402
from training.controls import features  # noqa: E402
from training.generator.directions_file import DIRECTIONS  # noqa: E402
from training.generator.student import read_controls, read_generator  # noqa: E402
from training.judges.export import read_judges  # noqa: E402
from training.puppets import INDEX, NAMES, Renderer, sample  # noqa: E402
from training.puppets.fitting import LOW, SPAN, Fitted, Fitter, moved_mm  # noqa: E402
from training.puppets.landmarks import landmarks  # noqa: E402

WEIGHTS = ROOT / "assets" / "weights"
SEED, QUARTER = 900_301, 0.25
THERE = ("glasses", "hat", "beard", "moustache", "afro", "night")
"""What is there or not there: a quarter of it shows nothing."""
SHOWN = 0.15
"""Controls that a picture leaves open by less than this are compared."""
CLEAN, LEAST = 0.15, 0.25
"""A knob is clean where others go no further than this share of its own way, and it goes at least so much of it."""
ANGLES = [INDEX[name] for name in ("yaw", "pitch", "roll")]


class Change(NamedTuple):
    """One knob on one puppet. gain: of what was wanted. others: mean over the others, as shares of the own change.

    degrees: how far the head turned besides; mm: how far the shape of the face moved.
    """

    gain: float
    others: float
    degrees: float
    mm: float


class Bench:
    """The nets, the judge, and puppets of known controls."""

    def __init__(self, count: int, rounds: int) -> None:
        self.rounds = rounds
        self.generator, self.controls = (read(WEIGHTS / "puppets_128") for read in (read_generator, read_controls))
        self.fitter, self.renderer = Fitter(compiled=True), Renderer(compiled=True)
        self.params = sample(SEED, count)
        vectors = load_file(WEIGHTS / "puppets_128" / DIRECTIONS)
        knobs = {name: vectors[name].float() * SPAN[INDEX[name]] for name in ATTRIBUTES}
        self.directions = knobs  # per whole range
        with torch.no_grad():
            w = self.generator.mapping.w(self.generator.z(range(2048)))
        self.kept = kept(knobs, torch.linalg.inv(spread(w)[1]))

    def rendered(self, params: Tensor) -> Tensor:
        """Renders [n, 3, 128, 128] in -1..1."""
        return self.renderer(params, 128).rgb * 2 - 1

    @torch.no_grad()
    def drawn(self, w: Tensor) -> Tensor:
        """What the generator draws of codes [n, w_dim]."""
        rows = self.generator.mapping.rows(w)
        return self.generator.synthesis(rows).clamp(-1, 1)

    @torch.no_grad()
    def w(self, params: Tensor) -> Tensor:
        """Codes of known controls."""
        return self.controls(features(params))

    def change(self, base: Fitted, picture: Tensor, name: str, wanted: float) -> Change:
        """What the judge says of a picture after one knob was to go by ``wanted``, a share of its range."""
        own = INDEX[name]
        starts = base.shares.repeat(6, 1)
        starts[:, own] += wanted * torch.tensor([0.25, 0.5, 0.75, 1.0, 1.3, 1.7])
        after = self.fitter.follow(base, picture, starts, self.rounds)
        moved = after.shares - base.shares
        gain = float(moved[own]) / wanted
        others = (base.uncertain < SHOWN) & (torch.arange(len(moved)) != own)
        still = [column for column in ANGLES if column != own]
        return Change(
            gain,
            float(moved[others].abs().mean()) / max(abs(float(moved[own])), 0.02),
            math.degrees(float((moved * SPAN)[still].norm())),
            moved_mm(base.controls, after.controls),
        )


def turned(bench: Bench, number: int, names: list[str], rounds: int) -> dict[str, dict[str, Change]]:
    """Every knob of one puppet, by way and name."""
    params = bench.params[number : number + 1]
    w, shares = bench.w(params), ((params - LOW) / SPAN)[0]
    bases = (
        bench.fitter.fit(bench.rendered(params)[0], params[0], 1),
        bench.fitter.fit(bench.drawn(w)[0], params[0], rounds),
    )
    found: dict[str, dict[str, Change]] = {}
    for name in names:
        column = INDEX[name]
        way = 1.0 if name in THERE else QUARTER
        up = -way if shares[column] > 0.5 else way
        other = params.clone()
        other[0, column] += up * SPAN[column]
        along, clean = (up * each[name].float() for each in (bench.directions, bench.kept))
        ways: dict[str, Callable[[], Tensor]] = {
            "renderer": lambda other=other: bench.rendered(other),
            "generator": lambda other=other: bench.drawn(bench.w(other)),
            "embedded": lambda along=along: bench.drawn(w + along),
            "embedded | keep": lambda clean=clean: bench.drawn(w + clean),
        }
        for how, draw in ways.items():
            base = bases[0] if how == "renderer" else bases[1]
            found.setdefault(how, {})[name] = bench.change(base, draw()[0], name, up)
    return found


def apart(first: Tensor, second: Tensor) -> float:
    """Median distance of landmarks [n, L, 2] of pictures 128 high, in pixels at 256."""
    return float(2 * (first - second).norm(dim=2).median())


def errors(bench: Bench, count: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """How well fits find controls: mean and median error of what is shown, its error in units of what was told.

    And how far landmarks of the labels, of the fit from known controls, and of the judges are from each other.
    """
    judges, rows, distances = read_judges(WEIGHTS / "puppets_judges"), {}, {}
    pictures = {"renders": bench.rendered(bench.params[:count]), "drawn": bench.drawn(bench.w(bench.params[:count]))}
    for what, shown in pictures.items():
        said = read(judges, shown).controls
        starts = bench.params[:count].clone()
        starts[:, [INDEX[name] for name in judges.config.controls]] = said
        for start, begin in (("judges", starts), ("known", bench.params[:count])):
            each, before, found = [], [], []
            for number in range(count):
                fit = bench.fitter.fit(shown[number], begin[number])
                found.append(fit.controls)
                seen = fit.uncertain < SHOWN
                error = ((fit.controls - bench.params[number]) / SPAN).abs()[seen]
                first = ((begin[number] - bench.params[number]) / SPAN).abs()[seen]
                ratio = (error / fit.uncertain[seen]).square().mean().sqrt()
                each.append(torch.stack([error.mean(), error.median(), ratio, seen.float().sum()]))
                before.append(first.mean())
            rows[f"{what}, from {start}"] = [float(torch.stack(before).mean()), *torch.stack(each).mean(0).tolist()]
        fitted, labels = landmarks(torch.stack(found), 128), landmarks(bench.params[:count], 128)
        seen = read(judges, shown, careful=True).landmarks
        distances[what] = [apart(seen, labels), apart(seen, fitted), apart(fitted, labels)]
    return rows, distances


def summary(found: list[dict[str, dict[str, Change]]], names: list[str]) -> dict[str, dict[str, list[float]]]:
    """Medians over puppets (the lower of two in the middle): by way and name, the four figures of `Change`."""
    return {
        way: {name: torch.tensor([each[way][name] for each in found]).median(0).values.tolist() for name in names}
        for way in found[0]
    }


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one puppet and two knobs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=8, help="puppets")
    parser.add_argument("--parts", nargs="+", default=["errors", "changes"], choices=["errors", "changes"])
    args = parser.parse_args()
    begun, count = time.monotonic(), 1 if args.quick else args.count
    names = ["yaw", "smile"] if args.quick else list(ATTRIBUTES)
    bench = Bench(count, 1 if args.quick else 2)
    figures: dict[str, object] = {"puppets": count, "controls": len(NAMES)}
    if not args.quick and "errors" in args.parts:
        figures["errors"], figures["landmarks"] = rows, distances = errors(bench, count)
        print(table("fit", ["start", "mean", "median", "error/told", "shown"], rows), "\n")
        print(table("landmarks, px at 256", ["judges-labels", "judges-fit", "fit-labels"], distances), "\n")
    if "changes" not in args.parts:
        if args.json:
            print(json.dumps(figures))
        return
    results = summary([turned(bench, number, names, 1 if args.quick else 6) for number in range(count)], names)
    for way, by_name in results.items():
        print(table(way, ["gain", "others", "degrees", "mm"], by_name), "\n")
        means = torch.tensor(list(by_name.values())).mean(0).tolist()
        clean = sum(row[1] <= CLEAN and row[0] >= LEAST for row in by_name.values())
        figures[way] = dict(zip(("gain", "others", "degrees", "mm"), means, strict=True)) | {"clean": clean}
    overall = {way: [*figures[way].values()] for way in results}  # type: ignore[attr-defined]
    print(table("means", ["gain", "others", "degrees", "mm", f"clean of {len(names)}"], overall))
    figures["seconds"] = time.monotonic() - begun
    if args.json:
        print(json.dumps({**figures, "by_name": results}))


if __name__ == "__main__":
    main()
