"""``facet EDITOR … -o OUT``: one edit of one picture."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from facet import BadInput
from facet.app import EditorSpec, Result, new_stop, run
from registry.bounds import shown
from registry.execution import FACT as TRANSPARENCY
from registry.execution import NOT_KEPT, SCALED
from registry.plugins import faults_of
from surfaces.cli.options import editor_parser, given_values
from surfaces.cli.progress import finished, interruptible
from surfaces.outputs.files import checked_folder
from surfaces.outputs.films import film_out, save_further, save_result


def edit(spec: EditorSpec, arguments: Sequence[str]) -> int:
    """Run one editor as its command line says; returns the exit code."""
    found = editor_parser(spec).parse(arguments)
    out, values = film_out(spec, found.out, given_values(spec, found))
    folder = None if found.further is None else checked_folder(found.further, "further")
    threads = checked_threads(found.threads)
    stop = new_stop()
    with interruptible(stop):
        events = run(spec, values, stop=stop, device=found.device, threads=threads, strict=found.strict)
        result = finished(spec.title, events)
        remark = save_result(result, out)
        extra = {"further": [str(file) for file in save_further(result, folder)]} if folder else {}
        report(result, out, found.json, remark, **extra)
    for fault in faults_of(spec.id):
        print(f"{spec.plugin or spec.id}: {fault}", file=sys.stderr)
    return 0


def report(result: Result, out: Path, as_json: bool, remark: str, **extra: object) -> None:
    """Say what was made: one JSON object or the file's name on stdout, remarks on stderr."""
    for said in filter(None, (*result.stood_in, _lost(result), *left(result), remark)):
        print(said, file=sys.stderr)
    if result.stopped:
        print("Stopped: this is the best there was.", file=sys.stderr)
    if as_json:
        row = {
            "out": str(out),
            "recipe": dict(result.recipe),
            "metrics": dict(result.metrics),
            "seconds": round(result.seconds, 3),
            "peak_memory_bytes": result.peak_memory_bytes,
            **({"film": result.film.record()} if result.film else {}),
            **({"artifacts": [each.describe() for each in result.artifacts]} if result.artifacts else {}),
            **({"text": result.text} if result.text else {}),
            **({"stood_in": result.stood_in} if result.stood_in else {}),
        }
        print(json.dumps(row | extra, allow_nan=False))
    else:
        print(out)


def left(result: Result) -> list[str]:
    """What there is to read of a result, what is kept under Yours, and what could not be."""
    kept = [f"“{each.name}” is kept as {each.id} (facet yours)." for each in result.artifacts]
    return [result.text, *kept, str(result.recipe.get("facts", {}).get(NOT_KEPT, ""))]


def _lost(result: Result) -> str:
    facts = result.recipe.get("facts", {})
    said = [f"The picture was scaled {facts[SCALED]}."] if SCALED in facts else []
    said += [f"Transparency was {facts[TRANSPARENCY]}."] if TRANSPARENCY in facts else []
    return " ".join(said)


def checked_threads(text: str) -> int:
    """A number of CPU threads from 1 to 256; 0 leaves it to torch."""
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or int(text) > 256:
        raise BadInput("threads", f"must be a whole number from 1 to 256, or 0 to leave it to torch, not {shown(text)}")
    return int(text)
