"""``facet weights list|fetch|verify|prune|preload``: what is here, what can be had, whether it is what it should be."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from facet import BadInput, EditorError
from facet.app import LicenceNeeded, Registry, load_registry
from registry.plugins import catalogue, state, verify_local
from registry.settings import offline, set_here
from registry.weights import (
    Answer,
    Entry,
    Progress,
    ask_live,
    fetch,
    leftovers,
    licence,
    listen,
    lock,
    remove,
    size_text,
)
from surfaces.cli.parser import Parser
from surfaces.cli.preloading import preload_lines
from surfaces.cli.progress import progress_line

Catalogue = dict[str, Entry]


def weights_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Do one of the five; returns the exit code: 0 if all is well, 1 if something is missing, wrong or different."""
    parser = Parser("facet weights", description=__doc__)
    _add_actions(parser.add_subparsers(dest="action", metavar="ACTION", required=True))
    return run(parser.parse(arguments), registry)


def run(found: argparse.Namespace, registry: Registry | None = None) -> int:
    """Do what the parsed command line says."""
    if found.offline:
        set_here("OFFLINE", "1")
    known = catalogue(load_registry() if registry is None else registry)
    actions: dict[str, Callable[[argparse.Namespace, Catalogue], int]] = {
        "list": _list,
        "fetch": _fetch,
        "verify": _verify,
        "prune": _prune,
        "preload": _preload,
    }
    return actions[found.action](found, known)


def _add_actions(actions: Any) -> None:
    def add(name: str, about: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = actions.add_parser(f"{name}", help=about, description=about)
        parser.add_argument("--offline", action="store_true", help="make no request")
        return parser

    add("list", "all weights that have a name, and whether they are here").add_argument(
        "--json", action="store_true", help="everything that is known, as JSON"
    )
    getting = add("fetch", "download weights before they are needed")
    getting.add_argument("name", nargs="*", help="names that “facet weights list” shows")
    getting.add_argument("--all", action="store_true", help="all of them (gigabytes)")
    getting.add_argument("--accept-licence", action="store_true", help="accept their licences without being asked")
    getting.add_argument("--update", action="store_true", help="allow a change since the first use")
    checking = add("verify", "compare the files here, and the live Hub, with what they should be")
    checking.add_argument("name", nargs="*", help="only these (default: all)")
    checking.add_argument("--json", action="store_true", help="the findings as JSON")
    holding = add("preload", "print the lines of a Space's front-matter that put weights into its image")
    holding.add_argument("name", nargs="+", help="names that “facet weights list” shows")
    clearing = add("prune", "delete downloads that nothing needs any more")
    clearing.add_argument("--yes", action="store_true", help="do not ask")


def _chosen(names: Sequence[str], known: Catalogue) -> list[Entry]:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            fix = f"Did you mean {near[0]}?" if near else "“facet weights list” shows all names."
            raise BadInput("name", f"no weights are called {name!r}", fix)
    return [known[name] for name in names]


def _list(found: argparse.Namespace, known: Catalogue) -> int:
    states = [state(entry) for entry in known.values()]
    if found.json:
        rows = [{**now.entry.describe(), "here": now.here, "pinned": now.pinned} for now in states]
        print(json.dumps(rows, indent=2))
        return 0
    table = [("name", "size", "here", "pinned by", "evidence", "licence")]
    for now in states:
        weights = now.entry.weights
        terms = weights.licence
        if weights.non_commercial and "non-commercial" not in terms:
            terms += " (non-commercial)"
        here = "yes" if now.here else "no"
        table.append((now.entry.name, now.size or "?", here, now.pinned or "not yet", weights.evidence, terms))
    widths = [max(len(row[column]) for row in table) for column in range(5)]
    for row in table:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip())
    print("\nevidence: A the authors' own code, B several agree on the same file, C one or two third parties.")
    return 0


def _fetch(found: argparse.Namespace, known: Catalogue) -> int:
    if bool(found.name) == found.all:
        raise BadInput("name", "say which weights, or --all", "“facet weights list” shows all names.")
    failed = 0
    for entry in list(known.values()) if found.all else _chosen(found.name, known):
        try:
            _fetch_one(entry, found)
        except EditorError as problem:
            if len(found.name) == 1:
                raise
            failed += 1
            print(f"{entry.name}: {problem}", flush=True)
    return 1 if failed else 0


