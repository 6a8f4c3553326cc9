"""``facet replay FILE -o OUT``: make a picture again from the recipe it carries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from facet import BadInput, Input, Picture, Registry, Subject, WeightsFile, replay
from registry.recipe import read_lineage
from surfaces.cli.edit import report
from surfaces.cli.options import picture_value
from surfaces.cli.output import checked_out, save
from surfaces.cli.parser import Parser


def replay_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Replay a lineage; returns the exit code."""
    found = _parser(registry).parse(arguments)
    out = checked_out(found.out)
    lineage = read_lineage(found.recipe)
    result = replay(registry, lineage, _given(registry, found))
    before = _pixels_of(found.recipe)
    same = None if before is None else before.sha256 == result.subject.sha256
    if same is False:
        print("The result differs from the file: made on another machine, or changed since.", file=sys.stderr)
    report(result, out, found.json, save(result.subject, out), identical=same)
    return 0


def _parser(registry: Registry) -> Parser:
    parser = Parser(
        "facet replay", description="Make a picture again from the recipe in a PNG, or from a recipe's JSON."
    )
    parser.add_argument("recipe", metavar="FILE", help="a PNG that Facet saved, or its recipe as JSON")
    for name in _given_inputs(registry):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, metavar="FILE", help=f"the {name} it was made with, if uploaded")
    parser.add_argument("-o", "--out", metavar="OUT", help="where to write")
    parser.add_argument("--json", action="store_true", help="print one JSON object; identical: whether FILE was met")
    return parser


def _given_inputs(registry: Registry) -> dict[str, Input]:
    """Inputs whose content no recipe holds, of all editors, by name; the subject first."""
    entries = {
        entry.name: entry
        for spec in registry
        for entry in spec.inputs
        if isinstance(entry.kind, (Picture, WeightsFile))
    }
    return dict(sorted(entries.items(), key=lambda row: (row[0] != "subject", row[0])))


def _given(registry: Registry, found: argparse.Namespace) -> dict[str, Any]:
    given = {}
    for name, entry in _given_inputs(registry).items():
        if (value := getattr(found, name)) is not None:
            given[name] = entry.check(picture_value(entry, value))
    return given


def _pixels_of(file: str) -> Subject | None:
    try:
        return Subject.read(file, "file")
    except BadInput:  # a recipe's JSON has no picture to compare with
        return None
