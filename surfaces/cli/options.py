"""Command-line options from a declaration: one `--name` per input, with its doc, range and default."""

from __future__ import annotations

import argparse
from typing import Any

from facet.app import EditorSpec, Input
from registry.plugins import REQUIRED
from registry.weights import needs
from surfaces.cli.examples import example
from surfaces.cli.parser import Parser, text


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
    option = entry.kind.option()
    names = [f"--{entry.name.replace('_', '-')}", f"--{entry.name}"]
    extra: dict[str, Any] = {"nargs": "?", "const": option.bare} if option.bare else {}
    if option.repeated:
        extra = {"action": "append"}
        names.append(names[0].removesuffix("s"))  # --strength smile=1 --strength yaw=10
    names = list(dict.fromkeys(names))
    group.add_argument(*names, dest=entry.name, metavar=option.metavar, help=text(_help(entry)), **extra)


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
    return {name: spec.input(name).kind.given(value, name) for name, value in values.items() if value is not None}


def _description(spec: EditorSpec) -> str:
    lines = [spec.doc, "", spec.about] if spec.about else [spec.doc]
    for net in spec.nets:
        licences = ", ".join(dict.fromkeys(source.licence for source in net.sources))
        lines += ["", f"Weights: {net.name} ({licences})"]
    for sentence in needs(spec.nets):
        lines += ["", sentence]
    return text("\n".join(lines))


def _help(entry: Input) -> str:
    line = entry.kind.doc or entry.label
    line = " ".join(filter(None, (line, entry.kind.option().hint)))
    if entry.default is REQUIRED:
        return f"{line} (needed)"
    shown = entry.default if entry.default not in (None, "", (), []) else "none"
    return f"{line} (default: {'yes' if shown is True else 'no' if shown is False else shown})"
