"""``facet compare … -o OUT``: methods of one task side by side, sweeps of a setting, and a comparison made again."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from facet import BadInput, Subject
from facet.app import EditorFailed, Registry
from registry.belongings import replaying
from registry.paths import existing_file, is_folder
from surfaces.cli.edit import checked_threads
from surfaces.cli.options import add_common, add_input
from surfaces.cli.parser import Parser
from surfaces.cli.progress import interruptible, progress_line
from surfaces.cli.replaying import add_given, given_files
from surfaces.compare import (
    Column,
    Halt,
    Method,
    compare,
    compare_again,
    read_column,
    read_methods,
    read_saved,
    read_sweep,
    record,
)
from surfaces.compare.difference import difference, difference_map
from surfaces.compare.measures import lacking
from surfaces.compare.rows import ranked, rows, table
from surfaces.compare.sheet import sheet
from surfaces.outputs.files import checked_folder, checked_out, encode, write

ABOUT = "Methods of one task side by side, with times and measures."
AFTER = (
    "A column is an editor's id, or id:name=value,name=value for settings of its own. A sweep makes a column for each "
    "value: adain.strength=0:1:5 counts, fast_style.style=ink,oil names them. OUT is a sheet (.png) or a folder, which "
    "gets each picture, compare.csv, and compare.json: --again makes the same pictures from that."
)


def compare_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Run a comparison and write a sheet or a folder; the exit code is 1 if every method failed."""
    first, _ = _first_parser().parse_known_args([word for word in arguments if word not in ("-h", "--help")])
    if first.again is not None:
        return _again(registry, arguments)
    methods = _methods(registry, first)
    parser = _first_parser(description=ABOUT, epilog=AFTER)
    entries = {entry.name: entry for each in methods or () for entry in each.spec.inputs}
    inputs = parser.add_argument_group("inputs, for those methods that have them")
    for entry in entries.values():
        add_input(inputs, entry)
    add_common(parser)
    found = parser.parse(arguments)
    if not methods:
        raise BadInput("task", "is missing", f"There are: {', '.join(registry.by_task())}.")
    out, threads = _checked_target(found.out), checked_threads(found.threads)
    values = {name: getattr(found, name) for name in entries}
    values = {name: entries[name].kind.given(value, name) for name, value in values.items() if value is not None}
    halt = Halt()
    how = {"threads": threads, "device": found.device, "strict": found.strict}
    with interruptible(halt):
        events = compare(registry, methods[0].spec.task, values, methods, halt=halt, **how)
        columns = _finish(events, out, found)
    _report(columns, out, found.json)
    return 0 if any(column.result for column in columns) else 1


def _again(registry: Registry, arguments: Sequence[str]) -> int:
    """Make a saved comparison again; the exit code is 1 if no picture came of it."""
    parser = _first_parser(description=ABOUT, epilog=AFTER)
    add_given(registry, parser.add_argument_group("what it was made with, if uploaded"))
    add_common(parser)
    found = parser.parse(arguments)
    for name in ("task", "methods", "column", "sweep"):
        if getattr(found, name):
            raise BadInput(name, "cannot be given with --again", "The columns are those of the file.")
    saved = read_saved(existing_file(found.again, "again").read_bytes())
    out, halt = _checked_target(found.out), Halt()
    with replaying(), interruptible(halt):
        events = compare_again(registry, saved, given_files(registry, found), halt=halt, strict=found.strict)
        columns = _finish(events, out, found)
    _report(columns, out, found.json)
    if other := [column.label for column in columns if column.identical is False]:
        print(f"Differs from the file: {', '.join(other)}. Another machine, or changed since.", file=sys.stderr)
    return 0 if any(column.result for column in columns) else 1


def _first_parser(**settings: Any) -> Parser:
    parser = Parser("facet compare", add_help=bool(settings), **settings)
    parser.add_argument("--task", help="what they do, e.g. restyle; all its editors are compared")
    parser.add_argument("--methods", metavar="a,b", help="editors' ids, or id:name=value,… (default: all of the task)")
    parser.add_argument("--column", metavar="C", action="append", help="one more: id, or id:name=value,name=value")
    parser.add_argument("--sweep", metavar="S", action="append", help="a column each: id.name=from:to:count, or =a,b,c")
    parser.add_argument("--again", metavar="FILE", help="make a comparison again from its compare.json")
    parser.add_argument("--sort", metavar="METRIC", help="the best first: seconds, or a metric's id")
    parser.add_argument("--difference", action="store_true", help="also where each differs from the original")
    return parser


