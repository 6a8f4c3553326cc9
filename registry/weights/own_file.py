"""A file of the user's own, chosen for one run. It is only ever read as data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class OwnFile:
    """A file on this machine. Recipes keep its sha256, never its path."""

    path: Path

    @cached_property
    def sha256(self) -> str:
        """sha256 of the content, read in pieces of 1 MiB."""
        digest = hashlib.sha256()
        with self.path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()
