"""Every regular expression of the product, found in its source, and texts that make bad ones backtrack."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nets.stylegan2.detect import ANCHORS, COUNTED, OTHERS
from registry.artifacts.artifact import KIND

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("registry", "surfaces", "editors", "nets", "metrics")
USES = {"match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split"}

COMPUTED: dict[str, list[tuple[str, str]]] = {
    "nets/stylegan2/detect.py": [
        *(("fullmatch", anchor) for anchor in ANCHORS.values()),
        *(("match", pattern) for pair in COUNTED.values() for pattern in pair),
        *(("fullmatch", pattern) for pattern, _ in OTHERS),
    ],
    "editors/animation/key_frames.py": [("finditer", r"[;\n]"), ("finditer", ",")],
    "registry/artifacts/artifact.py": [("fullmatch", KIND)],
    "registry/artifacts/shelf.py": [("fullmatch", KIND)],
    "registry/inputs/kept.py": [("fullmatch", KIND)],
    "registry/weights/declare.py": [("fullmatch", r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(:[^:]+)?")],
}
"""Those that are put together when they are used, by file."""


class Pattern(NamedTuple):
    """An expression and how it is used."""

    file: str
    use: str
    text: str

    def run(self, text: str) -> Any:
        """Use it on a text."""
        made = re.compile(self.text, re.IGNORECASE | re.ASCII if "seed" in self.text else 0)
        if self.use in ("sub", "subn"):
            return made.sub("", text)
        found = getattr(made, self.use)(text)
        return sum(1 for _ in found) if self.use == "finditer" else found


def patterns() -> tuple[list[Pattern], set[str]]:
    """All of them, and the files that have one which is not written out where it is used."""
    found, computed = [], set()
    for file in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        for call in _calls(ast.parse(file.read_text(encoding="utf-8"))):
            first, use = call.args[0], call.func.attr  # type: ignore[attr-defined]
            if isinstance(first, ast.Constant):
                found += [Pattern(name, each, first.value) for each in _uses(use)]
            else:
                computed.add(name)
    found += [Pattern(name, *row) for name, rows in COMPUTED.items() for row in rows]
    return found, computed


def _uses(use: str) -> tuple[str, ...]:
    return ("match", "fullmatch") if use == "compile" else (use,)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and node.func.attr in USES | {"compile"}:
                yield node


def pumps(pattern: str) -> list[tuple[str, str, str]]:
    """(before, what is repeated, behind) made of the letters and words of an expression."""
    words = [word for word in re.findall(r"[A-Za-z_]{2,}", pattern) if word not in ("prefix", "dD")][:3]
    letters = sorted({*" 1aA-.\n", *re.sub(r"[\[\](){}?*+|^$\\]", "", pattern)})
    units = [*letters, *words, "a.", "1x", " -", "1 ", *(f"{word}." for word in words)]
    return [(before, unit, behind) for before in ("", *words) for unit in units for behind in ("", "\0", "x")]


def repeated(before: str, unit: str, behind: str) -> Callable[[int], str]:
    """A text of about so many letters."""
    return lambda size: before + unit * (size // len(unit)) + behind
