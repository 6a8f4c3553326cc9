"""A path that somebody typed: a file that is there and can be read, or one sentence why not."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from registry.errors import BadInput


def existing_file(name: str | os.PathLike[str], field: str, what: str = "file") -> Path:
    """The file of that name, readable; `what` is what the sentence says that there is none of.

    Raises:
        BadInput: there is none, it is a folder or a device, it may not be read, or no file can have that name.
    """
    path = Path(name)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a named pipe would be waited for
            what = "is a folder" if path.is_dir() else "is no ordinary file"
            raise BadInput(field, f"{what}: {short(path.name or str(path))}", "Name a file.")
        with path.open("rb"):
            return path
    except (OSError, ValueError) as problem:
        raise _unusable(problem, path, field, what) from None


def is_folder(path: Path) -> bool:
    """Whether there is a folder of that name; False also for what can be no name."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _unusable(problem: OSError | ValueError, path: Path, field: str, what: str) -> BadInput:
    """The sentence for a path that the operating system refuses."""
    code = problem.errno if isinstance(problem, OSError) else None
    name = short(path.name or str(path))
    if code in (errno.ENOENT, errno.ENOTDIR):
        return BadInput(field, f"no such {what}: {name}", "Check the name.")
    if code == errno.ENAMETOOLONG:
        return BadInput(field, f"is too long for the name of a file: {name}", "Choose a shorter one.")
    if code in (errno.EACCES, errno.EPERM):
        return BadInput(field, f"may not be read: {name}", "Change its permissions, or choose another file.")
    if isinstance(problem, ValueError):  # a NUL, or letters that no encoding has
        return BadInput(field, f"cannot be the name of a file: {name}", "Check the name.")
    return BadInput(field, f"cannot be read: {name} ({problem.strerror or problem})", "Check the name.")


def short(name: str, most: int = 60) -> str:
    """A name as a sentence can carry it: printable, and cut in the middle if it is long."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= most else f"{shown[: most // 2]}…{shown[-most // 3 :]}"
