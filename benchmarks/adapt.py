"""What adaptation to one picture does: manner reached, people kept apart, edits still working; and sheets to look at.

``python benchmarks/adapt.py --quick --json`` trains a few steps at 128 pixels. ``--generators NAME …`` measures
embedded adapted generators as they are, without training; ``--sheet FOLDER`` writes a sheet for each. ``--inverted
FILE`` writes a sheet of paintings in the manner of each of `--styles`, inverted in `--steps` through the source and
through the embedded adapted generator.
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
from torch import Tensor  # noqa: E402

from benchmarks.adapt_inverted import inverted  # noqa: E402
from benchmarks.adapt_measures import Judge, figures, sheet  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from editors.adapt import adapt as editor  # noqa: E402
from editors.adapt.course import LIVE  # noqa: E402
from editors.adapt.objectives import CRITIC, Aims  # noqa: E402
from editors.adapt.reference import Reference, reference_of  # noqa: E402
from editors.one_pass import adain  # noqa: E402
from facet import Context, Subject  # noqa: E402
from facet.app import finish  # noqa: E402
from facet.stylegan import generator_nets  # noqa: E402
from nets.adapt import Difa, Jojo, Objective, Plan, Terms, TrunkSight, adapt  # noqa: E402
from nets.adapt.critic import SIZE as CRITIC_SIZE  # noqa: E402
from nets.inversion.delta import with_delta  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from nets.stylegan2.contents import from_contents  # noqa: E402
from nets.stylegan2.sampling import codes, picture, pictures  # noqa: E402
from registry.weights import load_net  # noqa: E402

METHODS = (
    "source",
    "painted",
    "difa",
    "difa without local",
    "difa without consistency",
    "difa without direction",
    "jojo",
    "jojo_colour",
)
STYLES = tuple(row["id"] for row in json.loads((ROOT / "assets" / "styles" / "styles.json").read_text()))
READY = ("ink", "watercolour", "oil", "bronze")
"""The bundled pictures that a ready-made generator comes of."""
SITTER = 40
"""Seed of the portrait that JoJoGAN learns from, restyled with the reference, as references show no face."""


def loaded(name: str) -> Generator:
    """One of the generators that editors offer."""
    return load_net(next(net for net in generator_nets(from_contents) if net.name == name)).module


def objective(method: str, source: Generator, model: str, style: str, plan: Plan) -> Objective:
    """What a method trains towards, or one with a term left out."""
    ctx = Context(nets=editor.nets)
    aims = Aims(ctx, source, model, plan)
    reference = reference_of(Subject.read(f"sample:{style}"), None, "cpu")
    if method.startswith("jojo"):
        portrait = sitter(source, style)
        with torch.no_grad():
            code = aims.encoder("method")(portrait * 2 - 1)
        return Jojo(ctx.net(CRITIC.name), CRITIC_SIZE, code, portrait, method.endswith("colour"))
    left_out = method.removeprefix("difa").removeprefix(" without ")
    if method == "painted" or not left_out:
        return aims.towards(method, reference)
    terms = Terms(**{left_out: 0.0})
    encoder = aims.units(aims.encoder("method")) if terms.consistency else None
    return Difa(source, [TrunkSight(ctx.net("vgg16_edges"))], encoder, *_split(reference, terms))


def _split(reference: Reference, terms: Terms) -> tuple[Tensor, Terms, Tensor | None]:
    return reference.picture, terms, reference.seen


def sitter(source: Generator, style: str) -> Tensor:
    """A portrait in the manner of a bundled picture, by a method that adapts nothing: [1, 3, h, w] in 0..1."""
    plain = picture(source, codes(source, [SITTER], 0.8)).permute(1, 2, 0).numpy()
    return finish(adain, {"subject": plain, "style": f"sample:{style}"}, threads=1).subject.tensor()


def adapted(method: str, source: Generator, model: str, style: str, steps: int) -> tuple[Generator, dict[str, float]]:
    """The adapted generator as it would be kept, and processor seconds: to the first live picture, and of all."""
    if method == "source":
        return source, {"first_s": 0.0, "cpu_s": 0.0}
    begun, plan, first = time.process_time(), Plan(steps=steps), 0.0
    trained = adapt(source, objective(method, source, model, style, plan), plan)
    for last in trained:
        if last.step == 1:
            pictures(last.generator, codes(source, range(LIVE), plan.truncation_psi))
            first = time.process_time() - begun
    spent = time.process_time() - begun
    return with_delta(source, last.delta()), {"first_s": round(first, 1), "cpu_s": round(spent, 1)}


def means(rows: dict[str, dict[str, float]], method: str) -> dict[str, float]:
    """Of each figure over all references."""
    mine = [row for name, row in rows.items() if name.endswith(f", {method}")]
    return {name: round(sum(row[name] for row in mine) / len(mine), 3) for name in mine[0]}


def report(rows: dict[str, dict[str, float]], as_json: bool) -> None:
    """Prints the table, and with `as_json` the same as one line."""
    columns = list(next(iter(rows.values())))
    print(table("adapted", columns, {name: [row.get(column) for column in columns] for name, row in rows.items()}))
    if as_json:
        print(json.dumps(rows))


def main() -> None:
    """Reads the command line, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=READY)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--generators", nargs="*", default=[], help="embedded adapted generators, e.g. puppets_ink")
    names = sorted(net.name for net in generator_nets(from_contents) if net.name.startswith("puppets"))
    parser.add_argument("--model", choices=names, default="puppets")
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--people", type=int, default=8, help="how many are judged")
    parser.add_argument("--sheet", type=Path, help="folder for a sheet of each")
    parser.add_argument("--inverted", type=Path, help="write the sheet of inverted paintings instead")
    parser.add_argument("--quick", action="store_true", help="one style, a few steps, 128 pixels")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.quick:
        args.styles, args.model, args.steps = ("ink",), "puppets", 8
        args.methods = ("source", "painted", "difa")
    source, rows = loaded(args.model), {}
    if args.inverted:
        rows = inverted(source, args.styles, loaded, args.steps, args.inverted)
        report(rows, args.json)
        return
    judge = Judge(source, 6 if args.quick else args.people)
    trained = [] if args.generators else [(style, method) for style in args.styles for method in args.methods]
    for style, method in trained:
        made, seconds = adapted(method, source, args.model, style, args.steps)
        rows[f"{style}, {method}"] = figures(judge, made, style) | seconds
        print(style, method, rows[f"{style}, {method}"], file=sys.stderr, flush=True)
        if args.sheet:
            sheet(source, made, style, args.sheet / f"{style}_{method.replace(' ', '_')}.webp")
    for name in args.generators:
        made, style = loaded(name), name.removeprefix("puppets_")
        rows[name] = figures(judge, made, style)
        if args.sheet:
            sheet(source, made, style, args.sheet / f"{style}.webp")
    if len(args.styles) > 1 and trained:
        rows |= {f"mean, {method}": means(rows, method) for method in args.methods}
    report(rows, args.json)


if __name__ == "__main__":
    main()
