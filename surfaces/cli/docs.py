"""``facet docs``: the editors' reference, written from their declarations."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facet import Weights
from facet.app import EditorSpec, Input, Registry
from registry.paths import existing_file
from registry.plugins import REQUIRED
from registry.weights import size_text
from surfaces.cli.api import api_page
from surfaces.cli.parser import Parser
from surfaces.outputs.files import checked_out, write

PAGE = Path("docs/editors.md")
HEAD = """# Editors

Written by `make docs` from the editors' declarations; a test fails when it is not up to date. Change the editors, not
this file. Each editor is a tab of the page, an HTTP endpoint and an MCP tool of the same name, a command of `facet`
and, where its task has more than one, a column of compare.
"""


def docs_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Print, write or check the reference; returns the exit code."""
    parser = Parser("facet docs", description="The reference of all editors, as Markdown.")
    parser.add_argument("-o", "--out", metavar="FILE", help="write it there (default: print it)")
    parser.add_argument("--built-in", action="store_true", help="only the editors that come with Facet")
    parser.add_argument("--check", nargs="?", const=str(PAGE), metavar="FILE", help=f"is FILE up to date? ({PAGE})")
    parser.add_argument("--api", action="store_true", help="how programs call them, instead: docs/api.md")
    found = parser.parse(arguments)
    out = checked_out(found.out, (".md",)) if found.out else None
    specs = [spec for spec in registry if spec.plugin == "built-in" or not found.built_in]
    page = api_page(specs) if found.api else render(specs)
    if found.check:
        return _check(page, Path(found.check))
    if out:
        write(out, page.encode())
    else:
        print(page, end="")
    return 0


def render(specs: Sequence[EditorSpec]) -> str:
    """The whole page."""
    rows = [f"| [{spec.title}](#{_anchor(spec)}) | `{spec.id}` | {spec.task} | {_cell(spec.doc)} |" for spec in specs]
    table = ["| editor | id | task | what it does |", "|---|---|---|---|", *rows]
    return "\n".join([HEAD, *table, "", *(_section(spec) for spec in specs), *_weights(specs)]).rstrip() + "\n"


def _section(spec: EditorSpec) -> str:
    lines = [f"## {spec.title}", "", spec.doc, ""]
    if spec.about:
        lines += [spec.about, ""]
    origin = "comes with Facet" if spec.plugin == "built-in" else f"from {spec.plugin}"
    lines += [f"`facet {spec.id}`, version {spec.version}, task {spec.task}, {origin}.", ""]
    lines += ["| input | takes | default | what it does |", "|---|---|---|---|"]
    lines += [_input_row(entry) for entry in spec.inputs]
    return "\n".join([*lines, "", _nets(spec), ""])


def _nets(spec: EditorSpec) -> str:
    """The networks of an editor by name; the table at the end of the page says what they are."""
    names = [f"`{net.name}`{' (optional)' if net.optional else ''}" for net in spec.nets]
    return f"[Weights](#weights): {', '.join(names)}." if names else "No weights."


def _weights(specs: Sequence[EditorSpec]) -> list[str]:
    """One table of all networks, each with its sources in order of preference."""
    rows = dict.fromkeys(
        f"| `{net.name}` | {_cell('; else '.join(map(_source, net.sources)))} |" for spec in specs for net in spec.nets
    )
    if not rows:
        return []
    told = "Each network, with the file it is read from; where that cannot be had, the next one is taken."
    return ["## Weights", "", told, "", "| network | files |", "|---|---|", *rows]


def _input_row(entry: Input) -> str:
    default = "needed" if entry.default is REQUIRED else _value(entry.default)
    return f"| `{entry.name}` | {_cell(entry.kind.takes())} | {_cell(default)} | {_cell(entry.kind.doc)} |"


def _value(value: Any) -> str:
    if value is None or value in ("", (), []):
        return "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _source(source: Weights) -> str:
    where = "embedded" if source.embedded else f"`{source.repo}`"
    size = f", {size_text(source.size)}" if source.size else ""
    file = source.name if Path(source.file).is_absolute() else source.file  # where it lies here is nobody's concern
    return f"{where} `{file}`, {source.licence or 'licence unknown'}{size}"


def _anchor(spec: EditorSpec) -> str:
    kept = "".join(letter for letter in spec.title.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _check(page: str, file: Path) -> int:
    if existing_file(file, "check").read_text(encoding="utf-8", errors="replace") == page:
        return 0
    print(f"{file} is not up to date: run “make docs”.", file=sys.stderr)
    return 1
