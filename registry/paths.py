"""Names of files that people give: found and readable, or refused in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

from registry.errors import BadInput


def short_name(path: str | os.PathLike[str]) -> str:
    """How a refusal calls a file: its last name, and not much of that."""
    name = Path(path).name or os.fspath(path)
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80]) + ("…" if len(name) > 80 else "")


def readable_file(path: str | os.PathLike[str], field: str) -> Path:
    """The path of a file that can be opened.

    Raises:
        BadInput: there is none of that name, no file can have it, or this user may not read it.
    """
    file = Path(path)
    try:
        if not file.is_file():
            raise BadInput(field, f"no such file: {short_name(path)}", "Check the name.")
        with file.open("rb"):
            return file
    except PermissionError:
        raise BadInput(field, f"may not be read: {short_name(path)}", "Copy it to where you may.") from None
    except (OSError, ValueError):  # too long, or with letters that no name has
        raise BadInput(field, f"no such file: {short_name(path)}", "Check the name.") from None
