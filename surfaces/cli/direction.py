"""``facet direction list|fit|add``: the sliders that generators offer, one of your own, one that somebody published."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from facet import BadInput, EditorError
from facet.app import EditorSpec, Registry, new_stop, run
from facet.stylegan import Direction, directions_of, generator_entry, w_space
from registry.bounds import shown
from registry.directions import PUBLISHED, keep, own_directions, own_files, passed_over, read_foreign
from registry.execution import NOT_KEPT
from registry.paths import existing_file
from registry.weights import entries, file_sha256
from surfaces.cli.parser import Parser
from surfaces.cli.progress import finished, interruptible
from surfaces.outputs.files import checked_out, save

FITS = "train"
"""The task of the editors that fit directions: to `samples`, or to a `target` in words."""


def direction_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Do one of the three; returns the exit code."""
    parser = Parser("facet direction", description=__doc__)
    _add_actions(parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser))
    found = parser.parse(arguments)
    actions: dict[str, Callable[[Registry, argparse.Namespace], int]] = {"list": _list, "fit": _fit, "add": _add}
    return actions[found.action](registry, found)


def _add_actions(actions: Any) -> None:
    def add(name: str, about: str) -> Parser:
        parser: Parser = actions.add_parser(name, help=about, description=about)
        parser.add_argument("--json", action="store_true", help="print JSON")
        return parser

    listing = add("list", "the directions that generators offer, and files that were passed over")
    listing.add_argument("--generator", metavar="ID", help="only of this generator")
    fitting = add("fit", "fit a direction to labelled pictures, or in words; it becomes a slider of its generator")
    labels = fitting.add_mutually_exclusive_group(required=True)
    labels.add_argument("--samples", metavar="CSV|FOLDER", help="seed,label or file,label; or PNGs")
    labels.add_argument("--words", metavar="TEXT", help="let CLIP label random pictures, e.g. “smiling face”")
    fitting.add_argument("--neutral", metavar="TEXT", help="with --words: what the others are (default: face)")
    fitting.add_argument("--pictures", metavar="NUMBER", help="with --words: how many are looked at (default: 400)")
    fitting.add_argument("--name", required=True, help="what the slider is called, e.g. big_grin")
    fitting.add_argument("--model", default="puppets", metavar="ID", help="the generator (default: puppets)")
    fitting.add_argument("--method", default="ridge", help="ridge, logistic, mean, svm or svm_middle (default: ridge)")
    fitting.add_argument("--follow", default="yes", metavar="yes|no", help="move along Σ·normal (default: yes)")
    fitting.add_argument("--truncation-psi", default="0.8", metavar="PSI", help="what the seeds were drawn with")
    fitting.add_argument("-o", "--out", metavar="OUT", help="also write the sheet of three faces that move along it")
    adding = add("add", "bring in a direction that somebody else made: .npy, .pt or .safetensors")
    adding.add_argument("file", help="the file; nothing in it is executed")
    adding.add_argument("--generator", metavar="ID", help="whose W space it lies in; known for published files")
    for name, about in {"name": "its id", "title": "what the slider says", "group": "its heading", "unit": ""}.items():
        adding.add_argument(f"--{name}", help=about or "unit of the strength")
    for name in ("low", "high", "step"):
        adding.add_argument(f"--{name}", metavar="NUMBER", help=f"{name} of the slider's range")
    adding.add_argument("--rows", metavar="FIRST:LAST", help="rows of the code that it is made for, e.g. 0:7")


def _list(registry: Registry, found: argparse.Namespace) -> int:
    own = [each.generator for path in own_files() for each in own_directions(path)]
    shared = [entry.w_space for entry in entries().values() if entry.w_space]
    wanted = [w_space(found.generator)] if found.generator else list(dict.fromkeys(["puppets", *shared, *own]))
    if found.json:
        rows = {name: [each.describe() for each in directions_of(name).values()] for name in wanted}
        print(json.dumps({"directions": rows, "passed_over": _passed(wanted)}, indent=2))
        return 0
    for name in wanted:
        offered = directions_of(name)
        print(f"{name}: {len(offered)} direction{'' if len(offered) == 1 else 's'}")
        for each in offered.values():
            span = f"{each.low:g} to {each.high:g} {each.unit}".rstrip()
            print(f"  {each.id:18} {each.title:24} {span:20} {_says(each)}".rstrip())
    for row in _passed(wanted):
        print(f"passed over {row['file']}: {row['why']}", file=sys.stderr)
    return 0


