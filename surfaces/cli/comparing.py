"""``facet compare --task T --subject P … -o OUT``: the methods of one task side by side."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from facet import BadInput, Subject
from facet.app import EditorFailed, Registry
from registry.paths import is_folder
from surfaces.cli.edit import checked_threads
from surfaces.cli.options import add_common, add_input
from surfaces.cli.parser import Parser
from surfaces.cli.progress import interruptible, progress_line
from surfaces.compare import Column, Halt, compare, read_methods
from surfaces.compare.measures import lacking
from surfaces.compare.rows import rows
from surfaces.compare.sheet import sheet
from surfaces.outputs.files import checked_folder, checked_out, encode, write


def compare_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Run a comparison and write a sheet or a folder; the exit code is 1 if every method failed."""
    first, _ = _first_parser().parse_known_args([word for word in arguments if word not in ("-h", "--help")])
    methods = _split(first.methods)
    parser = _first_parser(description="The methods of one task side by side, with times and measures.")
    specs = [spec for _, spec in read_methods(registry, first.task, methods)] if first.task else []
    entries = {entry.name: entry for spec in specs for entry in spec.inputs}
    inputs = parser.add_argument_group("inputs, for those methods that have them")
    for entry in entries.values():
        add_input(inputs, entry)
    add_common(parser)
    found = parser.parse(arguments)
    if not found.task:
        raise BadInput("task", "is missing", f"There are: {', '.join(registry.by_task())}.")
    out, threads = _checked_target(found.out), checked_threads(found.threads)
    values = {name: getattr(found, name) for name in entries}
    values = {name: entries[name].kind.given(value, name) for name, value in values.items() if value is not None}
    halt = Halt()
    with interruptible(halt):
        how = {"threads": threads, "device": found.device, "strict": found.strict}
        events = compare(registry, found.task, values, methods, halt=halt, **how)
        columns = _finished(events)
        _write(columns, _subject(columns), out)
    _report(columns, out, found.json)
    return 0 if any(column.result for column in columns) else 1


def _first_parser(**settings: Any) -> Parser:
    parser = Parser("facet compare", add_help=bool(settings), **settings)
    parser.add_argument("--task", help="what they do, e.g. restyle")
    parser.add_argument("--methods", metavar="a,b", help="editors' ids, or id:name=value,… (default: all of the task)")
    return parser


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


def _finished(events: Iterable[Column]) -> list[Column]:
    """Follow the comparison to its end; the columns in their order."""
    columns: dict[int, Column] = {}
    with progress_line() as draw:
        for column in events:
            columns[column.index] = column
            draw(column.label, column.done, column.note)
    return [columns[index] for index in sorted(columns)]


def _subject(columns: Sequence[Column]) -> Subject | None:
    subject = columns[0].values.get("subject")
    return subject if isinstance(subject, Subject) else None


def _write(columns: Sequence[Column], subject: Subject | None, out: Path) -> None:
    if not any(column.result for column in columns):
        raise EditorFailed("No method gave a picture: " + " ".join(column.error for column in columns))
    if out.suffix == ".png" and not out.is_dir():
        page = sheet(columns, subject)
        write(out, encode(Subject.read(page), ".png"))
        return
    out.mkdir(exist_ok=True)
    for column in columns:
        if column.result:
            write(out / f"{_file_name(column)}.png", encode(column.result.subject, ".png"))
    write(out / "compare.json", json.dumps(rows(columns), indent=2, allow_nan=False).encode())


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
            print(f"{column.label}  {column.seconds:.2f} s  {numbers}", file=sys.stderr)
    if any(column.measures for column in columns):
        print("\n".join(lacking()), file=sys.stderr)
    print(out)
