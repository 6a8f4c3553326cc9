"""How an editor names the weights it needs: where they come from, how they are recognised, under which licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from registry.errors import BadSpec

_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_MIRROR = re.compile(_REPO.pattern + r"(:[^:]+)?")


@dataclass(frozen=True)
class Weights:
    """One file of weights.

    Attributes:
        repo: Hub repository ``"owner/name"``, or ``""`` for weights embedded in the distribution.
        file: path inside the repository, or below ``assets/weights/`` for embedded ones. A plugin that ships its own
            weights gives an absolute path.
        revision: 40 hexadecimal digits; ``"main"`` only where nobody has pinned it yet.
        sha256: of the file's content, or ``""`` where unknown (then trusted on first use and locked).
        size: bytes, or 0 where unknown.
        licence: SPDX id, or the licence's name.
        attribution: the line its licence asks to show.
        non_commercial: the user is asked once before the first download.
        layout: how the tensors are named, e.g. ``"nvlabs"``, ``"rosinality"``, ``"facet"``.
        mirrors: other repositories that hold the same file, as ``"owner/name"`` or ``"owner/name:path"``.
        evidence: how sure its address is, A (author's own code) to C (one third party).
        title: what people call it, e.g. ``"Puppets"``; the file's name if empty.
        own: a file of the user's own, chosen for a run; declarations never set it.

    Raises:
        BadSpec: a field is malformed.
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
    title: str = ""
    own: bool = False

    def __post_init__(self) -> None:
        where = f"weights {self.repo or 'embedded'} {self.file!r}"
        if not self.file or ".." in self.file.split("/") or (self.repo and self.file.startswith("/")):
            raise BadSpec(f"{where}: file must be a path inside the repository")
        if self.repo and not _REPO.fullmatch(self.repo):
            raise BadSpec(f"{where}: repo must look like owner/name")
        if not is_commit(self.revision) and not re.fullmatch(r"[\w.-]+", self.revision):
            raise BadSpec(f"{where}: revision must be a commit of 40 hexadecimal digits, or a branch")
        if self.sha256 and not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise BadSpec(f"{where}: sha256 must be 64 lower-case hexadecimal digits")
        if self.size < 0:
            raise BadSpec(f"{where}: size must not be negative")
        for mirror in self.mirrors:
            if not _MIRROR.fullmatch(mirror):
                raise BadSpec(f"{where}: mirror {mirror!r} must look like owner/name or owner/name:path")
        if self.non_commercial and not self.licence:
            raise BadSpec(f"{where}: non-commercial weights must name their licence")

    @property
    def embedded(self) -> bool:
        """Whether the file comes with Facet itself, or with a plugin."""
        return not self.repo

    @property
    def name(self) -> str:
        """The file's own name, without folders."""
        return Path(self.file).name

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.name

    def describe(self) -> dict[str, Any]:
        """As JSON; an absolute path of a plugin's own file is cut to its name."""
        row = asdict(self)
        row["mirrors"] = list(self.mirrors)
        del row["own"]
        if self.embedded and Path(self.file).is_absolute():
            row["file"] = self.name
        return row


@dataclass(frozen=True)
class Net:
    """A network and the files it can be built from.

    Attributes:
        name: what ``ctx.net(name)`` asks for.
        build: makes the network, on the CPU in float32, from what `registry.readers.read_tensors` returned.
        sources: in order of preference, the embedded one last.
        doc: one sentence on what it is.
        optional: the editor works without it, and asks for it only where it helps; no surface says that it is needed.
        generator: whether it is a StyleGAN2 that latent codes belong to, as `facet.stylegan.generator_nets` makes them.
    """

    name: str
    build: Callable[[Any], Any]
    sources: tuple[Weights, ...]
    doc: str = ""
    optional: bool = False
    generator: bool = False

    def describe(self) -> Mapping[str, Any]:
        """As JSON."""
        sources = [source.describe() for source in self.sources]
        return {"name": self.name, "doc": self.doc, "optional": self.optional, "sources": sources}


def is_commit(revision: str) -> bool:
    """Whether a revision names one commit for ever, rather than a branch that moves."""
    return re.fullmatch(r"[0-9a-f]{40}", revision) is not None
