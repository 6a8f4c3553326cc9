"""Image translation in figures: ``python benchmarks/translate.py [--quick] [--json]``.

Of renders that no network learnt from, with exact labels: how well the judges parse them (the ceiling of all that
follows), and the portraits that the label encoder makes of their labels or lines and the colours of their parts, parsed
again (the FCN score of Isola et al. 2017); PSNR and perceptual distance to the truth; how far outputs differ; how much
an edit of labels changes outside of where it was painted. Of the bundled photographs: ΔE and colourfulness (Hasler and
Süsstrunk 2003) of coloured ones beside grey; PSNR and perceptual distance of halved ones that were doubled again.
Portrait ↔ ink sketch is measured as it ships; ``--unpaired`` adds networks of training that do not.
Milliseconds are of one thread, of the networks alone, at 256 pixels.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.translate_direct import direct  # noqa: E402
from benchmarks.translate_edits import drawn_by_hand  # noqa: E402
from benchmarks.translate_measures import WEIGHTS, colouring, edits, judged, networks  # noqa: E402
from benchmarks.translate_tables import show  # noqa: E402
from benchmarks.translate_unpaired import unpaired  # noqa: E402
from editors.translate.palettes import PARTS, squared  # noqa: E402
from editors.translate.parsing import cells, lines, parse  # noqa: E402
from editors.translate.polish import polished  # noqa: E402
from editors.translate.portrait import Networks, Wanted, moved  # noqa: E402
from facet import LabelMap  # noqa: E402
from nets.features import PerceptualDistance  # noqa: E402
from nets.label_encoder import colours_of, lines_of  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from nets.translation.pair import Pair  # noqa: E402
from training.controls import features  # noqa: E402
from training.generator.student import read_controls  # noqa: E402
from training.puppets import Renderer, sample  # noqa: E402
from training.translation.export import mean_iou  # noqa: E402
from training.translation.export_direct import read_direct  # noqa: E402
from training.translation.export_enlarger import (  # noqa: E402
    doubling_figures,
    read_doubling,
)
from training.translation.export_pair import METHODS, of_run, read_pair  # noqa: E402
from training.translation.unpaired import WAYS  # noqa: E402
from training.trunk.convert import read_trunk  # noqa: E402

SEED = 4242
"""Of the renders; training's are 1 and 21."""
GOAL_MS = 300


def psnr(one: Tensor, two: Tensor) -> float:
    """Of pictures in -1..1, in dB."""
    return -10 * ((one - two) / 2).square().mean().log10().item()


class Truth:
    """Renders [n, 3, 128, 128] in -1..1, their exact parts at 128 and at 64 pixels, and the colours of these."""

    def __init__(self, count: int, seed: int = SEED) -> None:
        self.params = sample(seed, count)
        frames = [Renderer("cpu", False, 1)(row[None], 128) for row in self.params]
        self.pictures = torch.cat([frame.rgb for frame in frames]) * 2 - 1
        self.whole = torch.cat([frame.parts for frame in frames]).long()
        maps = [LabelMap(parts.byte().numpy(), PARTS) for parts in self.whole]
        self.parts = torch.stack([torch.from_numpy(squared(one, 64)) for one in maps]).long()
        self.colours = colours_of(self.pictures, self.whole, len(PARTS))


def drawing(nets: Networks, truth: Truth, distance: PerceptualDistance, lined: bool) -> dict[str, float]:
    """Labels or lines → portrait: one look alone, and with two rounds of mending from a seed, as the editor does."""
    start = codes(nets.generator, [6], 0.7)
    once, mended = [], []
    for parts, colours in zip(truth.parts.split(1), truth.colours.split(1), strict=True):
        wanted = Wanted(None, lines_of(parts), colours) if lined else Wanted(parts, None, colours)
        once.append(nets.draw(nets.generator.mapping.rows(nets.encoder(wanted.look(colours)))))
        mended.append(moved(nets, start, wanted, 2, lambda: None)[1])
    named = {"": once, "mended_": mended}
    rows = {name: measured(nets, truth, distance, torch.cat(made)) for name, made in named.items()}
    return {name + key: value for name, row in rows.items() for key, value in row.items()}


def measured(nets: Networks, truth: Truth, distance: PerceptualDistance, made: Tensor) -> dict[str, float]:
    """Of pictures [n, 3, 128, 128] in -1..1 made of the renders' labels: seen again, and how near the truth."""
    found = judged(nets, made)
    return {
        "iou": mean_iou(truth.parts, found, len(PARTS)),
        "same": (found == truth.parts).float().mean().item(),
        "psnr": psnr(made, truth.pictures),
        "perceptual": distance(made, truth.pictures).mean().item(),
    }


def after_polish(nets: Networks, truth: Truth, distance: PerceptualDistance, steps: int) -> dict[str, float]:
    """Labels → portrait by two rounds from a seed, then so many steps downhill; and the seconds that one takes."""
    start, rows, begun = codes(nets.generator, [6], 0.7), [], time.process_time()
    for parts, colours in zip(truth.parts.split(1), truth.colours.split(1), strict=True):
        code, made = moved(nets, start, Wanted(parts, None, colours), 2, lambda: None)
        seen = cells(nets.judges, made)[0]
        rows.append(polished(nets, code, made, seen, parts, steps, lambda: None)[1])
    seconds = (time.process_time() - begun) / len(rows)
    return measured(nets, truth, distance, torch.cat(rows)) | {"seconds": seconds}


