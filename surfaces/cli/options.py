"""Command-line options from a declaration: one `--name` per input, with its doc, range and default."""

from __future__ import annotations

import argparse
from typing import Any

from facet import (
    Choice,
    DirectionNames,
    EditorSpec,
    Input,
    Labels,
    Paint,
    Picture,
    Points,
    Seed,
    Slider,
    Strengths,
    Switch,
    Text,
    WeightsFile,
)
from registry.recipe import subject_with_lineage
from registry.spec import REQUIRED
from registry.weights.needs import needs
from surfaces.cli.examples import example
from surfaces.cli.parser import Parser, text

COMMON = ("out", "json", "device", "threads", "strict")


def editor_parser(spec: EditorSpec) -> Parser:
    """The parser of one editor's command."""
    parser = Parser(f"facet {spec.id}", description=_description(spec), epilog=example(spec))
    inputs = parser.add_argument_group("inputs")
    for entry in spec.inputs:
        add_input(inputs, entry)
    add_common(parser)
    parser.add_argument("--further", metavar="DIR", help="a folder for the further pictures of the result, as PNGs")
    return parser


def add_input(group: Any, entry: Input) -> None:
    """One option. Its value stays text: the registry judges it, as it judges what the page sends."""
    extra: dict[str, Any] = {}
    if isinstance(entry.kind, Switch):
        extra = {"nargs": "?", "const": "yes"}
    names = [f"--{entry.name.replace('_', '-')}", f"--{entry.name}"]
    if isinstance(entry.kind, (Strengths, DirectionNames)):
        extra = {"action": "append"}
        names.append(names[0].removesuffix("s"))  # --strength smile=1 --strength yaw=10
    names = list(dict.fromkeys(names))
    group.add_argument(*names, dest=entry.name, metavar=_metavar(entry), help=text(_help(entry)), **extra)


def add_common(parser: Parser) -> None:
    """Options that every command that makes a picture has."""
    parser.add_argument(
        "-o", "--out", metavar="OUT", help="where to write: a .png keeps the recipe (.jpg, .webp do not), a film too"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object: out, recipe, metrics, seconds, …")
    parser.add_argument("--device", default="", help="cuda, mps or cpu (default: the best there is)")
    parser.add_argument(
        "--strict", action="store_true", help="fail where weights cannot be had and others would stand in"
    )
    parser.add_argument("--threads", default="0", help="CPU threads (default: as many as torch chooses)")


def given_values(spec: EditorSpec, found: argparse.Namespace) -> dict[str, Any]:
    """What was given on the command line, by input; an edited PNG as subject brings its lineage along."""
    values = {entry.name: getattr(found, entry.name) for entry in spec.inputs}
    return {name: picture_value(spec.input(name), value) for name, value in values.items() if value is not None}


def picture_value(entry: Input, value: str) -> Any:
    """A picture file together with the lineage it carries; anything else as it was given."""
    if isinstance(entry.kind, Picture) and value and not value.startswith("sample:"):
        return subject_with_lineage(value, entry.name)
    return value


def _description(spec: EditorSpec) -> str:
    lines = [spec.doc, "", spec.about] if spec.about else [spec.doc]
    for net in spec.nets:
        licences = ", ".join(dict.fromkeys(source.licence for source in net.sources))
        lines += ["", f"Weights: {net.name} ({licences})"]
    for sentence in needs(spec.nets):
        lines += ["", sentence]
    return text("\n".join(lines))


def _metavar(entry: Input) -> str:
    kind = entry.kind
    if isinstance(kind, Slider):
        return f"{kind.low:g}..{kind.high:g}"
    if isinstance(kind, Choice):
        return "{" + ",".join(kind.labels) + "}"
    names = {Picture: "PICTURE", Paint: "MASK", Points: "POINTS", WeightsFile: "FILE"}
    names |= {Strengths: "NAME=NUMBER", DirectionNames: "NAME", Labels: "CSV|FOLDER"}
    names |= {Seed: "SEED", Switch: "yes|no", Text: "TEXT"}
    return next((name for sort, name in names.items() if isinstance(kind, sort)), "VALUE")


def _help(entry: Input) -> str:
    line = entry.kind.doc or entry.label
    if isinstance(entry.kind, Slider) and entry.kind.unit:
        line += f" In {entry.kind.unit}."
    if isinstance(entry.kind, Picture):
        line += " A file, or sample:ID."
    if isinstance(entry.kind, Points):
        line += " As [[x, y, to x, to y], …], in pixels."
    if isinstance(entry.kind, Paint):
        line += " A black-and-white picture: white may change."
    if isinstance(entry.kind, (Strengths, DirectionNames)):
        line += f" Can be given several times; for Puppets: {', '.join(entry.kind.describe()['directions'])}."
    if isinstance(entry.kind, Labels):
        line += " A .csv with columns seed (or file) and label, a folder of PNGs, or JSON."
    if entry.default is REQUIRED:
        return f"{line} (needed)"
    shown = entry.default if entry.default not in (None, "", (), []) else "none"
    return f"{line} (default: {'yes' if shown is True else 'no' if shown is False else shown})"
