"""``facet batch EDITOR --in FOLDER --out FOLDER``: one edit, or the edits of a saved picture, over many pictures."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from facet import BadInput
from facet.app import EditorSpec, Registry
from registry.bounds import shown
from registry.saved import read_lineage
from surfaces.batch import (
    Batch,
    Chain,
    Folder,
    Progress,
    chain_of_options,
    chain_of_recipes,
    check_items,
    read_items,
    sharded,
)
from surfaces.batch.runner import span
from surfaces.batch.work import Work
from surfaces.cli.edit import checked_threads
from surfaces.cli.options import add_input, given_values
from surfaces.cli.parser import Parser
from surfaces.cli.progress import interruptible, progress_line
from surfaces.cli.replaying import add_given, given_files
from surfaces.outputs.files import ENDINGS, checked_folder
from surfaces.outputs.films import FILMS, film_input

MOST_WORKERS = 256
ABOUT = (
    "Results get the names of their pictures. A batch that ended, for whatever reason, goes on where it was when the "
    "same command is given again; batch.csv and batch.json say what became of each picture. In a CSV each row is one "
    "edit: its columns are inputs of the editor, “subject” is the picture, “name” what the result is called."
)


def batch_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Do a batch; the exit code is 1 if a picture failed and 130 if it was stopped."""
    named = bool(arguments) and not arguments[0].startswith("-")
    spec = registry.get(arguments[0].replace("-", "_")) if named else None
    found = _parser(registry, spec).parse(arguments[named:])
    chain = _chain(registry, spec, found)
    items = sharded(read_items(found.inputs or ""), found.shard or "")
    check_items(registry, chain, items)
    ending = _ending(registry, chain, found.ending)
    folder = Folder(_folder(found.out), chain, found.shard or "", ending)
    work = Work(chain, checked_threads(found.threads), found.device, not found.stand_ins)
    batch = Batch(registry, work, items, folder, _workers(found.workers))
    with _backend(found.ray, batch.workers) as backend, interruptible(batch, "Finishing what has begun"):
        last = _follow(batch.run(backend), as_json=found.json)
    _say(last, folder, batch, found.json)
    return 130 if batch.ended else 1 if last.failed else 0


def _parser(registry: Registry, spec: EditorSpec | None) -> Parser:
    prog = f"facet batch {spec.id}" if spec else "facet batch"
    told = (
        "[EDITOR] --in FOLDER --out FOLDER [--recipe FILE | options]"
        if not spec
        else "--in FOLDER --out FOLDER [options]"
    )
    about = f"{spec.doc.rstrip('.')}, for many pictures." if spec else "One edit, or several, over many pictures."
    parser = Parser(prog, usage=f"{prog} {told}", description=about, epilog=ABOUT)
    main = parser.add_argument_group("batch")
    main.add_argument("--in", dest="inputs", metavar="WHERE", help="a folder, a pattern in quotes, or a .csv")
    main.add_argument("--out", "-o", metavar="FOLDER", help="where results go; it is made if it is not there")
    if spec is None:
        main.add_argument(
            "--recipe", metavar="FILE", action="append", default=[],
            help="a PNG that Facet saved, or its recipe: all its edits are done; several, one after the other",
        )  # fmt: skip
    main.add_argument("--workers", default="1", metavar="N", help="processes that share the work (default: 1)")
    main.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS", help="share it with a Ray cluster, or a local one"
    )
    main.add_argument("--shard", metavar="K/N", help="only every N-th picture, from the K-th: one of N batches")
    main.add_argument("--ending", default=".png", help="of the results; only a .png keeps the recipe (default: .png)")
    main.add_argument("--stand-ins", action="store_true", help="where weights cannot be had, let others stand in")
    main.add_argument("--device", default="", help="cuda, mps or cpu (default: the best there is)")
    main.add_argument("--threads", default="0", help="CPU threads of each run (default: the cores, shared out)")
    main.add_argument("--json", action="store_true", help="print one JSON object at the end")
    if spec is None:
        add_given(registry, parser.add_argument_group("what the recipe was made with, if uploaded"))
    else:
        options = parser.add_argument_group("inputs, the same for all pictures")
        for entry in spec.inputs:
            if entry.name != "subject":
                add_input(options, entry)
    return parser


def _chain(registry: Registry, spec: EditorSpec | None, found: argparse.Namespace) -> Chain:
    if spec is not None:
        found.subject = None
        values = given_values(spec, found)
        entry = film_input(spec)
        if entry is not None and found.ending.lower() in FILMS:
            values.setdefault(entry.name, found.ending.lower()[1:])
        return chain_of_options(spec, values)
    if not found.recipe:
        raise BadInput("editor", "is missing", "Name one, e.g. facet batch colour_transfer …, or give --recipe FILE.")
    lineages = [read_lineage(file, "recipe") for file in found.recipe]
    return chain_of_recipes(registry, lineages, given_files(registry, found))


def _ending(registry: Registry, chain: Chain, ending: str) -> str:
    made = f".{ending.lower().lstrip('.')}"
    known = (*ENDINGS, *FILMS) if film_input(registry.get(chain.links[-1].editor)) else ENDINGS
    if made not in known:
        raise BadInput("ending", f"must be one of {', '.join(known)}, not {shown(ending)}")
    return made


def _folder(name: str | None) -> Path:
    if not name:
        raise BadInput("out", "is missing", "Say where to write: --out FOLDER.")
    return checked_folder(name)


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9] or 0) <= MOST_WORKERS:
        raise BadInput("workers", f"must be a whole number from 1 to {MOST_WORKERS}, not {shown(text)}")
    return int(text)


@contextlib.contextmanager
def _backend(address: str | None, workers: int) -> Iterator[Any]:
    if address is None:
        yield None
        return
    from surfaces.batch.on_ray import cluster

    with cluster(address, workers) as backend:
        yield backend


def _follow(events: Iterator[Progress], as_json: bool) -> Progress:
    """Draw the line, or print one every ten seconds where there is no terminal; the last event."""
    last, spoken = Progress(0), time.monotonic()
    quiet = as_json or sys.stderr.isatty()
    with progress_line() as draw:
        for last in events:
            if last.newest and last.newest["state"] == "failed":
                print(f"{last.newest['name']}: {last.newest['error']}", file=sys.stderr)
            draw("Batch", last.share, str(last))
            if not quiet and time.monotonic() - spoken > 10:
                spoken = time.monotonic()
                print(last, file=sys.stderr)
    return last


def _say(last: Progress, folder: Folder, batch: Batch, as_json: bool) -> None:
    rows = folder.rows()
    if as_json:
        row = {
            "out": str(folder.path), "items": last.of, "before": last.before, "done": last.done, "failed": last.failed,
            "seconds": round(last.seconds, 3), "stopped": batch.ended,
            "errors": {name: row["error"] for name, row in rows.items() if row["state"] == "failed"},
        }  # fmt: skip
        print(json.dumps(row, allow_nan=False))
        return
    again = " The same command goes on from here." if batch.ended or last.failed else ""
    print(f"{last} ({span(last.seconds)}).{again}", file=sys.stderr)
    print(folder.path)
