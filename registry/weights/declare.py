"""How an editor names the weights it needs: where they come from, how they are recognised, under which licence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Weights:
    """One file of weights.

    Attributes:
        repo: Hub repository ``"owner/name"``, or ``""`` for weights embedded in the distribution.
        file: path inside the repository, or below ``assets/weights/`` for embedded ones.
        revision: 40 hexadecimal digits; ``"main"`` only where nobody has pinned it yet.
        sha256: of the file's content, or ``""`` where unknown (then trusted on first use and locked).
        size: bytes, or 0 where unknown.
        licence: SPDX id, or the licence's name.
        attribution: the line its licence asks to show.
        non_commercial: the user is asked once before the first download.
        layout: how the tensors are named, e.g. ``"nvlabs"``, ``"rosinality"``, ``"facet"``.
        mirrors: other repositories that hold the same file, as ``"owner/name"`` or ``"owner/name:path"``.
        evidence: how sure its address is, A (author's own code) to C (one third party).
    """

    repo: str
    file: str
    revision: str = "main"
    sha256: str = ""
    size: int = 0
    licence: str = ""
    attribution: str = ""
    non_commercial: bool = False
    layout: str = ""
    mirrors: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def embedded(self) -> bool:
        """Whether the file comes with Facet itself."""
        return not self.repo

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Net:
    """A network and the files it can be built from.

    Attributes:
        name: what ``ctx.net(name)`` asks for.
        build: makes the network, on the CPU in float32, from what `registry.readers.read_tensors` returned.
        sources: in order of preference, the embedded one last.
        doc: one sentence on what it is.
    """

    name: str
    build: Callable[[Any], Any]
    sources: tuple[Weights, ...]
    doc: str = ""

    def describe(self) -> Mapping[str, Any]:
        """As JSON."""
        return {"name": self.name, "doc": self.doc, "sources": [source.describe() for source in self.sources]}
