"""``facet list``: the editors there are, what they take, and the plugins that were refused, with the reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from facet.app import EditorSpec, PluginRow, Registry
from registry.plugins import API_VERSION
from surfaces.cli.parser import Parser


def list_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Print the list; returns the exit code."""
    parser = Parser("facet list", description="The editors there are, and the plugins that were refused.")
    parser.add_argument("--json", action="store_true", help="inputs, weights, licences and load seconds as JSON")
    print(json.dumps(as_json(registry), indent=2) if parser.parse(arguments).json else as_text(registry))
    return 0


def as_json(registry: Registry) -> dict[str, Any]:
    """Everything about every editor and plugin."""
    seconds = {name: row.seconds for row in registry.rows for name in row.editors}
    return {
        "api": API_VERSION,
        "editors": [
            {**spec.describe(), "licence": _licence(spec), "load_seconds": round(seconds.get(spec.id, 0.0), 3)}
            for spec in registry
        ],
        "plugins": [_plugin(row) for row in registry.rows],
    }


def as_text(registry: Registry) -> str:
    """A list to read: editors by task, then plugins that were refused."""
    lines: list[str] = []
    width = max((len(spec.id) for spec in registry), default=0)
    for task, specs in registry.by_task().items():
        lines += [task, *(f"  {spec.id:{width}}  {spec.doc}{_origin(spec)}" for spec in specs), ""]
    refused = [row for row in registry.rows if not row.loaded]
    if refused:
        lines += ["refused", *(f"  {row.name} ({row.origin}): {row.reason}" for row in refused), ""]
    faults = [f"  {fault} ({row.origin})" for row in registry.rows for fault in row.faults]
    if faults:
        lines += ["at fault while running", *faults, ""]
    lines.append("facet EDITOR --help shows an editor's options; facet list --json has everything.")
    return "\n".join(lines)


def _plugin(row: PluginRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "origin": row.origin,
        "loaded": row.loaded,
        "reason": row.reason,
        "load_seconds": round(row.seconds, 3),
        "editors": list(row.editors),
        "faults": list(row.faults),
    }


def _origin(spec: EditorSpec) -> str:
    return "" if spec.plugin in ("", "built-in") else f"  [{spec.plugin}]"


def _licence(spec: EditorSpec) -> str:
    """The licence of the editor's code, as its distribution states it; weights state their own."""
    name = "facet-editors" if spec.plugin == "built-in" else spec.plugin.partition(" ")[0]
    try:
        about = metadata.metadata(name)
    except (metadata.PackageNotFoundError, ValueError):  # a dropped-in file, or Facet run without being installed
        return "Apache-2.0" if spec.plugin == "built-in" else ""
    return about.get("License-Expression") or about.get("License") or ""
