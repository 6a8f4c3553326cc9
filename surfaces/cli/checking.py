"""``facet check [EDITOR …]``: the conformance rules over loaded editors."""

from __future__ import annotations

import json
from collections.abc import Sequence

from facet.app import Registry
from registry.conformance import check_editor
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
            row = {"editor": spec.id, "rule": finding.rule, "problem": finding.problem, "lacks": finding.lacks}
            findings.append(row | {"seconds": round(finding.seconds, 3)})
            if not found.json:
                verdict = "BROKEN" if finding.problem else "CANNOT" if finding.lacks else "holds "
                print(f"{verdict}  {spec.id}: {finding.problem or finding.lacks or finding.doc}", flush=True)
    if found.json:
        print(json.dumps(findings, indent=2))
    else:
        untried = sum(bool(row["lacks"]) for row in findings)
        words = f", {untried} cannot be tried" if untried else ""
        print(f"{len(findings) - broken - untried} rules hold, {broken} are broken{words}.")
    return 1 if broken else 0
