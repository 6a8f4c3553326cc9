"""All ways of restyling on the same pictures, Neural style against the plain recipe, the cost of colour transfer.

    python benchmarks/style.py [--quick] [--json] [--kept ROWS.jsonl]
    python benchmarks/style.py --methods [--only adain wct] [--most 6] [--size 256] [--json]     only the first of these
    python benchmarks/style.py --largest adain --megapixels 24 [--threads 2] [--save RESULT.png] [--json]
    python benchmarks/style.py --sheet docs/style

All of it takes some twenty minutes on one quiet core. ``--kept`` names a file that rows are kept in as they come; the
same command again goes on from there. Pictures are judged at 256 pixels; seconds and memory are those at 512.

AdaIN and WCT stand beside the published formulas on the same networks, on the whole picture and not by tiles.

The plain recipe is the published one (Gatys, Ecker, Bethge 2016): Gram matrices, one scale, L-BFGS from the photograph,
with `nets.gabor.GaborPyramid` in the place of VGG-19; ``firm`` is the same with a heavier content weight, nearer to the
structure that ours keeps. All give pictures of equal size and run in turns on one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.kept import Kept  # noqa: E402
from benchmarks.style_methods import (  # noqa: E402
    CONTENTS,
    STYLES,
    against_the_formulas,
    compare_methods,
    cost,
    largest,
)
from benchmarks.style_sheet import colour_sheet, method_sheet, paint_sheet  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from editors.style.neural import Settings, fit, paint  # noqa: E402
from facet import Subject  # noqa: E402
from metrics import METRICS  # noqa: E402
from nets.colour import METHODS, transfer  # noqa: E402
from nets.gabor import GaborPyramid, to_opponent  # noqa: E402

PAIRS = (("hopper", "night"), ("lake", "knife"), ("coffee", "mosaic"), ("chelsea", "watercolour"))
Way = Callable[[Tensor, Tensor], Tensor]
MEASURED = ("style_gabor", "style_random", "colour_distance", "chroma_speckle", "ssim", "edge_f1")


def plain_recipe(content: Tensor, style: Tensor, size: int, iterations: int, weight: float = 0.08) -> Tensor:
    """Gatys, Ecker, Bethge 2016, equations 1 to 7: RGB [1, 3, h, w] in 0..1. `weight` is that of the content."""
    net = GaborPyramid()
    goal = fit(content, size)
    scale = (goal.shape[2] * goal.shape[3] / (style.shape[2] * style.shape[3])) ** 0.5
    look = fit(style, round(max(style.shape[2:]) * scale))
    with torch.no_grad():
        wanted = [_gram(tap) for tap in net(to_opponent(look))]
        kept = net(to_opponent(goal))[4]
    x = goal.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([x], max_iter=iterations, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        taps = net(to_opponent(x))
        loss = weight * (taps[4] - kept).square().mean() / kept.var()
        for tap, gram in zip(taps, wanted, strict=True):
            loss = loss + (_gram(tap) - gram).square().sum() / gram.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return x.detach().clamp(0, 1)


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def ours(content: Tensor, style: Tensor, size: int, effort: int) -> Tensor:
    """The editor's method at its defaults."""
    return list(paint(content, style, Settings(size=size, effort=effort)))[-1].picture


def to_pixels(picture: Tensor) -> np.ndarray:
    return (picture[0].permute(1, 2, 0).clamp(0, 1).numpy() * 255 + 0.5).astype(np.uint8)


def timed(function: Callable[[], Tensor]) -> tuple[Tensor, float]:
    began = time.process_time()
    result = function()
    return result, time.process_time() - began


def compare(
    pairs: tuple[tuple[str, str], ...], size: int, iterations: int, effort: int, kept: Kept
) -> dict[str, float]:
    """Means over the pairs, ``plain_…``, ``firm_…`` and ``ours_…``."""
    sums: dict[str, float] = {}
    for content_id, style_id in pairs:
        subject, style = Subject.read(f"sample:{content_id}"), Subject.read(f"sample:{style_id}")
        ways = {
            "plain": lambda c, s: plain_recipe(c, s, size, iterations),
            "firm": lambda c, s: plain_recipe(c, s, size, iterations, weight=2),
            "ours": lambda c, s: ours(c, s, size, effort),
        }
        for name, way in ways.items():

            def measured(way: Way = way, subject: Subject = subject, style: Subject = style) -> dict[str, float]:
                picture, seconds = timed(lambda: way(subject.tensor(), style.tensor()))
                pictures = {"result": to_pixels(picture), "subject": subject.pixels, "style": style.pixels}
                return {key: float(METRICS[key](**pictures)) for key in MEASURED} | {"cpu_seconds": seconds}

            for key, value in kept.of(f"{name}, {content_id}, {style_id}, {size}", measured).items():
                sums[f"{name}_{key}"] = sums.get(f"{name}_{key}", 0) + value / len(pairs)
    return sums


