"""``facet yours list|rename|delete|export|import``: what edits have left here: generators, directions, styles."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from facet.app import Registry
from registry import artifacts
from registry.artifacts import Kept
from registry.paths import existing_file
from surfaces.cli.parser import Parser
from surfaces.outputs.files import checked_out

ENDING = ".safetensors"


def yours_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Do one of the five; returns the exit code."""
    parser = Parser("facet yours", description=__doc__)
    _add_actions(parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser))
    found = parser.parse(arguments)
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "rename": _rename,
        "delete": _delete,
        "export": _export,
        "import": _import,
    }
    return actions[found.action](found)


def _add_actions(actions: Any) -> None:
    def add(name: str, about: str) -> Parser:
        parser: Parser = actions.add_parser(name, help=about, description=about)
        parser.add_argument("--json", action="store_true", help="print JSON")
        return parser

    which = "its id, the first digits of its sha256, or its name"
    listing = add("list", "what there is, the newest first")
    listing.add_argument("--kind", metavar="KIND", help="only of this kind, e.g. generator or direction")
    renaming = add("rename", "call something else; recipes find it as before")
    renaming.add_argument("which", help=which)
    renaming.add_argument("name", help="what it shall be called")
    add("delete", "delete something for good").add_argument("which", help=which)
    exporting = add("export", "write something with its card into one safetensors file")
    exporting.add_argument("which", help=which)
    exporting.add_argument("-o", "--out", metavar="OUT", help="the file (default: its name, in this folder)")
    add("import", "keep what “export” wrote; nothing in it is executed").add_argument("file", help="the file")


def _list(found: argparse.Namespace) -> int:
    rows = [each for each in artifacts.own() if found.kind in (None, each.kind)]
    if found.json:
        print(json.dumps([each.describe() for each in rows], indent=2))
        return 0
    for each in rows:
        belongs = f"of {each.generator}" if each.generator else ""
        about = ", ".join(filter(None, (belongs, each.licence)))
        print(f"{each.id}  {each.kind:10} {each.name:30} {each.megabytes:8.2f} MB  {about}".rstrip())
    if not rows:
        print("Nothing yet. Editors under “Teach” leave generators, directions and styles here.")
    return 0


def _rename(found: argparse.Namespace) -> int:
    return _said(artifacts.rename(artifacts.find(found.which, "which"), found.name), found, "is now called “{name}”")


def _delete(found: argparse.Namespace) -> int:
    kept = artifacts.find(found.which, "which")
    artifacts.delete(kept)
    return _said(kept, found, "“{name}” is deleted")


def _export(found: argparse.Namespace) -> int:
    kept = artifacts.find(found.which, "which")
    out = checked_out(found.out or artifacts.file_name(kept), (ENDING,))
    artifacts.export(kept, out)
    return _said(kept, found, f"“{{name}}” is in {out}", out)


def _import(found: argparse.Namespace) -> int:
    return _said(artifacts.bring_in(existing_file(found.file, "file")), found, "“{name}” is kept")


def _said(kept: Kept, found: argparse.Namespace, sentence: str, out: Path | None = None) -> int:
    if found.json:
        print(json.dumps(kept.describe() | ({"out": str(out)} if out else {}), indent=2))
    else:
        print(f"{kept.id}: {sentence.format(name=kept.name)}")
    return 0
