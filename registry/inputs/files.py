"""A file of the user's own, chosen for one run: weights, so far. It is only ever read as data."""

from __future__ import annotations

import os
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.errors import BadInput
from registry.inputs.kind import FILE_SCHEMA, Kind, Option, Uploads
from registry.inputs.pictures import by_sha256
from registry.paths import existing_file
from registry.weights import OwnFile


@dataclass(frozen=True)
class WeightsFile(Kind):
    """A weights file chosen by the user; arrives as an `OwnFile`. Its content is judged when it is read."""

    _: KW_ONLY
    suffixes: tuple[str, ...] = (".safetensors", ".pkl", ".pt", ".pth", ".ckpt", ".bin")

    accepts: ClassVar[tuple[type, ...]] = (OwnFile,)
    by_sha256: ClassVar[bool] = True

    def check(self, value: Any, field: str) -> OwnFile:
        """A path to an existing, non-empty file, or an OwnFile."""
        known = value if isinstance(value, OwnFile) else None
        value = known.path if known else value
        if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
            raise BadInput(field, "must be a weights file", f"Choose one of {', '.join(self.suffixes)}.")
        text = os.fspath(value)
        if text.startswith(("http://", "https://", "ftp://", "//")):
            raise BadInput(field, "is a web address", "Download the file first and choose it here.")
        path = existing_file(text, field)
        if path.stat().st_size == 0:
            raise BadInput(field, "is an empty file", "Download it again.")
        return known or OwnFile(path)

    def record(self, value: OwnFile) -> dict[str, Any]:
        """sha256 and size."""
        return {"sha256": value.sha256, "size": value.path.stat().st_size}

    def describe(self) -> dict[str, Any]:
        """Usual endings of the file's name."""
        return super().describe() | {"suffixes": list(self.suffixes)}

    def schema(self) -> dict[str, Any]:
        """A file."""
        return dict(FILE_SCHEMA)

    def takes(self) -> str:
        """A file."""
        return "a weights file"

    def option(self) -> Option:
        """A file."""
        return Option("FILE")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """An uploaded file."""
        return None if raw is None else uploads.path(raw, field)

    def recorded(self, row: Any, field: str) -> Any:
        """A sha256."""
        return by_sha256(row, field)

    def wrong_values(self) -> list[Any]:
        """No file, an address, no path."""
        return ["no such file.pkl", "http://example.org/a.pkl", 7]