def ceiling(nets: Networks, truth: Truth, distance: PerceptualDistance) -> dict[str, float]:
    """The judges on true renders, and on what the generator draws of the very controls of these: the best there is."""
    found = judged(nets, truth.pictures)
    w = read_controls(WEIGHTS / "puppets_128")(features(truth.params))
    drawn = torch.cat([nets.draw(nets.generator.mapping.rows(piece)) for piece in w.split(1)])
    again = judged(nets, drawn)
    return {
        "iou": mean_iou(truth.parts, found, len(PARTS)),
        "same": (found == truth.parts).float().mean().item(),
        "generator_iou": mean_iou(truth.parts, again, len(PARTS)),
        "generator_psnr": psnr(drawn, truth.pictures),
        "generator_perceptual": distance(drawn, truth.pictures).mean().item(),
    }


def diversity(nets: Networks, truth: Truth, distance: PerceptualDistance, count: int) -> dict[str, float]:
    """Mean perceptual distance of four outputs of one drawing: in four colourings, and of four seeds."""
    coloured, seeded = [], []
    for parts in truth.parts[:count].split(1):
        palettes = [cells(nets.judges, nets.draw(codes(nets.generator, [seed], 0.9)))[1] for seed in range(1, 5)]
        start = codes(nets.generator, [6], 0.7)
        made = [moved(nets, start, Wanted(parts, None, one), 1, lambda: None)[1] for one in palettes]
        coloured.append(_apart(distance, made))
        made = [moved(nets, codes(nets.generator, [seed], 0.7), Wanted(parts, None, palettes[0]), 1, lambda: None)[1]
                for seed in range(1, 5)]  # fmt: skip
        seeded.append(_apart(distance, made))
    return {"colourings": sum(coloured) / len(coloured), "seeds": sum(seeded) / len(seeded)}


def _apart(distance: PerceptualDistance, made: list[Tensor]) -> float:
    pairs = [(a, b) for n, a in enumerate(made) for b in made[n + 1 :]]
    return sum(distance(a, b).item() for a, b in pairs) / len(pairs)


def pairs(run: Path | None) -> dict[str, Pair]:
    """The pair that ships, and those of a run by the method of training."""
    shipped = WEIGHTS / "portrait_ink"
    found = {"as shipped": read_pair(shipped)} if shipped.exists() else {}
    if run is not None:
        found |= {method: of_run(run, dict.fromkeys(WAYS, method))[0] for method in METHODS}
    return found


def enlarging(distance: PerceptualDistance, quick: bool) -> dict[str, Any]:
    """Photographs doubled by filters and by the network."""
    net, small = read_doubling(WEIGHTS / "doubling"), torch.rand(1, 3, 256, 256)
    return {"ways": doubling_figures(net, distance.net), "ms": milliseconds(lambda: net(small), 2 if quick else 5)}


def times(quick: bool) -> dict[str, float]:
    """Milliseconds of the encoder alone, of drawing at 256 pixels, of parsing, and of one round of all."""
    nets = networks(256)
    start = codes(nets.generator, [6], 0.7)
    picture = nets.draw(start)
    parts, colours, _ = cells(nets.judges, picture)
    wanted, tries = Wanted(parts, None, colours), 2 if quick else 5
    sketch = lines(drawn_by_hand(), 128)
    return {
        "encode_ms": milliseconds(lambda: nets.encoder(wanted.look(colours)), tries),
        "sketch_ms": milliseconds(lambda: nets.encoder(Wanted(None, sketch, colours).look(colours)), tries),
        "draw_ms": milliseconds(lambda: nets.draw(start), tries),
        "parse_ms": milliseconds(lambda: parse(nets.judges, picture), tries),
        "portrait_ms": milliseconds(lambda: nets.draw(nets.generator.mapping.rows(nets.encoder(wanted.look(colours)))),
                                    tries),
    }  # fmt: skip


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pictures, under a minute")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--only", default="", help="parts of the benchmark, separated by commas, e.g. direct,colours")
    parser.add_argument("--unpaired", type=Path, help="checkpoints of training.translation.unpaired, measured too")
    args = parser.parse_args()
    torch.set_num_threads(1)
    count = 12 if args.quick else 32
    with torch.no_grad():
        truth, nets = Truth(count), networks()
        distance = PerceptualDistance(read_trunk(WEIGHTS / "vgg16_edges"), plain=True)
        net = read_direct(WEIGHTS / "direct_portrait")
        seeds = [3] if args.quick else list(range(2, 8))
        parts: dict[str, Callable[[], Any]] = {
            "parser": lambda: ceiling(nets, truth, distance),
            "labels": lambda: drawing(nets, truth, distance, False),
            "lines": lambda: drawing(nets, truth, distance, True),
            "polished": lambda: after_polish(nets, truth, distance, 8 if args.quick else 24),
            "direct": lambda: direct(net, nets, truth.params, truth.pictures, truth.parts, distance, seeds),
            "diversity": lambda: diversity(nets, truth, distance, 1 if args.quick else 4),
            "edits": lambda: edits(nets, seeds),
            "edits_polished": lambda: edits(nets, seeds if args.quick else [2, 3, 5], 8 if args.quick else 24),
            "colours": lambda: colouring(args.quick),
            "enlarging": lambda: enlarging(distance, args.quick),
            "unpaired": lambda: unpaired(pairs(args.unpaired), nets, truth.pictures, truth.whole, distance),
            "milliseconds": lambda: times(args.quick),
        }
        wanted = args.only.split(",") if args.only else list(parts)
        if strange := [name for name in wanted if name not in parts]:
            parser.error(f"--only: {', '.join(strange)}: there are {', '.join(parts)}")
        found = {"renders": count} | {name: parts[name]() for name in wanted}
    show(found)
    if args.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
