"""What networks are made of: tensors and facts that a reader found in a file. Readers live in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Contents(Protocol):
    """What a reader of weight files returns: groups of tensors by name, and plain facts."""

    @property
    def tensors(self) -> Mapping[str, Mapping[str, Any]]:
        """Group → tensor name → tensor; the group ``""`` holds those at the file's top level."""

    @property
    def plain(self) -> Mapping[str, Any]:
        """Whatever else the file says, as JSON's types."""

    @property
    def free_bytes(self) -> int | None:
        """Bytes of memory that were free when it was read, or None where that is not known."""
