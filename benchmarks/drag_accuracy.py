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
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drag_protocols import PROTOCOLS, Bench, Detector, Distance, Method  # noqa: E402
from editors.drag.generators import GENERATORS, Manners, manners_of  # noqa: E402
from editors.drag.prepare import Wishes, session_of  # noqa: E402
from facet import GeneratorRef  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402


def methods(manners: Manners) -> dict[str, Method | None]:
    """Every way to drag, with the generator's manners, and none."""
    wishes = {
        "DragGAN": Wishes(),
        "DragGAN, paper's terms": Wishes(variant="paper"),
        "DragGAN in W": Wishes(space="w"),
        "DragGAN + optical flow": Wishes(tracker="flow"),
        "FreeDrag": Wishes(update="free", mask_weight=10.0),
    }
    return {"no edit": None} | {name: partial(session_of, wish, manners) for name, wish in wishes.items()}


def judged(renders: int) -> tuple[Detector, Distance, dict[str, float]]:
    """The judge of the puppets: as detector, as perceptual distance, and its own floor over so many renders."""
    from nets.judges import FeatureDistance, from_contents, read
    from registry.weights import Net
    from registry.weights.loaded import load_net
    from registry.weights.perception import PUPPETS_JUDGES

    judges = load_net(Net("judges", from_contents, (PUPPETS_JUDGES,))).module
    features = FeatureDistance(judges)

    def detect(found: Tensor) -> tuple[Tensor, Tensor]:
        reading = read(judges, found * 2 - 1)
        return reading.landmarks, reading.visibility

    def distance(one: Tensor, two: Tensor) -> float:
        size = (judges.config.size,) * 2
        pair = (torch.nn.functional.interpolate(x[None], size, mode="bilinear", antialias=True) for x in (one, two))
        with torch.no_grad():
            return float(features(*(x * 2 - 1 for x in pair)))

    return detect, distance, floor(detect, renders)


@torch.no_grad()
def floor(detect: Detector, count: int, size: int = 128) -> dict[str, float]:
    """The detector's mean error in pixels over rendered puppets that no training saw, by the sets of points."""
    from benchmarks.drag_protocols import FIVE, ONE
    from training.puppets import Renderer, sample
    from training.puppets.landmarks import landmarks, visibility

    params = sample(900_077, count)
    places, _ = detect(Renderer()(params, size).rgb)
    away = (places[:, :68] - landmarks(params, size)[:, :68]).norm(dim=2)
    seen = visibility(params)[:, :68]
    sets = {"1": list(ONE), "5": list(FIVE), "all": list(range(68))}
    return {name: float(away[:, which][seen[:, which]].mean()) for name, which in sets.items()}


def embedded() -> tuple[Generator, Manners]:
    """The embedded generator and its manners."""
    from registry.weights.loaded import load_net

    generator = load_net(GENERATORS[0]).module
    return generator, manners_of(GeneratorRef(GENERATORS[0].name), generator.config)


def own(path: str, detector: str) -> tuple[Generator, Manners, Detector]:
    """A generator of one's own and the function that finds its landmarks."""
    from nets.stylegan2.contents import from_contents
    from registry.readers import read_tensors

    module, _, name = detector.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    generator = from_contents(read_tensors(Path(path))).eval().requires_grad_(False)
    return generator, manners_of(None, generator.config), getattr(importlib.import_module(module), name)


def plain_distance(one: Tensor, two: Tensor) -> float:
    """Where there is no perceptual distance: the mean absolute difference."""
    return float((one - two).abs().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pair, 12 steps: whether it runs, no figures")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--pairs", type=int, default=20, help="pictures for each protocol")
    parser.add_argument("--steps", type=int, default=300, help="most steps of a drag")
    parser.add_argument("--generator", help="a generator's file, with --detector")
    parser.add_argument("--detector", help="module:function")
    options = parser.parse_args()
    count, steps = (1, 12) if options.quick else (options.pairs, options.steps)
    torch.set_num_threads(1)

    floors: dict[str, float] = {}
    if options.generator and options.detector:
        generator, manners, detect = own(options.generator, options.detector)
        distance: Distance = plain_distance
    else:
        generator, manners = embedded()
        detect, distance, floors = judged(4 if options.quick else 48)
    bench = Bench(generator, detect, distance, steps, rows=manners.rows)
    figures: dict[str, float] = {f"floor {name}": round(value, 3) for name, value in floors.items()}
    for protocol, judge in PROTOCOLS.items():
        print(f"\n{protocol} ({count} pictures of {generator.config.resolution[0]} px, at most {steps} steps)")
        if protocol == "landmarks" and floors:
            print("  the judge's own floor: " + ", ".join(f"{k}: {v:.2f} px" for k, v in floors.items()))
        for name, method in methods(manners).items():
            row = judge(bench, method, count)
            print(f"  {name:<24}" + "  ".join(f"{key} {value:.2f}" for key, value in row.items()), flush=True)
            figures |= {f"{protocol}, {name}, {key}": round(value, 4) for key, value in row.items()}
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
