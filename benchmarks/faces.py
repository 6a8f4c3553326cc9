"""How well directions move what they say and nothing else: methods at matched strength, judged by exact-label heads.

    python benchmarks/faces.py [--quick] [--json] [--attributes smile,age,…]

As InterFaceGAN (Shen et al. 2020) does it, codes are sampled, drawn, and scored, here by the puppets' judges; each
method fits a direction to those scores alone. On fresh codes every direction is then driven as far as changes its own
attribute by a quarter of its range, up or down, wherever there is room, and the same judges say what else changed.
"embedded" are the directions that come with Puppets, made from the renderer's exact controls; "joint" fits all controls
at once. "| keep" takes the other attributes out (conditional manipulation): in plain W with directions for normals, as
published, or in the metric of W's covariance.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from editors.attributes.svm import available, svm  # noqa: E402
from facet import PUPPETS_JUDGES, directions_of, generator_nets  # noqa: E402
from nets import judges as puppet_judges  # noqa: E402
from nets.directions import Fit, conditional, per_deviation, ridge, spread  # noqa: E402
from nets.judges import Judges, read  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from nets.stylegan2.contents import from_contents  # noqa: E402
from registry.weights import Net  # noqa: E402
from registry.weights.loaded import load_net  # noqa: E402

ATTRIBUTES = ("smile", "yaw", "age", "gender", "glasses", "hat", "beard", "hair_length", "hair_grey", "skin_tone")
SHARE = 0.25
"""Of its range that each attribute is driven."""
BATCH = 16


class Judged(NamedTuple):
    """Of N pictures: controls as shares of their ranges [N, K], identity [N, I], pictures [N, 3, H, W]."""

    controls: Tensor
    identity: Tensor
    pictures: Tensor


class World(NamedTuple):
    """The generator, its judges, and which columns of the controls are compared."""

    generator: Generator
    judges: Judges
    columns: list[int]

    @torch.no_grad()
    def judge(self, w: Tensor) -> Judged:
        """What the judges say of codes [N, w_dim]."""
        low, high = (torch.tensor(side) for side in (self.judges.config.low, self.judges.config.high))
        rows = []
        for piece in w.split(BATCH):
            pictures = self.generator.synthesis(self.generator.mapping.rows(piece), noise_mode="const").clamp(-1, 1)
            found = read(self.judges, pictures)
            rows.append(Judged((found.controls - low) / (high - low), found.identity, pictures))
        return Judged(*(torch.cat(parts) for parts in zip(*rows, strict=True)))


def load() -> World:
    """The embedded networks. Raises WeightsMissing where the judges do not come with this installation."""
    generator = load_net(generator_nets(from_contents)[0]).module
    judges = load_net(Net("judges", puppet_judges.from_contents, (PUPPETS_JUDGES,))).module
    offered = [name for name in judges.config.controls if name in directions_of("puppets")]
    return World(generator, judges, [judges.config.controls.index(name) for name in offered])


def codes(generator: Generator, count: int, seed: int, psi: float) -> Tensor:
    """w of random z, [count, w_dim]."""
    z = torch.randn(count, generator.config.z_dim, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        w: Tensor = generator.mapping(z, truncation_psi=psi)[:, 0]
    return w


def fitted(world: World, w: Tensor, scores: Tensor, names: list[str]) -> dict[str, dict[str, Tensor]]:
    """Directions by method and attribute, [w_dim]; lengths do not matter, strengths are matched."""
    mean, covariance = spread(w)
    precision = torch.linalg.inv(covariance)
    column = {name: world.judges.config.controls.index(name) for name in names}
    fits: dict[str, Fit] = {"svm": svm, "ridge": ridge(10.0)} if available() else {"ridge": ridge(10.0)}
    found: dict[str, dict[str, Tensor]] = {}
    for method, fit in fits.items():
        normals = {name: fit(w, scores[:, column[name]]) for name in names}
        found[method] = {name: per_deviation(normal, covariance, follow=False) for name, normal in normals.items()}
        found[f"{method} Σ·n"] = {
            name: per_deviation(normal, covariance, follow=True) for name, normal in normals.items()
        }
    found["joint"] = joint(
        w - mean.float(), scores[:, world.columns], [world.columns.index(column[n]) for n in names], names
    )
    found["embedded"] = {name: torch.from_numpy(directions_of("puppets")[name].vector.copy()) for name in names}
    for method, metric in {"svm": None, "ridge": None, "ridge Σ·n": precision, "embedded": precision}.items():
        if method in found:
            found[f"{method} | keep"] = kept(found[method], metric)
    return found


def joint(w: Tensor, scores: Tensor, columns: list[int], names: list[str]) -> dict[str, Tensor]:
    """Columns of A in w ≈ A · controls, least squares over all controls at once."""
    knobs = scores - scores.mean(0)
    gram = knobs.T @ knobs + 1e-3 * len(w) * torch.eye(knobs.shape[1])
    matrix = torch.linalg.solve(gram, knobs.T @ w)
    return {name: matrix[column] for name, column in zip(names, columns, strict=True)}


def kept(directions: dict[str, Tensor], metric: Tensor | None) -> dict[str, Tensor]:
    """Each direction without what all the others change."""
    return {
        name: conditional(vector, torch.stack([other for key, other in directions.items() if key != name]), metric)[0]
        for name, vector in directions.items()
    }


def driven(world: World, w: Tensor, before: Judged, vector: Tensor, column: int) -> dict[str, float]:
    """Figures of one direction on codes [N, w_dim], at the strength that moves its attribute by `SHARE`."""
    side = torch.where(before.controls[:, column] > 0.5, -1.0, 1.0)  # towards where there is room
    unit = vector.float() / vector.float().norm()
    strength, gain, after = 1.0, 0.0, before
    for _ in range(4):
        after = world.judge(w + strength * side[:, None] * unit)
        gain = float((side * (after.controls - before.controls)[:, column]).mean())
        if abs(gain - SHARE) < 0.02 or gain < 1e-3:
            break
        strength *= min(max(SHARE / gain, 0.3), 3.0)
    others = [each for each in world.columns if each != column]
    change = (after.controls - before.controls)[:, others].abs()
    return {
        "gain": gain,
        "strength": strength,
        "side_effects": float(change.mean()),
        "worst": float(change.mean(0).max()),
        "worst_column": others[int(change.mean(0).argmax())],
        "identity": float((after.identity * before.identity).sum(1).mean()),
        "pixels": float((after.pictures - before.pictures).abs().mean() * 127.5),
    }


def cosines(names: list[str]) -> list[list[float]]:
    """Cosines of the embedded directions, one with another."""
    vectors = torch.stack([torch.from_numpy(directions_of("puppets")[name].vector.copy()) for name in names])
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    return [[round(float(value), 2) for value in row] for row in unit @ unit.T]


def table(results: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Means over attributes by method; an attribute that a method cannot move counts as such, not in the means."""
    rows = {}
    for method, by_name in results.items():
        moved = [row for row in by_name.values() if abs(row["gain"] - SHARE) < 0.05]
        keys = ("side_effects", "worst", "identity", "pixels")
        means = {key: sum(row[key] for row in moved) / max(1, len(moved)) for key in keys}
        rows[method] = {"reached": float(len(moved)), **means}
    return rows