def colour_milliseconds(repeats: int = 3) -> dict[str, float]:
    """Fastest of a few runs on a picture of one megapixel, per method."""
    generator = torch.Generator().manual_seed(0)
    content, style = (torch.rand(1, 3, *size, generator=generator) for size in ((1000, 1000), (512, 512)))
    return {
        f"colour_{method}_ms": 1e3 * min(timed(lambda m=method: transfer(content, style, m))[1] for _ in range(repeats))
        for method in METHODS
    }


def show_methods(quick: bool, size: int, only: Sequence[str], most: int, kept: Kept) -> dict[str, dict[str, float]]:
    """Prints the table of methods and returns its figures."""
    contents, styles = (CONTENTS[:1], STYLES[:1]) if quick else (CONTENTS[:most], STYLES[:most])
    costs = cost(size, only, kept, 1.0) if quick else cost(512, only, kept)
    rows = {name: costs[name] | row for name, row in compare_methods(size, contents, styles, only, kept).items()}
    columns = list(dict.fromkeys(key.removesuffix("*") for row in rows.values() for key in row))
    marked = {n: [f"{r[c + '*']:.3g}*" if c + "*" in r else round(r[c], 3) for c in columns] for n, r in rows.items()}
    print(table(f"{len(contents)} x {len(styles)} at {size} px", columns, marked))
    rows["largest difference from the formulas, levels"] = against_the_formulas(min(size, 320))
    print(rows["largest difference from the formulas, levels"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pair, a small picture, fewer iterations")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--sheet", type=Path, metavar="FOLDER", help="paint the sheets for the docs instead")
    parser.add_argument("--only", nargs="*", help="sheets to paint, or with --methods ids of editors (default all)")
    parser.add_argument("--size", type=int, help="longer side of pictures (default: sheets 320, judged ones 256)")
    parser.add_argument("--kept", type=Path, help="file of rows, from which an earlier run goes on")
    parser.add_argument("--methods", action="store_true", help="only the table of methods")
    parser.add_argument("--most", type=int, default=6, help="of --methods: photographs, and styles (default 6)")
    parser.add_argument("--largest", choices=("adain", "wct", "fast_style"), help="paint one large picture")
    parser.add_argument("--megapixels", type=float, default=24, help="how large (default 24)")
    parser.add_argument("--threads", type=int, default=1, help="of --largest (default 1)")
    parser.add_argument("--save", type=Path, metavar="RESULT.png", help="of --largest: keep the picture")
    options = parser.parse_args()
    torch.set_num_threads(1)
    kept = Kept(options.kept)
    if options.largest or options.methods:
        found = (
            largest(options.largest, options.megapixels, options.threads, options.save)
            if options.largest
            else show_methods(options.quick, options.size or 256, options.only or (), options.most, kept)
        )
        print(json.dumps(found) if options.json else found)
        return
    if options.sheet:
        options.sheet.mkdir(parents=True, exist_ok=True)
        size = options.size or 320
        sheets = {"colour": colour_sheet, "sheet": lambda: paint_sheet(size)}
        sheets |= {name: partial(method_sheet, name, size) for name in ("adain", "wct", "fast_style", "methods")}
        for name in options.only or sheets:
            sheet = sheets[name]()
            path = options.sheet / f"{name}.webp"
            path.write_bytes(sheet)
            print(f"{path}: {len(sheet) // 1024} KB")
        return
    list(paint(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32), Settings(size=32, effort=4)))  # warm up
    figures = colour_milliseconds()
    plan = (PAIRS[:1], 160, 60, 24) if options.quick else (PAIRS, 256, 120, Settings.effort)
    figures |= compare(*plan, kept)
    figures["speed_ratio"] = figures["plain_cpu_seconds"] / figures["ours_cpu_seconds"]
    figures = {name: round(value, 4) for name, value in figures.items()}
    rows = show_methods(options.quick, 128 if options.quick else 256, (), options.most, kept)
    for name, value in figures.items():
        print(f"{name:28s} {value:g}")
    if options.json:
        print(json.dumps(figures | {"methods": rows}))


if __name__ == "__main__":
    main()