def _says(direction: Direction) -> str:
    parts = [] if direction.source == "embedded" else [direction.source]
    if "accuracy" in direction.facts:
        parts.append(f"held-out accuracy {float(direction.facts['accuracy']):.0%}")
    if direction.gain is not None:
        parts.append(f"gain {direction.gain:.2f}")
    return ", ".join(parts)


def _passed(wanted: Sequence[str]) -> list[dict[str, str]]:
    rows = [(row.path.name, row.why) for name in wanted for row in passed_over(name)]
    return [{"file": file, "why": why} for file, why in dict.fromkeys(rows)]


def _fit(registry: Registry, found: argparse.Namespace) -> int:
    spec, inputs = _lesson(registry, found)
    out = checked_out(found.out) if found.out else None
    stop = new_stop()
    with interruptible(stop):
        result = finished(spec.title, run(spec, inputs, stop=stop))
    if result.stopped:
        print("Stopped: nothing was kept.", file=sys.stderr)
        return 1
    if out:
        save(result.subject, out)
    if refused := result.recipe.get("facts", {}).get(NOT_KEPT):
        raise EditorError(str(refused))
    if found.json:
        print(json.dumps({"name": found.name, "out": str(out or ""), "metrics": dict(result.metrics)}))
    else:
        numbers = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in result.metrics.items())
        print(f"{found.name} is a slider of {found.model} now: {numbers}")
    return 0


def _lesson(registry: Registry, found: argparse.Namespace) -> tuple[EditorSpec, dict[str, Any]]:
    """The editor that fits, and what it is given."""
    inputs = {name: getattr(found, name) for name in ("name", "model", "method", "follow", "truncation_psi")}
    in_words = {name: value for name in ("neutral", "pictures") if (value := getattr(found, name)) is not None}
    if not found.samples:
        return _fitting(registry, "target"), inputs | {"target": found.words} | in_words
    for name in in_words:
        raise BadInput(name, "belongs to --words, not to --samples", f"Leave --{name} out.")
    return _fitting(registry, "samples"), inputs | {"samples": found.samples}


def _fitting(registry: Registry, wanted: str) -> EditorSpec:
    """The first editor that fits directions from that input. Raises BadInput if there is none."""
    for spec in registry.by_task().get(FITS, ()):
        if {wanted, "name", "model"} <= {entry.name for entry in spec.inputs}:
            return spec
    raise BadInput(wanted.replace("target", "words"), "needs an editor that is not here", "See “facet list”.")


def _add(registry: Registry, found: argparse.Namespace) -> int:
    path = existing_file(found.file, "file")
    generator = found.generator or PUBLISHED.get(file_sha256(path), {}).get("generator", "")
    if not generator:
        raise BadInput("generator", "is missing", "Say whose W space it lies in, e.g. --generator ffhq_1024.")
    if generator_entry(generator) is None:
        entry = entries().get(generator)
        if entry is None or entry.kind != "generator":
            raise BadInput("generator", f"no generator is called “{generator}”", "See “facet weights list”.")
    words = {name: value for name in ("name", "title", "group", "unit") if (value := getattr(found, name))}
    limits = {name: _number(name, value) for name in ("low", "high", "step") if (value := getattr(found, name))}
    rows = {"rows": _rows(found.rows)} if found.rows else {}
    kept = []
    for direction in read_foreign(path, w_space(generator), "own", **words, **limits, **rows):
        keep(direction)
        kept.append(direction)
    if found.json:
        print(json.dumps([each.describe() for each in kept], indent=2))
    else:
        print(f"{', '.join(each.id for each in kept)}: now offered with {w_space(generator)}")
    return 0


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInput(name, f"must be a number, not {shown(text)}") from None


def _rows(text: str) -> list[int]:
    first, _, last = text.partition(":")
    if not all(end.isdecimal() and len(end) < 5 for end in (first, last)):
        raise BadInput("rows", f"must be two numbers like 0:7, not {shown(text)}")
    return [int(first), int(last) + 1]
