"""A whole history as one ZIP: Facet PNGs, their recipes beside them, and films, all under distinct names."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from pathlib import Path

from gradio.utils import get_upload_folder

from registry.errors import BadInput
from registry.saved import FORMAT, film_bytes, subject_png
from surfaces.doors.disk import has_room
from surfaces.page.history.entry import Entry
from surfaces.page.history.tree import History


def zip_file(history: History) -> Path:
    """Write the ZIP where Gradio can serve it, under an address that nobody guesses.

    Raises:
        BadInput: there is nothing in the history, or no room for the file.
    """
    entries = list(history.entries.values())
    if not entries:
        raise BadInput("history", "is empty", "Make something first.")
    if not has_room(sum(3 * width * height for width, height in (entry.outline.size for entry in entries))):
        raise BadInput("history", "is too large for the room that is left on this server", "Download single pictures.")
    path = Path(get_upload_folder()) / uuid.uuid4().hex / "facet-history.zip"
    path.parent.mkdir(parents=True)
    whole = path.with_suffix(".part")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as made:  # what PNGs and films hold is packed already
        for entry in entries:
            _add(made, history, entry)
    whole.replace(path)
    return path


def _add(made: zipfile.ZipFile, history: History, entry: Entry) -> None:
    stem = stem_of(entry)
    file = history.shelf.png(entry.number) if history.shelf is not None and entry.stored else None
    if file is not None:
        made.write(file, f"{stem}.png")
    else:
        made.writestr(f"{stem}.png", subject_png(entry.subject))
    if lineage := entry.subject.lineage:
        recipe = {"facet": FORMAT, "lineage": list(lineage)}
        made.writestr(f"{stem}.json", json.dumps(recipe, indent=1), compress_type=zipfile.ZIP_DEFLATED)
    if entry.film is not None:
        made.writestr(stem + entry.film.extension, film_bytes(entry.film, lineage))


def stem_of(entry: Entry) -> str:
    """E.g. ``007-neural_style-from-003``: numbers make it distinct and say what was made from what."""
    name = re.sub(r"[^\w-]+", "-", entry.name or entry.outline.editor or Path(entry.title).stem).strip("-")[:40]
    return f"{entry.number:03d}-{name or 'picture'}" + (f"-from-{entry.parent:03d}" if entry.parent else "")
