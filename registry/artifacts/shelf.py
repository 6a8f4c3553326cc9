"""The files of what is kept: one safetensors file each, with its card in the metadata, read as a stranger's would be.

They lie in ``$FACET_HOME/artifacts/``, or in a folder of the session whose run made them (`registry.belongings`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from registry.artifacts.artifact import KIND, MOST_FACTS_BYTES, MOST_NAME, MOST_TENSORS, plain
from registry.artifacts.content import content_sha256
from registry.belongings import keeping_home, reading_homes
from registry.errors import EditorError, WeightsCorrupt
from registry.readers import Budget, FileSource, Refused, named_errors, read_tensors, table_of

FORMAT = "artifact-1"
MOST_CARD = 400_000
MOST_THUMB = 64_000


@dataclass(frozen=True)
class Kept:
    """One artifact as it is kept.

    Attributes:
        sha256: of its tensors alone (`content_sha256`); recipes name it by this, whatever it is called.
        kind, name, generator, facts, licence, attribution, key: as `Artifact` has them.
        recipe: the editor, its version, its inputs and the seed that made it; empty where nobody knows.
        thumb: a small JPEG, or empty.
        path: its file.
        size: of the file, in bytes.
        made: when it was kept, in seconds since 1970; 0 where nobody knows.
    """

    sha256: str
    kind: str
    name: str
    path: Path
    size: int
    generator: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    attribution: str = ""
    key: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    thumb: bytes = b""
    made: float = 0.0

    @property
    def id(self) -> str:
        """What the command line calls it, and inputs that choose a generator: ``yours:`` and 16 digits."""
        return f"yours:{self.sha256[:16]}"

    @property
    def megabytes(self) -> float:
        """Size in MB (10⁶ bytes)."""
        return self.size / 1e6

    def card(self) -> dict[str, Any]:
        """What stands in the file's metadata."""
        return {
            "sha256": self.sha256,
            "kind": self.kind,
            "name": self.name,
            "generator": self.generator,
            "facts": dict(self.facts),
            "licence": self.licence,
            "attribution": self.attribution,
            "key": self.key,
            "recipe": dict(self.recipe),
            "thumb": base64.b64encode(self.thumb).decode(),
            "made": self.made,
        }

    def weights_row(self) -> dict[str, Any]:
        """What a recipe says about it where a run used it, as it does about weights."""
        row: dict[str, Any] = {
            "net": f"{self.kind} {self.sha256[:16]}",
            "repo": "",
            "file": f"{self.sha256}.safetensors",
            "revision": "",
            "sha256": self.sha256,
            "licence": self.licence or "own",
            "embedded": False,
            "title": self.name,
        }
        return row | ({"attribution": self.attribution} if self.attribution else {})

    def describe(self) -> dict[str, Any]:
        """As JSON, without picture and path."""
        row = self.card()
        del row["thumb"], row["key"]
        return {"id": self.id, **row, "bytes": self.size}


def metadata_of(kept: Kept) -> dict[str, str]:
    """What is written into the file: the card, and its sha256, so that one that rots is noticed."""
    card = json.dumps(kept.card(), sort_keys=True)
    return {"facet": FORMAT, "card": card, "card_sha256": hashlib.sha256(card.encode()).hexdigest()}


def folder() -> Path:
    """Where what is kept now is written."""
    return keeping_home() / "artifacts"


def folders() -> tuple[Path, ...]:
    """Where what was kept may be found: never in another session."""
    return tuple(home / "artifacts" for home in reading_homes())


def file_of(sha256: str) -> Path | None:
    """The file of a kept artifact; None if it is not here. Raises WeightsCorrupt for anything that is no sha256."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise WeightsCorrupt("The picture names its tuned generator by something that is no sha256.")
    return next((path for each in folders() if (path := each / f"{sha256}.safetensors").is_file()), None)


def card_of(path: Path) -> Kept:
    """What a file says about itself; no tensor is read.

    Raises:
        WeightsCorrupt, WeightsMissing: it is no artifact, or damaged; says why.
    """
    with named_errors(path.name), FileSource(path) as source:
        metadata, size = table_of(source, Budget(source.size)).metadata, source.size
    if metadata.get("facet") != FORMAT or not 0 < len(metadata.get("card", "")) <= MOST_CARD:
        raise WeightsCorrupt(f"{path.name[:80]} is nothing that Facet keeps. Choose a file that “Export” wrote.")
    if hashlib.sha256(metadata["card"].encode()).hexdigest() != metadata.get("card_sha256"):
        raise WeightsCorrupt(f"{path.name[:80]} is damaged: its card is not what was written. Export it again.")
    try:
        card = json.loads(metadata["card"])
        return _kept(card, path, size)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise WeightsCorrupt(f"{path.name[:80]} has a card that cannot be read. Export it again.") from None


def tensors_of(path: Path) -> tuple[Kept, dict[str, torch.Tensor]]:
    """A file's card and its tensors, which are those that the card's sha256 means.

    Raises:
        WeightsCorrupt, WeightsMissing, OutOfMemory: it is no artifact, damaged, or too large.
    """
    kept = card_of(path)
    tensors = read_tensors(path).group("")
    if not 0 < len(tensors) <= MOST_TENSORS or content_sha256(tensors) != kept.sha256:
        raise WeightsCorrupt(f"{path.name[:80]} is damaged: its tensors are not those that its card names.")
    return kept, tensors


def sealed_card(path: Path) -> Kept | None:
    """The card of a file in one of our folders; None for one that is damaged or not what its name says."""
    try:
        about = path.stat()
    except OSError:
        return None
    return _known(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=1024)
def _known(path: Path, changed: int, size: int) -> Kept | None:
    try:
        kept = card_of(path)
    except (EditorError, OSError, Refused):
        return None
    return kept if kept.sha256 == path.stem else None


def _kept(card: Any, path: Path, size: int) -> Kept:
    """What a card out of a file says, bounded. Raises ValueError, TypeError or KeyError for what makes no sense."""
    sha256, kind, name = card["sha256"], card["kind"], plain(card["name"], MOST_NAME)
    if not (isinstance(sha256, str) and re.fullmatch(r"[0-9a-f]{64}", sha256) and name):
        raise ValueError("no sha256, or no name")
    if not re.fullmatch(KIND, kind):
        raise ValueError("no kind")
    facts, recipe = card.get("facts", {}), card.get("recipe", {})
    if not isinstance(facts, dict) or not isinstance(recipe, dict):
        raise TypeError("facts must be a table")
    if len(json.dumps(facts)) > MOST_FACTS_BYTES or len(json.dumps(recipe)) > 2 * MOST_FACTS_BYTES:
        raise ValueError("too much said")
    texts = {key: plain(card.get(key, ""), 200) for key in ("generator", "licence", "attribution", "key")}
    made = card.get("made", 0.0)
    made = float(made) if isinstance(made, (int, float)) and 0 <= made < 1e11 else 0.0
    thumb = _thumb(card.get("thumb", ""))
    return Kept(sha256, kind, name, path, size, facts=facts, recipe=recipe, thumb=thumb, made=made, **texts)


def _thumb(text: Any) -> bytes:
    """A small JPEG as it stands in a card; empty for anything else. It is never decoded here."""
    try:
        found = base64.b64decode(str(text), validate=True) if len(str(text)) <= 2 * MOST_THUMB else b""
    except binascii.Error:
        return b""
    return found if found.startswith(b"\xff\xd8\xff") and len(found) <= MOST_THUMB else b""