def show(results: dict[str, dict[str, dict[str, float]]], controls: Callable[[int], str]) -> None:
    """Print what was found."""
    count = len(next(iter(results.values())))
    print(f"\nat {SHARE:.0%} of the range of each attribute, means over those reached (of {count})")
    print("method            reached  side effects  worst other  identity  pixels")
    for method, row in table(results).items():
        print(
            f"{method:17} {row['reached']:7.0f}  {row['side_effects']:11.1%}  {row['worst']:11.1%}"
            f"  {row['identity']:8.3f}  {row['pixels']:6.1f}"
        )
    for method, by_name in results.items():
        print(f"\n{method}")
        for name, row in by_name.items():
            worst = controls(int(row["worst_column"]))
            print(
                f"  {name:13} gain {row['gain']:5.1%}  others {row['side_effects']:5.1%}"
                f"  most {worst} {row['worst']:5.1%}  identity {row['identity']:.3f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer samples, codes and attributes")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--attributes", default="", help="names between commas")
    options = parser.parse_args()
    chosen = ATTRIBUTES[:4] if options.quick else ATTRIBUTES
    names = options.attributes.split(",") if options.attributes else list(chosen)
    samples, tested = (600, 6) if options.quick else (4000, 24)
    world, start = load(), time.perf_counter()
    w = codes(world.generator, samples, 71, 1.0)
    scores = world.judge(w).controls
    methods = fitted(world, w, scores, names)
    print(
        f"{samples} codes drawn, judged and fitted in {time.perf_counter() - start:.0f} s; {tested} fresh ones to move"
    )
    fresh = codes(world.generator, tested, 72, 0.8)
    before = world.judge(fresh)
    column = {name: world.judges.config.controls.index(name) for name in names}
    results = {
        method: {name: driven(world, fresh, before, vector, column[name]) for name, vector in directions.items()}
        for method, directions in methods.items()
    }
    show(results, lambda number: world.judges.config.controls[number])
    matrix = cosines(names)
    print("\ncosines of the embedded directions")
    print(" " * 13 + " ".join(f"{name[:6]:>6}" for name in names))
    for name, row in zip(names, matrix, strict=True):
        print(f"{name:13}" + " ".join(f"{value:6.2f}" for value in row))
    if options.json:
        means = {method: {key: round(value, 4) for key, value in row.items()} for method, row in table(results).items()}
        print(json.dumps({"share": SHARE, "samples": samples, "methods": means, "cosines": matrix, "names": names}))


if __name__ == "__main__":
    main()
