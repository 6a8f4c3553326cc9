"""What the page's widgets are sent: plain JSON made from a session and from events of a run. Gradio-free."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from registry.errors import BadInput
from registry.plugins import Preview, Result
from registry.spoilt import note_spoilt
from registry.subjects import Pixels, Subject, collection, jpeg_bytes, placement_of
from surfaces.page.before_after import elsewhere, lies_over
from surfaces.page.direction_list import generators_view, offered_view
from surfaces.page.films import film_view
from surfaces.page.keeping import remembered
from surfaces.page.landmarks import landmarks_on
from surfaces.page.photograph import square_view, switch_view
from surfaces.page.session import Entry, Session
from surfaces.settings import FRAME_SIDE

THUMB = 112
MORE_SIDE = 960  # longest side of a further picture of a result; some have words in them
_numbers = itertools.count(1)

Positions = Sequence[tuple[float, float]]
"""Points (x, y) in source pixels."""


def data_url(jpeg: bytes) -> str:
    """A JPEG as an address that needs no request."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def picture_url(pixels: Pixels) -> str:
    """A picture for the stage."""
    return data_url(jpeg_bytes(pixels, FRAME_SIDE, quality=92))


def thumb_url(pixels: Pixels) -> str:
    """A square cut from the middle, `THUMB` pixels wide."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 3, (width - side) // 2  # heads sit above the middle
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    small = square.resize((THUMB, THUMB), Image.Resampling.BOX)
    return data_url(jpeg_bytes(np.asarray(small), THUMB, quality=80))


@remembered
def _entry_thumb(entry: Entry) -> str:
    return thumb_url(entry.subject.pixels)


def shelf(name: str) -> list[dict[str, str]]:
    """A bundled collection for the pickers: id, title, attribution with licence, thumbnail; without damaged ones."""
    found = []
    for entry in collection(name):
        try:
            thumb = thumb_url(Subject.read(entry).pixels)
        except BadInput:
            note_spoilt(f"The bundled picture {entry.path.name} is damaged. Install Facet anew.")
            continue
        credit = ", ".join(filter(None, (entry.attribution, entry.licence)))
        found.append({"id": entry.id, "title": entry.title, "credit": credit, "thumb": thumb})
    return found


def bar_view(session: Session) -> dict[str, Any]:
    """The subject bar: what is being edited."""
    entry = session.current
    if entry is None:
        return {"subject": None, "offered": offered_view(None), **generators_view()}
    width, height = session.shown.size
    edits = len(session.shown.lineage)
    made = "" if not edits else f" · {edits} edit" + ("s" if edits > 1 else "")
    return {
        "subject": {
            "title": entry.title,
            "facts": f"{width} × {height}{made}",
            "sample": entry.subject.sample_id if not edits else "",
            "thumb": _entry_thumb(entry),
        },
        "offered": offered_view(entry),
        **generators_view(),
    }


def strip_view(session: Session) -> dict[str, Any]:
    """The history strip."""
    return {
        "entries": [
            {
                "number": entry.number,
                "title": entry.title,
                "thumb": _entry_thumb(entry),
                "edit": bool(entry.parent),
                "film": entry.film is not None,
                "coded": entry.subject.latent is not None,
            }
            for entry in session.entries.values()
        ],
        "current": session.current.number if session.current else None,
        "undo": session.can_undo,
        "redo": session.can_redo,
    }


def stage_view(
    session: Session,
    note: str = "",
    reached: Positions | None = None,
    film: Path | None = None,
) -> dict[str, Any]:
    """The stage at rest: the current picture, the one it lies over for comparison, and how it was made.

    Args:
        session: whose picture.
        note: a few words instead of the picture's title.
        reached: for the result of a run, the points of its last step: where the handles are now.
        film: where the film lies that the picture is the still of, for the browser to fetch.
    """
    entry = session.current
    if entry is None:
        return {"kind": "empty"}
    before, shown, choice = lies_over(session), session.shown, switch_view(session)
    carried = shown is not entry.subject
    where = placement_of(entry.subject) if carried else None
    return {
        "kind": "rest",
        "picture": picture_url(shown.pixels),
        "before": picture_url(before.pixels) if before is not None else None,
        "title": entry.title,
        "facts": [[name, text] for name, text in entry.facts.items()],
        "more": [{"title": name, "picture": url, "own": name in entry.further} for name, url in entry.more.items()],
        "note": note,
        "film": film_view(entry.film, film, entry.title),
        "entry": entry.number,
        "marks": -entry.number if carried else entry.number,
        "switch": choice,
        "square": None if where is None else square_view(where, entry.subject.size[0]),
        "latent": entry.subject.latent is not None,
        "parent": entry.parent,
        "size": shown.size,
        "elsewhere": elsewhere(entry.subject),
        "points": None if reached is None else _rounded(reached),
        "landmarks": landmarks_on(entry.subject, where),
    }


def frame_view(preview: Preview) -> dict[str, Any]:
    """The stage while an edit runs."""
    picture = data_url(preview.jpeg) if preview.jpeg else None  # while it waits for its turn, or for a download
    return {
        "kind": "frame",
        "picture": picture,
        "done": round(preview.done, 4),
        "note": preview.note,
        "points": _rounded(preview.points),
    }


def waiting_view(title: str) -> dict[str, Any]:
    """The stage before the first frame."""
    return {"kind": "start", "note": f"{title}: starting"}


def error_view(sentence: str, licence: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A refusal; the stage keeps its picture. Numbered, since a browser does not notice a value that stays the same.

    `licence` names the weights (repo, licence) whose licence can be accepted right here.
    """
    return {"kind": "error", "sentence": sentence, "number": next(_numbers), "licence": licence}


def more_of(result: Result) -> dict[str, str]:
    """The further pictures of a result, by name, ready for the stage."""
    return {name: data_url(jpeg_bytes(pixels, MORE_SIDE, quality=90)) for name, pixels in result.images.items()}


def further_of(result: Result) -> dict[str, Subject]:
    """The further pictures that can be gone on with: those with a code of their own."""
    return {name: subject for name, subject in result.further.items() if subject.latent is not None}


def _rounded(points: Positions) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
