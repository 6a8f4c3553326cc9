"""What adaptation to one picture does: manner reached, people kept apart, edits still working; and sheets to look at.

``python benchmarks/adapt.py --quick --json`` trains a few steps at 128 pixels. ``--generators NAME …`` measures
embedded adapted generators as they are, without training; ``--sheet FOLDER`` writes a sheet for each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from benchmarks.adapt_measures import Judge, figures, sheet  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from editors.adapt.reference import reference_of  # noqa: E402
from facet import Net, Subject  # noqa: E402
from facet.stylegan import generator_nets  # noqa: E402
from facet.weights import PUPPETS_ENCODER, VGG16_EDGES  # noqa: E402
from nets.adapt import Difa, Manner, Objective, Painted, Plan, Terms, adapt  # noqa: E402
from nets.encoder import from_contents as encoder_from_contents  # noqa: E402
from nets.features import from_contents as trunk_from_contents  # noqa: E402
from nets.inversion.delta import with_delta  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from nets.stylegan2.contents import from_contents  # noqa: E402
from registry.weights import load_net  # noqa: E402

METHODS = ("source", "painted", "difa", "difa without local", "difa without consistency", "difa without direction")


def loaded(name: str) -> Generator:
    """One of the generators that editors offer."""
    return load_net(next(net for net in generator_nets(from_contents) if net.name == name)).module


def objective(method: str, source: Generator, style: str) -> Objective:
    """What a method trains towards, or one with a term left out."""
    trunk = load_net(Net("trunk", trunk_from_contents, (VGG16_EDGES,))).module
    picture, seen = reference_of(Subject.read(f"sample:{style}"), None, "cpu")
    if method == "painted":
        return Painted(source, trunk, picture, Manner(), seen)
    encoder = load_net(Net("encoder", encoder_from_contents, (PUPPETS_ENCODER,))).module
    left_out = method.removeprefix("difa").removeprefix(" without ")
    return Difa(source, trunk, encoder, picture, Terms(**({left_out: 0.0} if left_out else {})), seen)


def adapted(method: str, source: Generator, style: str, steps: int) -> tuple[Generator, float]:
    """The adapted generator as it would be kept, and the seconds of processor time that it took."""
    begun = time.process_time()
    if method == "source":
        return source, 0.0
    last = list(adapt(source, objective(method, source, style), Plan(steps=steps)))[-1]
    return with_delta(source, last.delta()), time.process_time() - begun


def main() -> None:
    """Reads the command line, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--styles", nargs="+", default=["ink", "oil"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--generators", nargs="*", default=[], help="embedded adapted generators, e.g. puppets_ink")
    parser.add_argument("--model", default="puppets_256")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--sheet", type=Path, help="folder for a sheet of each")
    parser.add_argument("--quick", action="store_true", help="one style, a few steps, 128 pixels")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.quick:
        args.styles, args.model, args.steps = args.styles[:1], "puppets", 8
        args.methods = ("source", "painted", "difa")
    judge, rows = Judge(6 if args.quick else 12), {}
    source = loaded(args.model)
    trained = [] if args.generators else [(style, method) for style in args.styles for method in args.methods]
    for style, method in trained:
        made, seconds = adapted(method, source, style, args.steps)
        rows[f"{style}, {method}"] = figures(judge, source, made, style) | {"cpu_s": round(seconds, 1)}
        if args.sheet:
            sheet(source, made, style, args.sheet / f"{style}_{method.replace(' ', '_')}.webp")
    for name in args.generators:
        made, style = loaded(name), name.removeprefix("puppets_")
        rows[name] = figures(judge, loaded("puppets_256"), made, style)
        if args.sheet:
            sheet(loaded("puppets_256"), made, style, args.sheet / f"{style}.webp")
    columns = list(next(iter(rows.values())))
    print(table("adapted", columns, {name: [row.get(column) for column in columns] for name, row in rows.items()}))
    if args.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
