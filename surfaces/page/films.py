"""What the page says about a film. Gradio-free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from registry.film import FilmFile
from registry.weights import size_text


def film_view(film: FilmFile | None, path: Path | None, title: str) -> dict[str, Any] | None:
    """A film for the stage, which lies at `path` for the browser to fetch; None where there is none."""
    if film is None or path is None:
        return None
    return {
        "path": path.as_posix(),
        "name": path.name,
        "media_type": film.media_type,
        "title": f"{title}, a film of {film.seconds:.1f} s",
        "label": f"Save {film.extension[1:].upper()} · {size_text(len(film.content))}",
    }


def film_facts(film: FilmFile | None) -> dict[str, str]:
    """How long it is, and why it is shorter than asked for."""
    if film is None:
        return {}
    return {"film": ", ".join(filter(None, (f"{film.frames} frames", f"{film.seconds:.1f} s", film.note)))}
