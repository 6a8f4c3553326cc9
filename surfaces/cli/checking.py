"""``facet check [EDITOR …]``: the conformance rules over loaded editors."""

from __future__ import annotations

import json
from collections.abc import Sequence

from facet import Registry
from registry.testing import check_editor
from surfaces.cli.parser import Parser


def check_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Print one line per rule; the exit code is 1 if one is broken."""
    parser = Parser("facet check", description="Check that editors keep the rules that all surfaces rely on.")
    parser.add_argument("editor", nargs="*", help="an editor's id (default: all of them)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    found = parser.parse(arguments)
    specs = [registry.get(name) for name in found.editor] or list(registry)
    findings, broken = [], 0
    for spec in specs:
        for finding in check_editor(spec):
            broken += bool(finding.problem)
            row = {"editor": spec.id, "rule": finding.rule, "problem": finding.problem, "seconds": finding.seconds}
            findings.append(row | {"seconds": round(finding.seconds, 3)})
            if not found.json:
                print(
                    f"{'BROKEN' if finding.problem else 'holds '}  {spec.id}: {finding.problem or finding.doc}",
                    flush=True,
                )
    if found.json:
        print(json.dumps(findings, indent=2))
    else:
        print(f"{len(findings) - broken} rules hold, {broken} are broken.")
    return 1 if broken else 0
