"""``facet replay FILE -o OUT``: make a picture or a film again from the recipe it carries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facet import BadInput, Picture, Subject
from facet.app import Input, Registry, Result, replay
from registry.belongings import replaying
from registry.film import FORMATS, is_film
from registry.saved import film_bytes, read_lineage
from surfaces.cli.edit import report
from surfaces.cli.parser import Parser
from surfaces.outputs.files import ENDINGS, checked_out
from surfaces.outputs.films import save_result


def replay_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Replay a lineage; returns the exit code."""
    found = _parser(registry).parse(arguments)
    lineage = read_lineage(found.recipe)
    out = _checked_out(found.out, lineage[-1])
    with replaying():  # the recipe may be a stranger's: nothing but the output is written
        result = replay(registry, lineage, given_files(registry, found))
        same = _identical(result, Path(found.recipe))
        if same is False:
            print("The result differs from the file: made on another machine, or changed since.", file=sys.stderr)
        report(result, out, found.json, save_result(result, out), identical=same)
    return 0


def _parser(registry: Registry) -> Parser:
    parser = Parser(
        "facet replay", description="Make a picture or a film again from the recipe it holds, or from a recipe's JSON."
    )
    parser.add_argument("recipe", metavar="FILE", help="a PNG or a film that Facet saved, or its recipe as JSON")
    add_given(registry, parser)
    parser.add_argument("-o", "--out", metavar="OUT", help="where to write")
    parser.add_argument("--json", action="store_true", help="print one JSON object; identical: whether FILE was met")
    return parser


def _given_inputs(registry: Registry) -> dict[str, Input]:
    """Inputs whose content no recipe holds, of all editors, by name; the subject first."""
    entries = {entry.name: entry for spec in registry for entry in spec.inputs if entry.kind.by_sha256}
    return dict(sorted(entries.items(), key=lambda row: (row[0] != "subject", row[0])))


def add_given(registry: Registry, parser: Any) -> None:
    """An option for each such input, into a parser or a group of one."""
    for name in _given_inputs(registry):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, metavar="FILE", help=f"the {name} it was made with, if uploaded")


def given_files(registry: Registry, found: argparse.Namespace) -> dict[str, Any]:
    """What `add_given` was given, read: pictures and own files by input name. Raises BadInput."""
    given = {}
    for name, entry in _given_inputs(registry).items():
        if (value := getattr(found, name, None)) is not None:
            kind = Picture() if entry.kind.is_picture else entry.kind  # one editor's wishes are not another's
            given[name] = kind.check(kind.given(value, name), name)
    return given


def _checked_out(name: str | None, recipe: Mapping[str, Any]) -> Path:
    """Where the picture goes, or the film, if it is one of the format that the recipe makes."""
    film = recipe.get("film")
    if not isinstance(film, dict) or film.get("format") not in FORMATS:
        return checked_out(name)
    return checked_out(name, (f".{film['format']}", *ENDINGS))


def _identical(result: Result, file: Path) -> bool | None:
    """Whether the file was met: a film byte for byte, a picture by its pixels; None where there is only a recipe."""
    with file.open("rb") as stream:
        head = stream.read(16)
    if is_film(head):
        return result.film is not None and file.read_bytes() == film_bytes(result.film, result.subject.lineage)
    try:
        return Subject.read(str(file), "file").sha256 == result.subject.sha256
    except BadInput:  # a recipe's JSON has no picture to compare with
        return None
