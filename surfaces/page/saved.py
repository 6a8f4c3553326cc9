"""Results as files that a visitor can fetch: the PNG and the film, each with its recipe."""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from registry.film import FilmFile
from registry.saved import film_bytes, subject_png
from registry.subjects import Subject, jpeg_bytes
from registry.writing import write_whole
from surfaces.page.session import Session


def download(session: Session) -> Any:
    """The download button: the current picture as a PNG with its recipe, once something was made.

    To write it takes a while, in which another picture may come onto the stage: then that one is written.
    """
    while (entry := session.current) is not None and entry.subject.lineage:
        shown = session.shown
        path = served(_png(session), file_name(shown))
        if session.shown is shown:
            return gr.update(value=str(path), interactive=True)
    return gr.update(value=None, interactive=False)


def _png(session: Session) -> bytes:
    """Of what the stage shows; as the history has written it, if it has, since to make a large one takes seconds."""
    shelf, entry, subject = session.history.shelf, session.current, session.shown
    if shelf is not None and entry is not None and entry.stored and subject is entry.subject:
        written = shelf.png(entry.number)
        with contextlib.suppress(OSError):  # deleted in this very moment
            return subject_png(subject) if written is None else written.read_bytes()
    return subject_png(subject)


def save(subject: Subject) -> Path:
    """Write a PNG with the recipe where Gradio can serve it, named by editor and seed."""
    return served(subject_png(subject), file_name(subject))


def save_film(film: FilmFile, subject: Subject) -> Path:
    """Write a film with its recipe where Gradio can serve it; named as its still, with its own ending."""
    return served(film_bytes(film, subject.lineage), Path(file_name(subject)).stem + film.extension)


def film_file(session: Session) -> Path | None:
    """The film of the current picture. It is written again if its file has meanwhile been cleared away."""
    entry = session.current
    return None if entry is None or entry.film is None else save_film(entry.film, entry.subject)


def save_copy(path: Path, sha256: str, name: str) -> Path:
    """A copy of a file where Gradio can serve it; `sha256` names its content."""
    copy = Path(get_upload_folder()) / sha256 / name
    if not copy.is_file() or copy.stat().st_size != path.stat().st_size:
        write_whole(copy, path.read_bytes())
    copy.touch()
    return copy


def full_picture(subject: Subject) -> Path:
    """A JPEG of all pixels, for the screen."""
    return served(jpeg_bytes(subject.pixels, max(subject.size), quality=95), "picture.jpg")


def served(data: bytes, name: str) -> Path:
    """The file with that content, written once and whole: somebody may be fetching it in this very moment."""
    path = Path(get_upload_folder()) / hashlib.sha256(data).hexdigest() / name
    try:
        if path.stat().st_size == len(data):
            path.touch()  # old files are cleared away
            return path
    except FileNotFoundError:
        pass
    write_whole(path, data)
    return path


def file_name(subject: Subject) -> str:
    """E.g. ``neural_style-7.png``."""
    last = subject.lineage[-1] if subject.lineage else {}
    parts = [str(last.get("editor", "picture"))]
    if "seed" in (last.get("inputs") or {}):
        parts.append(str(last.get("seed", 0)))
    return "-".join(re.sub(r"[^a-z0-9_]", "", part)[:40] for part in parts) + ".png"
