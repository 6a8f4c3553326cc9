"""A file of the user's own, chosen for one run: weights, so far. It is only ever read as data."""

from __future__ import annotations

import hashlib
import os
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from registry.errors import BadInput
from registry.inputs import Kind
from registry.paths import readable_file


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


@dataclass(frozen=True)
class WeightsFile(Kind):
    """A weights file chosen by the user; arrives as an `OwnFile`. Its content is judged when it is read."""

    _: KW_ONLY
    suffixes: tuple[str, ...] = (".safetensors", ".pkl", ".pt", ".pth", ".ckpt", ".bin")

    accepts: ClassVar[tuple[type, ...]] = (OwnFile,)

    def check(self, value: Any, field: str) -> OwnFile:
        """A path to an existing, non-empty file, or an OwnFile."""
        if isinstance(value, OwnFile):
            return value
        if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
            raise BadInput(field, "must be a weights file", f"Choose one of {', '.join(self.suffixes)}.")
        text = os.fspath(value)
        if text.startswith(("http://", "https://", "ftp://", "//")):
            raise BadInput(field, "is a web address", "Download the file first and choose it here.")
        path = readable_file(text, field)
        if path.stat().st_size == 0:
            raise BadInput(field, "is an empty file", "Download it again.")
        return OwnFile(path)

    def record(self, value: OwnFile) -> dict[str, Any]:
        """sha256 and size."""
        return {"sha256": value.sha256, "size": value.path.stat().st_size}

    def describe(self) -> dict[str, Any]:
        """Usual endings of the file's name."""
        return super().describe() | {"suffixes": list(self.suffixes)}
