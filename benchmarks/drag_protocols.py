"""What a drag is judged by: four protocols, for any StyleGAN2 generator and any detector of landmarks.

1. Landmarks (Pan et al. 2023, table 1): the landmarks of one generated picture are dragged to those of another; the
   mean distance between where a detector finds them afterwards and where they should be. What a tracker claims is
   another number, and no measure of anything but itself.
2. Pairs (table 2): a picture and the same with a perturbed code; points of the first are dragged to where they are in
   the second; how far the result is from the second.
3. There and back (CCSD, Ling et al. 2024): drag, then drag back; how far that is from where it began.
4. Masks: how much changes outside the mask, beside what changes inside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from editors.drag.method_session import DragSession
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import pictures

Detector = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Pictures [N, 3, h, w] in 0..1 → landmarks [N, L, 2] (x, y) in pixels, and how visible each is [N, L], 0..1."""
Distance = Callable[[Tensor, Tensor], float]
"""A perceptual distance of two pictures [3, h, w] in 0..1."""
Method = Callable[..., DragSession]
"""Makes the session of a drag: generator, w_plus, handles, targets, mask."""

ONE, FIVE = (30,), (36, 45, 30, 48, 54)  # of the 68 points of iBUG 300-W: nose tip; eye corners, nose, mouth corners
SEEN = 0.5  # a landmark less visible than this in either picture is no instruction


@dataclass(frozen=True)
class Bench:
    """What all protocols share. spread: how far codes are moved, as a share of the way to another picture's."""

    generator: Generator
    detect: Detector
    distance: Distance
    steps: int
    truncation_psi: float = 0.7
    spread: float = 1.0
    rows: int = 6

    @torch.no_grad()
    def code(self, seed: int) -> Tensor:
        """w_plus [num_ws, w_dim] of a seed."""
        code: Tensor = self.generator.mapping(self.generator.z([seed]), truncation_psi=self.truncation_psi)[0]
        return code

    def towards(self, start: Tensor, other: Tensor) -> Tensor:
        """The code with its first rows moved part of the way to another's: same colours, other pose and shape."""
        moved = start.clone()
        moved[: self.rows] = start[: self.rows].lerp(other[: self.rows], self.spread)
        return moved

    def picture(self, code: Tensor) -> Tensor:
        """[3, h, w] in 0..1."""
        return pictures(self.generator, code[None])[0]

    def landmarks(self, *codes: Tensor) -> tuple[Tensor, Tensor]:
        """Of the first 68 landmarks: places [N, 68, 2], and which are seen in all of the pictures [68]."""
        with torch.no_grad():
            places, visible = self.detect(torch.stack([self.picture(code) for code in codes]))
        return places[:, :68], (visible[:, :68] >= SEEN).all(0)


@dataclass
class Drag:
    """How one drag ended."""

    code: Tensor
    handles: list[tuple[float, float]]
    claim: float  # mean distance that the tracker reports, in pixels
    steps: int
    seconds: float  # of one processor


def run(bench: Bench, method: Method | None, start: Tensor, pairs: Tensor, mask: Tensor | None = None) -> Drag:
    """Drag pairs [n, 2, 2] (handle and target, x and y) with a method; None edits nothing."""
    handles, targets = ([tuple(point) for point in pairs[:, side].tolist()] for side in (0, 1))
    if method is None:
        claim = float((pairs[:, 0] - pairs[:, 1]).norm(dim=1).mean())
        return Drag(start, handles, claim, 0, 0.0)
    begun = time.process_time()
    session = method(bench.generator, start, handles, targets, mask)
    for _ in range(bench.steps):
        step = session.step()
        if step.arrived:
            break
    seconds = time.process_time() - begun
    return Drag(session.w_plus, list(step.handles), sum(step.distances) / len(step.distances), step.number, seconds)


def landmark_drags(bench: Bench, method: Method | None, count: int) -> dict[str, float]:
    """Protocol 1 with one, five and all points seen: mean distances in pixels, and the tracker's claim."""
    found: dict[str, list[float]] = {}
    for number in range(count):
        start = bench.code(1000 + 2 * number)
        goal = bench.towards(start, bench.code(1001 + 2 * number))
        places, seen = bench.landmarks(start, goal)
        for name, wanted in (("1", ONE), ("5", FIVE), ("all", tuple(range(68)))):
            chosen = [point for point in wanted if seen[point] and _far(places[:, point])]
            if not chosen:
                continue
            ended = run(bench, method, start, _inside(bench, places[:, chosen]).transpose(0, 1))
            now, _ = bench.landmarks(ended.code)
            apart = (now[0, chosen] - places[1, chosen]).norm(dim=1).mean()
            for key, value in (("px", float(apart)), ("claim", ended.claim), ("steps", ended.steps)):
                found.setdefault(f"{name} {key}", []).append(float(value))
            found.setdefault(f"{name} s", []).append(ended.seconds)
    middle = {
        f"{name[:-3]} median": float(torch.tensor(found[name]).median()) for name in found if name.endswith(" px")
    }
    return {name: sum(values) / len(values) for name, values in found.items()} | middle


