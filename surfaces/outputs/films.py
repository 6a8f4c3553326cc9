"""Films and further pictures on their way to files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from facet import BadInput
from facet.app import EditorSpec, Input, Result
from registry.film import FORMATS
from registry.saved import film_bytes, subject_png
from surfaces.outputs.files import ENDINGS, checked_out, save, try_file, write

FILMS = tuple(f".{name}" for name in FORMATS)


def film_input(spec: EditorSpec) -> Input | None:
    """The input that chooses the format of the films that an editor makes, if it makes any."""
    return next((entry for entry in spec.inputs if entry.kind.film), None)


def film_out(spec: EditorSpec, name: str | None, values: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """The output path, and the inputs with the format that its ending asks for.

    Raises:
        BadInput: as `checked_out`; or the ending is that of a film and the editor makes none, or another format.
    """
    entry = film_input(spec)
    if entry is None:
        if name and Path(name).suffix.lower() in set(FILMS) - set(ENDINGS):
            raise BadInput("out", f"ends in {Path(name).suffix}, but {spec.id} makes no film", "Use e.g. .png.")
        return checked_out(name), values
    out = checked_out(name, (*FILMS, *ENDINGS))
    ending = out.suffix.lower()
    if ending not in FILMS:
        return out, values
    try_file(still_beside(out), "out", of=out)
    wanted = values.setdefault(entry.name, ending[1:])
    if wanted != ending[1:]:
        raise BadInput("out", f"ends in {ending}, but {entry.name} is {wanted}", "Give one of them, or both alike.")
    return out, values


def save_result(result: Result, out: Path) -> str:
    """Write the picture, or the film with its still beside it; returns what the user should be told."""
    film = result.film
    if film is None or out.suffix.lower() != film.extension:
        remark = save(result.subject, out) if out.suffix.lower() in ENDINGS else _no_film(result, out)
        kept = f"It also made a film: -o {out.with_suffix(film.extension).name} keeps it." if film else ""
        return " ".join(filter(None, (remark, kept)))
    write(out, film_bytes(film, result.subject.lineage))
    save(result.subject, still_beside(out))
    told = f"{film.frames} frames, {film.seconds:.1f} s, {film.width} × {film.height}"
    return f"{told}; the still is {still_beside(out).name}." + (f" Note: {film.note}." if film.note else "")


def still_beside(film: Path) -> Path:
    """Where the still of a film goes: never over a picture that only shares its name."""
    return film.with_name(f"{film.stem}-still.png")


def _no_film(result: Result, out: Path) -> str:
    save(result.subject, still_beside(out))
    return f"There is no film: it was stopped before its first frame. The picture is {still_beside(out).name}."


def save_further(result: Result, folder: Path) -> list[Path]:
    """Write every further picture of a result as a numbered PNG with its own recipe and code; returns the files."""
    folder.mkdir(exist_ok=True)
    files = []
    for number, (name, subject) in enumerate(result.further.items(), 1):
        words = re.sub(r"[^A-Za-z0-9.]+", "_", name).strip("_.")[:60] or "picture"
        files.append(folder / f"{number:02d}_{words}.png")
        write(files[-1], subject_png(subject))
    return files
