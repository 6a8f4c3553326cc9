"""Writing a result: the format by the name's ending, never over a good file with a broken one."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from facet import BadInput, EditorError, Subject
from registry.carried import beside, delta_beside
from registry.pictures import Pixels
from registry.recipe import source_mark, subject_png

LOSSY = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
ENDINGS = (".png", *LOSSY)


def checked_out(name: str | None, endings: Sequence[str] = ENDINGS) -> Path:
    """The output path, judged before any work is done.

    Raises:
        BadInput: it is missing, ends in no known format, names a folder, or lies in one that is not there.
    """
    if not name:
        raise BadInput("out", "is missing", f"Say where to write: -o out{endings[0]}.")
    path = Path(name)
    if path.is_dir():
        raise BadInput("out", f"{name} is a folder", f"Name a file in it: {path / f'out{endings[0]}'}.")
    if path.suffix.lower() not in endings:
        raise BadInput("out", f"must end in {', '.join(endings)}, not “{path.name}”")
    if not path.parent.is_dir():
        raise BadInput("out", f"the folder {path.parent} does not exist", "Make it first.")
    if not os.access(path.parent, os.W_OK):
        raise BadInput("out", f"nothing can be written into {path.parent}", "Choose another folder.")
    return path


def encode(subject: Subject, suffix: str) -> bytes:
    """The file's bytes. All say that the picture was edited (IPTC DigitalSourceType); only a PNG carries the recipe."""
    if suffix.lower() == ".png":
        return subject_png(subject)
    return _lossy(subject.pixels, suffix.lower(), source_mark(subject.lineage))


def write(path: Path, content: bytes) -> None:
    """Write beside the target, then rename: what was there stays whole until the new file is.

    Raises:
        EditorError: the disk refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as problem:
        raise EditorError(f"{path.name} could not be written: {problem.strerror or problem}.") from None
    finally:
        part.unlink(missing_ok=True)


def save(subject: Subject, path: Path) -> str:
    """Encode and write; returns what the user should be told, or an empty text."""
    write(path, encode(subject, path.suffix))
    if path.suffix.lower() == ".png":
        if not (delta := delta_beside(subject)):
            return ""
        write(beside(path), delta)
        return f"{beside(path).name} holds the tuned generator; keep it beside {path.name}."
    return f"{path.name} holds no recipe: only a PNG does."


def _lossy(pixels: Pixels, suffix: str, xmp: str) -> bytes:
    buffer = io.BytesIO()
    settings: dict[str, Any] = {"subsampling": 0} if LOSSY[suffix] == "JPEG" else {}
    if xmp:
        settings["xmp"] = xmp.encode()
    try:
        Image.fromarray(pixels).save(buffer, LOSSY[suffix], quality=95, **settings)
    except (OSError, ValueError) as problem:  # WebP ends at 16383 pixels a side
        raise EditorError(f"The picture cannot be written as {LOSSY[suffix]}: {problem}.") from None
    return buffer.getvalue()