def paired(bench: Bench, method: Method | None, count: int, points: int = 32) -> dict[str, float]:
    """Protocol 2: squared error times 100 and perceptual distance between the result and the second picture."""
    errors, distances = [], []
    for number in range(count):
        start = bench.code(2000 + 2 * number)
        goal = bench.towards(start, bench.code(2001 + 2 * number))
        places, seen = bench.landmarks(start, goal)
        usable = torch.nonzero(seen).flatten()
        order = torch.randperm(len(usable), generator=torch.Generator().manual_seed(number))
        pairs = _inside(bench, places[:, usable[order[:points]]]).transpose(0, 1)
        if not len(pairs):
            continue
        made, wanted = bench.picture(run(bench, method, start, pairs).code), bench.picture(goal)
        errors.append(100 * float((made - wanted).square().mean()))
        distances.append(bench.distance(made, wanted))
    return {"MSE x100": _mean(errors), "perceptual": _mean(distances)}


def there_and_back(bench: Bench, method: Method | None, count: int, share: float = 0.08) -> dict[str, float]:
    """Protocol 3: one landmark by a share of the picture in a random direction, and back from where it was left."""
    errors, distances = [], []
    side = bench.generator.config.resolution[0]
    for number in range(count):
        random = torch.Generator().manual_seed(3000 + number)
        start = bench.code(3000 + number)
        places, seen = bench.landmarks(start)
        usable = torch.nonzero(seen).flatten()
        handle = places[0, usable[torch.randint(len(usable), (1,), generator=random)]][0]
        angle = 2 * torch.pi * torch.rand((), generator=random)
        target = handle + share * side * torch.stack([angle.cos(), angle.sin()])
        pairs = _inside(bench, torch.stack([handle, target])[:, None]).transpose(0, 1)
        there = run(bench, method, start, pairs)
        back = torch.stack([torch.tensor(there.handles), pairs[:, 0]], 1)
        again = run(bench, method, there.code, back)
        first, last = bench.picture(start), bench.picture(again.code)
        errors.append(100 * float((first - last).square().mean()))
        distances.append(bench.distance(first, last))
    return {"MSE x100": _mean(errors), "perceptual": _mean(distances)}


def masks(bench: Bench, method: Method | None, count: int) -> dict[str, float]:
    """Protocol 4: the lower face may change, a mouth corner is pulled; mean change of pixels (of 255) out and in."""
    height, width = bench.generator.config.resolution
    out, inside, left = [], [], []
    for number in range(count):
        start = bench.code(4000 + number)
        places, _ = bench.landmarks(start)
        mask = torch.zeros(height, width, dtype=torch.bool)
        mask[int(places[0, 33, 1].clamp(0, height - 2)) :] = True  # from below the nose on
        handle = places[0, 54]
        pairs = _inside(bench, torch.stack([handle, handle + height * torch.tensor([0.02, -0.03])])[:, None])
        ended = run(bench, method, start, pairs.transpose(0, 1), mask)
        change = (bench.picture(ended.code) - bench.picture(start)).abs().mean(0) * 255
        out.append(float(change[~mask].mean()))
        inside.append(float(change[mask].mean()))
        left.append(ended.claim)
    return {"outside": _mean(out), "inside": _mean(inside), "claim px": _mean(left)}


PROTOCOLS: Mapping[str, Callable[[Bench, Method | None, int], dict[str, Any]]] = {
    "landmarks": landmark_drags,
    "pairs": paired,
    "there and back": there_and_back,
    "masks": masks,
}


def _far(ends: Tensor) -> bool:
    """Whether a landmark has to move at all."""
    return float((ends[0] - ends[1]).norm()) > 1


def _inside(bench: Bench, points: Tensor) -> Tensor:
    height, width = bench.generator.config.resolution
    return points.clamp(min=0).minimum(torch.tensor([width - 1.0, height - 1.0]))


def _mean(values: list[float]) -> float:
    return sum(values) / max(len(values), 1)