def _fetch_one(entry: Entry, found: argparse.Namespace) -> None:
    weights = entry.weights
    if found.update and not weights.sha256 and not weights.embedded:
        lock.forget(weights)
    if not licence.accepted(weights) and (found.accept_licence or _agrees(entry)):
        licence.accept(weights)
    with progress_line() as draw, listen(lambda now: _draw(draw, now)):
        file = fetch(weights)
    print(f"{entry.name}: {size_text(file.size)}, sha256 {file.sha256}", flush=True)
    if weights.attribution:
        print(f"  {weights.attribution}")
    if entry.witness_sha256 not in ("", file.sha256):
        print(f"  Beware: another copy of this file has the sha256 {entry.witness_sha256}.")


def _preload(found: argparse.Namespace, known: Catalogue) -> int:
    print(preload_lines(_chosen(found.name, known)))
    return 0


def _draw(draw: Callable[[str, float, str], None], now: Progress) -> None:
    draw(now.file.rpartition("/")[2], now.done / now.total if now.total else 0.0, now.state)


def _agrees(entry: Entry) -> bool:
    """Ask, if there is somebody to ask."""
    if not sys.stdin.isatty():
        return False
    weights = entry.weights
    print(f"{weights.label} comes under “{weights.licence}”, which does not allow commercial use ({weights.repo}).")
    if input("Type yes to accept: ").strip().lower() == "yes":
        return True
    raise LicenceNeeded("The licence was not accepted; nothing was downloaded.")


def _verify(found: argparse.Namespace, known: Catalogue) -> int:
    chosen = _chosen(found.name, known) or list(known.values())
    findings = [verify_local(entry) for entry in chosen]
    rows: list[dict[str, Any]] = [
        {"where": "here", "name": finding.name, "verdict": finding.verdict, "text": finding.text}
        for finding in findings
    ]
    for entry in [] if offline() else chosen:
        rows += [_answer_row(answer) for answer in ask_live(entry)]
    if found.json:
        print(json.dumps(rows, indent=2))
    else:
        quiet = not found.name  # of all weights, those that were never downloaded are not worth a line each
        shown = [row for row in rows if not (quiet and row["verdict"] == "absent")]
        for row in shown:
            print(f"{row['verdict']:8}{row['where']}: {row['name']}: {row['text']}")
        print(_summary(rows))
    return 1 if any(row["verdict"] in ("wrong", "differs", "gone", "unknown") for row in rows) else 0


def _answer_row(answer: Answer) -> dict[str, Any]:
    if answer.trouble is not None:
        text = answer.trouble.why
    elif answer.differs:
        text = "; ".join(answer.differs)
    else:
        text = "as declared" + (f"; not pinned yet: {', '.join(answer.unpinned)}" if answer.unpinned else "")
    place, remote = answer.place, answer.remote
    live = {"commit": remote.commit, "etag": remote.etag, "size": remote.size} if remote else None
    where = f"{place.repo} {place.file}"
    return {"where": where, "name": answer.name, "verdict": answer.verdict, "text": text, "live": live}


def _summary(rows: Sequence[dict[str, Any]]) -> str:
    verdicts = [row["verdict"] for row in rows]
    parts = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
    return ", ".join(parts) + (". Facet is offline: the Hub was not asked." if offline() else ".")


def _prune(found: argparse.Namespace, known: Catalogue) -> int:
    gone = leftovers(entry.weights for entry in known.values())
    if not gone:
        print("There is nothing to delete.")
        return 0
    for leftover in gone:
        print(f"{size_text(leftover.bytes):>10}  {leftover.what}: {leftover.why}")
    total = size_text(sum(leftover.bytes for leftover in gone))
    if not found.yes and (not sys.stdin.isatty() or input(f"Delete {total}? Type yes: ").strip().lower() != "yes"):
        print(f"Nothing was deleted. --yes deletes {total} without asking.")
        return 1
    print(f"{size_text(remove(gone))} are free now.")
    return 0
