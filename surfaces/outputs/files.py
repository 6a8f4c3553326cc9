"""Writing a result: the format by the name's ending, tried before the work, never over a good file with a bad one."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facet import BadInput, EditorError, Subject
from registry.paths import is_folder, short
from registry.saved import beside, delta_beside, source_mark, subject_png
from registry.subjects import with_alpha

LOSSY = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
ENDINGS = (".png", *LOSSY)


def checked_out(name: str | None, endings: Sequence[str] = ENDINGS, field: str = "out") -> Path:
    """The output path, tried before any work is done: with it, the longer names that may lie beside the file.

    Raises:
        BadInput: it is missing, ends in no known format, names a folder, lies in one that is not there, or the disk
            would not take it.
    """
    if not name:
        raise BadInput(field, "is missing", f"Say where to write: -o out{endings[0]}.")
    path = Path(name)
    try:
        if path.is_dir():
            raise BadInput(field, f"{short(name)} is a folder", f"Name a file in it: {path / f'out{endings[0]}'}.")
        if path.suffix.lower() not in endings:
            raise BadInput(field, f"must end in {', '.join(endings)}, not “{short(path.name)}”")
        if not path.parent.is_dir():
            raise BadInput(field, f"the folder {short(str(path.parent))} does not exist", "Make it first.")
        if path.exists() and not path.is_file():  # a device or a pipe would be replaced by the file
            raise BadInput(field, f"{short(name)} is no ordinary file", "Choose another name.")
    except (OSError, ValueError) as problem:
        raise _refused(problem, path, field) from None
    try_file(path, field)
    try_file(beside(path), field, of=path)
    return path


def checked_folder(name: str, field: str = "out") -> Path:
    """A folder for several files, or the place where one can be made; tried as `checked_out` tries a file.

    Raises:
        BadInput: it is a file, its parent is not there, or the disk would not take it.
    """
    folder = Path(name)
    try:
        there = folder.is_dir()
        if not there and (folder.exists() or folder.is_symlink()):
            raise BadInput(field, f"{short(name)} is no folder", "Name a folder; it is made if it is not there.")
        if not there and not folder.parent.is_dir():
            raise BadInput(field, f"the folder {short(str(folder.parent))} does not exist", "Make it first.")
        if not there:
            folder.mkdir()
            folder.rmdir()
    except (OSError, ValueError) as problem:
        raise _refused(problem, folder, field) from None
    if there:
        try_file(folder / "x.png", field)
    return folder


def try_file(path: Path, field: str, of: Path | None = None) -> None:
    """Make sure that `path` can be written, and leave no trace. Raises BadInput; `of` is what its sentence names."""
    try:
        with tempfile.TemporaryFile(dir=path.parent):  # the folder takes files
            pass
        try:
            os.lstat(path)
        except FileNotFoundError:  # its name is one that the disk takes
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            path.unlink()
    except (OSError, ValueError) as problem:
        raise _refused(problem, of or path, field) from None


def _refused(problem: OSError | ValueError, path: Path, field: str) -> BadInput:
    code = problem.errno if isinstance(problem, OSError) else None
    name = short(path.name or str(path))
    if code == errno.ENAMETOOLONG:
        return BadInput(field, f"is too long for a file's name, or for that of one beside it: {name}", "Shorten it.")
    if code in (errno.ENOENT, errno.ENOTDIR) and not is_folder(path.parent):
        return BadInput(field, f"the folder {short(str(path.parent))} does not exist", "Make it first.")
    if code in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT):
        return BadInput(field, f"nothing can be written into {short(str(path.parent))}", "Choose another folder.")
    if code == errno.ENOSPC:
        return BadInput(field, f"the disk of {short(str(path.parent))} is full", "Choose another folder.")
    why = problem.strerror if isinstance(problem, OSError) else "it holds letters that no name can have"
    return BadInput(field, f"cannot be written: {name} ({why})", "Choose another name.")


def encode(subject: Subject, suffix: str) -> bytes:
    """The file's bytes. All say that the picture was edited (IPTC DigitalSourceType); only a PNG carries the recipe.

    Raises:
        ValueError: the format cannot hold a picture of that size.
    """
    if suffix.lower() == ".png":
        return subject_png(subject)
    return _lossy(subject, suffix.lower(), source_mark(subject.lineage))


def write(path: Path, content: bytes) -> None:
    """Write beside the target, then rename: what was there stays whole until the new file is.

    Raises:
        EditorError: the disk refuses.
    """
    part = path.with_name(f".facet-{os.getpid()}.part")  # never longer than what was tried
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as problem:
        raise EditorError(f"{short(path.name)} could not be written: {problem.strerror or problem}.") from None
    finally:
        part.unlink(missing_ok=True)


def save(subject: Subject, path: Path) -> str:
    """Encode and write; returns what the user should be told, or an empty text."""
    try:
        content = encode(subject, path.suffix)
    except ValueError as problem:  # WebP ends at 16383 pixels a side: the work is done and must not be lost
        saved = path.with_suffix(".png")
        write(saved, encode(subject, ".png"))
        return f"It cannot be written as {path.suffix[1:].upper()} ({problem}): it is in {saved.name}."
    write(path, content)
    if path.suffix.lower() == ".png":
        if not (delta := delta_beside(subject)):
            return ""
        write(beside(path), delta)
        return f"{beside(path).name} holds the tuned generator; keep it beside {path.name}."
    clear = subject.alpha is not None and LOSSY[path.suffix.lower()] == "JPEG"
    lost = " Its transparency was laid on white: a PNG or WebP keeps it." if clear else ""
    return f"{path.name} holds no recipe: only a PNG does.{lost}"


def _lossy(subject: Subject, suffix: str, xmp: str) -> bytes:
    buffer, kind = io.BytesIO(), LOSSY[suffix]
    settings: dict[str, Any] = {"subsampling": 0} if kind == "JPEG" else {}
    if xmp:
        settings["xmp"] = xmp.encode()
    image = subject.image if kind == "JPEG" else with_alpha(subject.pixels, subject.alpha)
    try:
        image.save(buffer, kind, quality=95, **settings)
    except (OSError, ValueError) as problem:
        raise ValueError(str(problem)) from None
    return buffer.getvalue()
