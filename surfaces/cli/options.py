"""Command-line options from a declaration: one `--name` per input, with its doc, range and default."""

from __future__ import annotations

import argparse
from typing import Any

from facet.app import EditorSpec, Input
from registry.plugins import REQUIRED
from registry.weights import is_here, needs
from surfaces.cli.examples import example
from surfaces.cli.parser import Parser, text


def editor_parser(spec: EditorSpec) -> Parser:
    """The parser of one editor's command. Its help: a line on the editor, the options, how it works, the weights."""
    parser = Parser(
        f"facet {spec.id}", usage=_usage(spec), description=text(spec.doc), epilog=_epilog(spec), add_help=False
    )
    inputs = parser.add_argument_group("inputs")
    for entry in spec.inputs:
        add_input(inputs, entry)
    options = parser.add_argument_group("options")
    add_common(options)
    options.add_argument("--further", metavar="DIR", help="a folder for the further pictures of the result, as PNGs")
    options.add_argument("-h", "--help", action="help", help="show this help")
    return parser


def add_input(group: Any, entry: Input) -> None:
    """One option. Its value stays text: the registry judges it, as it judges what the page sends."""
    option = entry.kind.option()
    shown = [f"--{entry.name.replace('_', '-')}"]
    extra: dict[str, Any] = {"nargs": "?", "const": option.bare} if option.bare else {}
    if option.repeated:
        extra = {"action": "append"}
        shown.append(shown[0].removesuffix("s"))  # --strength smile=1 --strength yaw=10
    group.add_argument(*dict.fromkeys(shown), dest=entry.name, metavar=option.metavar, help=text(_help(entry)), **extra)
    if (alias := f"--{entry.name}") not in shown:  # the name as Python and HTTP have it: taken, but not told
        group.add_argument(alias, dest=entry.name, help=argparse.SUPPRESS, **extra)


def add_common(parser: Any) -> None:
    """Options that every command that makes a picture has; into a parser or a group of one."""
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


def _usage(spec: EditorSpec) -> str:
    needed = [entry for entry in spec.inputs if entry.default is REQUIRED]
    given = [f"--{entry.name.replace('_', '-')} {entry.kind.option().metavar or '…'}" for entry in needed]
    return text(" ".join([f"facet {spec.id}", *given, "-o OUT [options]"]))


def _epilog(spec: EditorSpec) -> str:
    return "\n\n".join(filter(None, (example(spec), text(spec.about), text(_weights(spec)))))


def _weights(spec: EditorSpec) -> str:
    """One line on an editor's networks: how many are here, how many are downloaded, what it cannot do without."""
    nets = [net for net in spec.nets if net.sources]
    if not nets:
        return ""
    absent = [net.sources[0] for net in nets if not is_here(net.sources[0])]
    here = len(nets) - len(absent)
    said = [f"{here} network{' is' if here == 1 else 's are'} here"] if here else []
    if absent:
        bound = sum(source.non_commercial for source in absent)
        terms = f" ({bound} of them non-commercial)" if bound else ""
        said.append(f"{len(absent)} {'is' if len(absent) == 1 else 'are'} downloaded when first used{terms}")
    return " ".join([f"Weights: {', '.join(said)}; see “facet weights list”.", *needs(spec.nets)])


def _help(entry: Input) -> str:
    line = entry.kind.doc or entry.label
    line = " ".join(filter(None, (line, entry.kind.option().hint)))
    if entry.default is REQUIRED:
        return f"{line} (needed)"
    shown = entry.default if entry.default not in (None, "", (), []) else "none"
    return f"{line} (default: {'yes' if shown is True else 'no' if shown is False else shown})"
