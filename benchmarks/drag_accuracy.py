"""How well drags end: ``python benchmarks/drag_accuracy.py [--quick] [--json] [--pairs N] [--steps N]``.

Four protocols (see drag_protocols.py), every method beside "no edit". On the embedded Puppets the landmarks are found
by their own judge, whose error on rendered puppets, where every landmark is known exactly, is printed as the floor: no
method can be told from a perfect one below it. The figures compare methods with each other, not with other tables.

Any StyleGAN2 generator will do, with a detector of its landmarks (68 points of iBUG 300-W, or the first 68 of more):

    python benchmarks/drag_accuracy.py --generator ffhq.pt --detector my_module:detect

where ``detect`` takes pictures [N, 3, h, w] in 0..1 and gives landmarks [N, L, 2] in pixels and visibility [N, L].
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drag_protocols import PROTOCOLS, Bench, Detector, Distance, Method  # noqa: E402
from editors.drag.generators import GENERATORS, DragPreset, preset_of  # noqa: E402
from editors.drag.guess import FLOW, FLOWS  # noqa: E402
from editors.drag.method_session import DragSession  # noqa: E402
from editors.drag.prepare import DragOptions, session_of  # noqa: E402
from facet.stylegan import GeneratorRef  # noqa: E402
from nets.drag_flow import DragFlow, flowed  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from registry.generators import EMBEDDED  # noqa: E402
from registry.weights import load_net  # noqa: E402

HALF = 0.5  # the renderer's landmarks put a pixel's centre at a half, drags put it at a whole number
Points = list[tuple[float, float]]


def methods(preset: DragPreset, flow: DragFlow | None = None) -> dict[str, Method | None]:
    """Every way to drag, with the generator's preset, and none; `flow`: the learned rival, where there is one."""
    tried = {
        "DragGAN": DragOptions(motion="published"),
        "DragGAN, paper's terms": DragOptions(motion="published", variant="paper"),
        "DragGAN in W": DragOptions(motion="published", space="w"),
        "DragGAN + optical flow": DragOptions(motion="published", tracker="flow"),
        "FreeDrag": DragOptions(motion="published", update="free", mask_weight=10.0),
        "axes of W": DragOptions(motion="axes"),
        "FreeDrag, axes of W": DragOptions(motion="axes", update="free", mask_weight=10.0),
    }
    made: dict[str, Method | None] = {name: partial(session_of, wish, preset) for name, wish in tried.items()}
    if flow is not None:
        made |= {"one look": one_look(flow), "axes of W, first guess": partial(guessed, flow, preset)}
    return {"no edit": None} | made


def guessed(
    flow: DragFlow, preset: DragPreset, generator: Generator, start: Tensor, handles: Points, targets: Points,
    mask: Tensor | None = None,
) -> DragSession:  # fmt: skip
    """A drag along axes that starts where the learned rival ends."""
    return session_of(DragOptions(motion="axes"), preset, generator, start, handles, targets, mask, flow)


def one_look(flow: DragFlow) -> Method:
    """The learned rival as a session of a single step; it knows no mask."""

    def method(
        generator: Generator, start: Tensor, handles: Points, targets: Points, mask: Tensor | None = None
    ) -> Any:
        pairs = torch.stack([torch.tensor(handles), torch.tensor(targets)], 1)
        w_plus, ends, _ = flowed(flow, start, pairs, generator.config.resolution)
        apart = (ends - pairs[:, 1]).norm(dim=1).tolist()
        step = SimpleNamespace(arrived=True, handles=[tuple(end) for end in ends.tolist()], distances=apart, number=1)
        return SimpleNamespace(step=lambda: step, w_plus=w_plus)

    return method


def judged(renders: int, size: int = 128) -> tuple[Detector, Distance, dict[str, float]]:
    """The judge of the puppets: as detector, as perceptual distance, and its floor over renders of that size."""
    from nets.judges import FeatureDistance, from_contents, read
    from registry.weights import PUPPETS_JUDGES, Net

    judges = load_net(Net("judges", from_contents, (PUPPETS_JUDGES,))).module
    features = FeatureDistance(judges)

    def detect(found: Tensor) -> tuple[Tensor, Tensor]:
        reading = read(judges, found * 2 - 1, careful=True)
        return reading.landmarks - HALF, reading.visibility

    def distance(one: Tensor, two: Tensor) -> float:
        size = (judges.config.size,) * 2
        pair = (torch.nn.functional.interpolate(x[None], size, mode="bilinear", antialias=True) for x in (one, two))
        with torch.no_grad():
            return float(features(*(x * 2 - 1 for x in pair)))

    return detect, distance, floor(detect, renders, size)


