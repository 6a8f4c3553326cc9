"""How well directions move what they say and nothing else: the directions' part of ``python benchmarks/faces.py``.

As InterFaceGAN (Shen et al. 2020) does it, codes are sampled, drawn, and scored, here by the puppets' judges; each
method fits a direction to those scores alone. On fresh codes every direction is then driven as far as changes its own
attribute by a quarter of its range, up or down, wherever there is room, and the same judges say what else changed.
"embedded" are the directions that come with Puppets, made from the renderer's exact controls; "joint" fits all controls
at once. "| keep" takes the other attributes out (conditional manipulation): in plain W with directions for normals, as
published, or in the metric of W's covariance. "| measured" takes out what the judges saw the embedded directions do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.faces_world import Judged, World, codes
from editors.attributes.svm import available, svm
from facet.stylegan import directions_of
from nets.directions import Fit, conditional, per_deviation, ridge, spread

ATTRIBUTES = (
    *("yaw", "smile", "age", "glasses", "pitch", "roll", "mouth_open", "gender", "hat", "beard", "moustache"),
    *("hair_length", "hair_grey", "skin_tone", "face_width", "light_side", "night", "afro"),
)
SHARE = 0.25
"""Of its range that each attribute is driven."""
NEAR = 0.05
"""How near it must come to that, to count as reached."""
LEAST = 0.15
"""Mean change of the others, as a share of the attribute's own, up to which a direction counts as clean."""
TRIED, PENALTY = 8, 0.02
"""Codes on which each embedded direction is tried out, and how firmly the sums of them are held small."""


def fitted(world: World, w: Tensor, scores: Tensor, names: list[str], thorough: bool) -> dict[str, dict[str, Tensor]]:
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
    return found if thorough else {name: each for name, each in found.items() if "Σ·n" not in name}


def measured(world: World, w: Tensor, names: list[str]) -> dict[str, Tensor]:
    """Sums of all embedded directions that do one thing, as far as what each of them does adds up.

    Each is moved on its own by a tenth of its range, and the judges say what that changes; least squares finds the sum
    that changes one control and no other.
    """
    known = [name for name in directions_of("puppets") if name in world.judges.config.controls]
    vectors, effects = [], []
    for number, name in enumerate(known):
        each = directions_of("puppets")[name]
        vector = torch.from_numpy(each.vector.copy()) * (each.high - each.low) / 10
        some = torch.arange(number, len(w), max(1, len(w) // TRIED))[:TRIED] % len(w)
        change = world.judge(w[some] + vector).controls - world.judge(w[some] - vector).controls
        vectors.append(vector)
        effects.append(change[:, world.columns].mean(0) / 2)
    matrix, basis = torch.stack(effects), torch.stack(vectors)  # what each does [n, controls]; [n, w_dim]
    gram = matrix @ matrix.T + PENALTY * torch.eye(len(matrix)) * matrix.square().sum(1).mean()
    columns = [world.columns.index(world.judges.config.controls.index(name)) for name in names]
    sums = torch.linalg.solve(gram, matrix[:, columns])  # [n, names]
    return {name: sums[:, place] @ basis for place, name in enumerate(names)}


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
        "side_effects": float(change.mean()) / max(gain, 1e-3),
        "worst": float(change.mean(0).max()) / max(gain, 1e-3),
        "worst_column": others[int(change.mean(0).argmax())],
        "identity": float((after.identity * before.identity).sum(1).mean()),
        "pixels": float((after.pictures - before.pictures).abs().mean() * 127.5),
    }


Figures = dict[str, dict[str, dict[str, float]]]
"""Method → attribute → what `driven` says."""


def compare(world: World, samples: int, tested: int, names: list[str], thorough: bool) -> Figures:
    """Fit every method to `samples` codes, and drive what they find on `tested` fresh ones."""
    w = codes(world.generator, samples, 71, 1.0)
    methods = fitted(world, w, world.judge(w).controls, names, thorough)
    if thorough:
        methods["embedded | measured"] = measured(world, codes(world.generator, 8 * TRIED, 73, 0.8), names)
    fresh = codes(world.generator, tested, 72, 0.8)
    before = world.judge(fresh)
    column = {name: world.judges.config.controls.index(name) for name in names}
    return {
        method: {name: driven(world, fresh, before, vector, column[name]) for name, vector in directions.items()}
        for method, directions in methods.items()
    }


def means(results: Figures) -> dict[str, dict[str, float]]:
    """Means over attributes by method; an attribute that a method cannot move counts as such, not in the means.

    clean: attributes whose others change by `LEAST` of the attribute's own change, or less.
    """
    rows = {}
    for method, by_name in results.items():
        moved = [row for row in by_name.values() if abs(row["gain"] - SHARE) < NEAR]
        keys = ("side_effects", "worst", "identity", "pixels")
        found = {key: sum(row[key] for row in moved) / max(1, len(moved)) for key in keys}
        clean = sum(row["side_effects"] <= LEAST for row in moved)
        rows[method] = {"reached": float(len(moved)), "clean": float(clean), **found}
    return rows


def show(results: Figures, world: World) -> None:
    """Print what was found."""
    count = len(next(iter(results.values())))
    print(f"\ndirections at {SHARE:.0%} of the range of each attribute; means over those reached, of {count}")
    print(f"others: mean change of each other control, of the attribute's own; clean: attributes with <= {LEAST:.0%}")
    print(f"{'method':20} reached  clean  others  worst other  identity  pixels")
    for method, row in means(results).items():
        print(
            f"{method:20} {row['reached']:7.0f}  {row['clean']:5.0f}  {row['side_effects']:6.1%}  {row['worst']:11.1%}"
            f"  {row['identity']:8.3f}  {row['pixels']:6.1f}"
        )
    for method, by_name in results.items():
        print(f"\n{method}")
        for name, row in by_name.items():
            worst = world.judges.config.controls[int(row["worst_column"])]
            print(
                f"  {name:13} gain {row['gain']:6.1%}  others {row['side_effects']:6.1%}"
                f"  most {worst} {row['worst']:6.1%}  identity {row['identity']:.3f}"
            )


def cosines(names: list[str]) -> list[list[float]]:
    """Cosines of the embedded directions, one with another."""
    vectors = torch.stack([torch.from_numpy(directions_of("puppets")[name].vector.copy()) for name in names])
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    return [[round(float(value), 2) for value in row] for row in unit @ unit.T]