def _methods(registry: Registry, first: argparse.Namespace) -> list[Method] | None:
    """What the options ask for, in the order methods, columns, sweeps; None where they name neither them nor a task."""
    named = "column" if first.column else "sweep" if first.sweep else "methods"
    given: list[str | Method] = list(_split(first.methods) or ())
    given += [read_column(registry, text) for text in first.column or ()]
    for text in first.sweep or ():
        given += read_sweep(registry, text)
    if not given and not first.task:
        return None
    task = first.task
    if not task:
        begins = given[0] if isinstance(given[0], Method) else read_column(registry, given[0], "methods")
        task = begins.spec.task
    asked = first.methods is not None or first.column or first.sweep
    return read_methods(registry, task, given if asked else None, named)


def _split(text: str | None) -> list[str] | None:
    """``a:x=1,y=2,b`` → ``["a:x=1,y=2", "b"]``."""
    if text is None:
        return None
    methods: list[str] = []
    for part in text.split(","):
        if methods and "=" in part.partition(":")[0]:
            methods[-1] += f",{part}"
        else:
            methods.append(part.strip())
    return [method for method in methods if method]


def _checked_target(name: str | None) -> Path:
    """A PNG for a sheet, or a folder (to be made) for a picture per method."""
    if name and (is_folder(Path(name)) or not Path(name).suffix):
        return checked_folder(name)
    return checked_out(name, (".png",))


def _finish(events: Iterable[Column], out: Path, found: argparse.Namespace) -> list[Column]:
    """Follow the comparison to its end and write it; the columns in the order that was asked for."""
    columns: dict[int, Column] = {}
    with progress_line() as draw:
        for column in events:
            columns[column.index] = column
            draw(column.label, column.done, column.note)
    done = [columns[index] for index in sorted(columns)]
    if not any(column.result for column in done):
        raise EditorFailed("No method gave a picture: " + " ".join(column.error for column in done))
    refused = None
    if found.sort:
        try:
            done = ranked(done, found.sort)
        except BadInput as problem:  # known only now: what was made is not thrown away for that
            refused = problem
    _write(done, out, found.difference)
    if refused is not None:
        print(f"{refused} The columns are in the order they were asked for.", file=sys.stderr)
    return done


def _subject(columns: Sequence[Column]) -> Subject | None:
    subject = next((column.values.get("subject") for column in columns), None)
    return subject if isinstance(subject, Subject) else None


def _write(columns: Sequence[Column], out: Path, differences: bool) -> None:
    subject = _subject(columns)
    if out.suffix == ".png" and not out.is_dir():
        write(out, encode(Subject.read(sheet(columns, subject, differences)), ".png"))
        return
    out.mkdir(exist_ok=True)
    for name, picture in _pictures(columns, subject if differences else None):
        write(out / f"{name}.png", encode(picture, ".png"))
    write(out / "compare.csv", table(columns).encode())
    write(out / "compare.json", json.dumps(record(columns), indent=2, allow_nan=False).encode())


def _pictures(columns: Sequence[Column], subject: Subject | None) -> Iterator[tuple[str, Subject]]:
    for column in columns:
        if column.result:
            yield _file_name(column), column.result.subject
            if subject is not None:
                yield (
                    f"{_file_name(column)}_difference",
                    Subject(difference_map(difference(subject, column.result.subject))),
                )


def _file_name(column: Column) -> str:
    plain = column.label.encode("ascii", "replace").decode()  # of a name, disks count the bytes
    kept = "".join(letter if letter.isalnum() or letter in "=._-" else "_" for letter in plain)
    return f"{column.index + 1}_{kept[:100]}"


def _report(columns: Sequence[Column], out: Path, as_json: bool) -> None:
    for column in columns:
        for notice in column.result.stood_in if column.result else ():
            print(f"{column.label}: {notice}", file=sys.stderr)
    if as_json:
        print(json.dumps({"out": str(out), "columns": rows(columns)}, allow_nan=False))
        return
    for column in columns:
        if column.error or column.state == "stopped":
            print(f"{column.label}: {column.error or 'stopped'}", file=sys.stderr)
        if column.result:
            numbers = "  ".join(f"{m.id} {m.value:.3g}{'*' if m.home else ''}" for m in column.measures.values())
            same = {True: "  identical", False: "  differs", None: ""}[column.identical]
            print(f"{column.label}  {column.seconds:.2f} s  {numbers}{same}", file=sys.stderr)
    if any(column.measures for column in columns):
        print("\n".join(lacking()), file=sys.stderr)
    print(out)
