"""The command lines of README and docs: what stands in code blocks, continued lines joined, remarks left out."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = ("facet", "python", "pip", "make", "pytest", "cd", "hf", "twine", "git")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^    \S.*\n(?:^    .*\S.*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One command, with the page and its place there."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def command_lines(path: Path) -> list[Line]:
    """All commands of a page, in their order."""
    text = path.read_text(encoding="utf-8")
    fenced = [
        (found.start(), found[2]) for found in _FENCED.finditer(text) if found[1] in ("", "sh", "bash", "console")
    ]
    plain = _FENCED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)  # no code of other languages
    blocks = fenced + [(found.start(), found[0]) for found in _INDENTED.finditer(plain)]
    lines = []
    for _, block in sorted(blocks):
        for line in block.replace("\\\n", " ").splitlines():
            words = _words(line)
            if words and words[0] in PROGRAMS and not re.match(r"\w+ [=:]", line.strip()):
                lines.append(Line(str(path.relative_to(ROOT)), words))
    return lines


def inline(path: Path, program: str) -> list[Line]:
    """Commands of one program between backticks in running text."""
    text = _INDENTED.sub("", _FENCED.sub("", path.read_text(encoding="utf-8")))
    found = re.findall(rf"`({program} [^`]+)`", text)
    return [Line(str(path.relative_to(ROOT)), _words(" ".join(one.split()))) for one in found]


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:  # an apostrophe in prose
        return ()