@torch.no_grad()
def floor(detect: Detector, count: int, size: int) -> dict[str, float]:
    """The detector's mean error in pixels over rendered puppets that no training saw, by the sets of points."""
    from benchmarks.drag_protocols import FIVE, ONE
    from training.puppets import Renderer, sample
    from training.puppets.landmarks import landmarks, visibility

    params = sample(900_077, count)
    places, _ = detect(Renderer()(params, size).rgb)
    away = (places[:, :68] + HALF - landmarks(params, size)[:, :68]).norm(dim=2)
    seen = visibility(params)[:, :68]
    sets = {"1": list(ONE), "5": list(FIVE), "all": list(range(68))}
    return {name: float(away[:, which][seen[:, which]].mean()) for name, which in sets.items()}


def embedded(size: int) -> tuple[Generator, DragPreset]:
    """The embedded generator of that size and its preset."""
    name = next(name for name, weights in EMBEDDED.items() if weights.file.startswith(f"puppets_{size}/"))
    generator = load_net(next(net for net in GENERATORS if net.name == name)).module
    return generator, preset_of(GeneratorRef(name), generator.config)


def own(path: str, detector: str) -> tuple[Generator, DragPreset, Detector]:
    """A generator of one's own and the function that finds its landmarks."""
    from nets.stylegan2.contents import from_contents
    from registry.readers import read_tensors

    module, _, name = detector.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    generator = from_contents(read_tensors(Path(path))).eval().requires_grad_(False)
    return generator, preset_of(None, generator.config), getattr(importlib.import_module(module), name)


def plain_distance(one: Tensor, two: Tensor) -> float:
    """Where there is no perceptual distance: the mean absolute difference."""
    return float((one - two).abs().mean())


def picked(offered: Mapping[str, Any], names: str) -> dict[str, Any]:
    """Those of the names, separated by semicolons; all when there are none. Raises SystemExit for an unknown one."""
    chosen = names.split(";") if names else list(offered)
    if unknown := [name for name in chosen if name not in offered]:
        raise SystemExit(f"unknown: {', '.join(unknown)}; there are: {'; '.join(offered)}")
    return {name: offered[name] for name in chosen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pair, 12 steps: whether it runs, no figures")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--pairs", type=int, default=20, help="pictures for each protocol")
    parser.add_argument("--steps", type=int, default=300, help="most steps of a drag")
    parser.add_argument("--methods", default="", help="names of methods, separated by semicolons; all")
    parser.add_argument("--protocols", default="", help="names of protocols, as above; all")
    parser.add_argument("--size", type=int, default=128, choices=[128, 256], help="which embedded generator")
    parser.add_argument("--generator", help="a generator's file, with --detector")
    parser.add_argument("--detector", help="module:function")
    options = parser.parse_args()
    count, steps = (1, 12) if options.quick else (options.pairs, options.steps)
    torch.set_num_threads(1)

    floors: dict[str, float] = {}
    flow: DragFlow | None = None
    if options.generator and options.detector:
        generator, preset, detect = own(options.generator, options.detector)
        distance: Distance = plain_distance
    else:
        generator, preset = embedded(options.size)
        flow = load_net(FLOW).module if FLOWS else None
        detect, distance, floors = judged(4 if options.quick else 48, options.size)
    bench = Bench(generator, detect, distance, steps, rows=preset.rows)
    figures: dict[str, float] = {f"floor {name}": round(value, 3) for name, value in floors.items()}
    chosen, asked = picked(methods(preset, flow), options.methods), picked(PROTOCOLS, options.protocols)
    for protocol, judge in asked.items():
        print(f"\n{protocol} ({count} pictures of {generator.config.resolution[0]} px, at most {steps} steps)")
        if protocol == "landmarks" and floors:
            print("  the judge's own floor: " + ", ".join(f"{k}: {v:.2f} px" for k, v in floors.items()))
        for name, method in chosen.items():
            row = judge(bench, method, count)
            print(f"  {name:<24}" + "  ".join(f"{key} {value:.2f}" for key, value in row.items()), flush=True)
            figures |= {f"{protocol}, {name}, {key}": round(value, 4) for key, value in row.items()}
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
