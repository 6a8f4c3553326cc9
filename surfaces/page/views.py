"""What the page's widgets are sent: plain JSON made from a session and from events of a run. Gradio-free."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.plugins import Preview, Result
from registry.settings import number
from registry.spoilt import note_spoilt
from registry.subjects import Subject, collection, jpeg_bytes, placement_of
from surfaces.page.before_after import elsewhere, lies_over
from surfaces.page.direction_list import generators_view, offered_view
from surfaces.page.history.entry import Entry
from surfaces.page.landmarks import landmarks_on
from surfaces.page.photograph import square_view, switch_view
from surfaces.page.picture_urls import data_url, picture_url, thumb_url
from surfaces.page.session import Session
from surfaces.page.words import film_view

MORE_SIDE = 960  # longest side of a further picture of a result; some have words in them
_numbers = itertools.count(1)

Positions = Sequence[tuple[float, float]]
"""Points (x, y) in source pixels."""


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
    width, height = entry.subject.size
    edits = len(entry.subject.lineage)
    made = "" if not edits else f" · {edits} edit" + ("s" if edits > 1 else "")
    return {
        "subject": {
            "title": entry.called,
            "facts": f"{width} × {height}{made}",
            "sample": entry.subject.sample_id if not edits else "",
            "thumb": entry.thumb,
        },
        "offered": {**offered_view(entry), "again": _again(session, entry)},
        **generators_view(),
    }


def strip_view(session: Session) -> dict[str, Any]:
    """The history strip."""
    return {
        "entries": [
            {
                "number": entry.number,
                "parent": entry.parent,
                "title": entry.called,
                "thumb": entry.thumb,
                "edit": bool(entry.parent),
                "film": entry.outline.filmed,
                "coded": entry.outline.coded,
                "pinned": entry.pinned,
                "facts": _line(entry),
                "editor": entry.outline.editor,
            }
            for entry in list(session.entries.values())
        ],
        "unstored": session.history.unstored,
        "trouble": session.history.trouble,
        "kept": _kept(session),
        "current": session.current.number if session.current else None,
        "undo": session.can_undo,
        "redo": session.can_redo,
    }


def unfinished_view(session: Session) -> dict[str, Any]:
    """The history strip after a run, which then asks for the file to download, made once the picture is stored."""
    return strip_view(session) | {"unfinished": True}


def _line(entry: Entry) -> str:
    width, height = entry.outline.size
    facts = [f"{width} × {height}", entry.title if entry.name else "", entry.facts.get("time", "")]
    return " · ".join(filter(None, (*facts, f"seed {entry.facts['seed']}" if "seed" in entry.facts else "")))


def _kept(session: Session) -> str:
    """Where the history is, in a sentence."""
    history = session.history
    if history.shelf is not None:
        days = f"{number('HISTORY_DAYS'):g} days"
        return f"Kept on this computer, for this browser. Deleted when nobody has opened it for {days}."
    if history.lasting:
        return "Kept in the server's memory for about an hour after you leave. Download what you want to keep."
    return "Kept as long as this tab is open. Download what you want to keep."


def stage_view(
    session: Session,
    note: str = "",
    reached: Positions | None = None,
    film: Path | None = None,
    entry: Entry | None = None,
) -> dict[str, Any]:
    """The stage at rest: the current picture, the one it lies over for comparison, and how it was made.

    Args:
        session: whose picture.
        note: a few words instead of the picture's title.
        reached: for the result of a run, the points of its last step: where the handles are now.
        film: where the film lies that the picture is the still of, for the browser to fetch.
        entry: another picture of the history than the current one.
    """
    entry = entry or session.current
    if entry is None:
        return {"kind": "empty"}
    here = entry is session.current
    before, shown = lies_over(session, entry), session.shown if here else entry.subject
    carried = shown is not entry.subject
    where = placement_of(entry.subject) if carried else None
    return {
        "kind": "rest",
        "again": _again(session, entry),
        "picture": picture_url(shown.pixels),
        "before": picture_url(before.pixels) if before is not None else None,
        "title": entry.called,
        "facts": [[name, text] for name, text in entry.facts.items()],
        "more": [{"title": name, "picture": url, "own": name in entry.further} for name, url in entry.more.items()],
        "note": note,
        "film": film_view(entry.film, film, entry.title),
        "entry": entry.number,
        "marks": -entry.number if carried else entry.number,
        "switch": switch_view(session) if here else "",
        "square": None if where is None else square_view(where, entry.subject.size[0]),
        "latent": entry.subject.latent is not None,
        "parent": entry.parent,
        "size": shown.size,
        "elsewhere": elsewhere(entry.subject),
        "points": None if reached is None else _rounded(reached),
        "landmarks": landmarks_on(entry.subject, where),
    }


def _again(session: Session, entry: Entry) -> str:
    """The editor that would make the picture again from what it was made from, or empty."""
    return entry.outline.editor if entry.parent in session.entries else ""


def frame_view(preview: Preview, aside: bool = False) -> dict[str, Any]:
    """The stage while an edit runs; `aside`: of a picture that is no longer on it, so that only its progress shows."""
    if aside:
        return {"kind": "frame", "picture": None, "aside": True, "done": round(preview.done, 4), "note": preview.note}
    picture = data_url(preview.jpeg) if preview.jpeg else None  # while it waits for its turn, or for a download
    return {
        "kind": "frame",
        "picture": picture,
        "done": round(preview.done, 4),
        "note": preview.note,
        "points": _rounded(preview.points),
    }


def aside_view(title: str) -> dict[str, Any]:
    """The end of an edit whose picture is no longer on the stage."""
    return {"kind": "aside", "note": f"{title} is done: its result is in the history.", "number": next(_numbers)}


def waiting_view(title: str, stand: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The stage before the first frame; `stand`: its view of another picture, with which the edit begins."""
    return {"kind": "start", "note": f"{title}: starting", "stand": stand, "number": next(_numbers)}


def error_view(sentence: str, answer: Mapping[str, Any] | None = None, label: str = "") -> dict[str, Any]:
    """A refusal; the stage keeps its picture. Numbered, since a browser does not notice a value that stays the same.

    `answer` is what the stage sends when the button called `label` is pressed; None for a refusal that asks nothing.
    """
    return {"kind": "error", "sentence": sentence, "number": next(_numbers), "answer": answer, "label": label}


def agreed_view() -> dict[str, Any]:
    """The stage, which presses again what was refused until the visitor agreed."""
    return {"kind": "agreed", "number": next(_numbers)}


def more_of(result: Result) -> dict[str, str]:
    """The further pictures of a result, by name, ready for the stage."""
    return {name: data_url(jpeg_bytes(pixels, MORE_SIDE, quality=90)) for name, pixels in result.images.items()}


def further_of(result: Result) -> dict[str, Subject]:
    """The further pictures that can be gone on with: those with a code of their own."""
    return {name: subject for name, subject in result.further.items() if subject.latent is not None}


def _rounded(points: Positions) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
