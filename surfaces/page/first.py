"""The first minute: a bundled puppet with a suggested pull, which one press takes, draws and runs."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.plugins import EditorSpec, Registry
from registry.saved import subject_with_lineage
from registry.spoilt import note_spoilt
from registry.subjects import Subject
from surfaces.page.bring import needs_latent
from surfaces.page.picture_urls import thumb_url
from surfaces.settings import ROOT

FOLDER = ROOT / "assets" / "first"


@cache
def _told(folder: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((folder / "first.json").read_text(encoding="utf-8"))
        told["subject"] = subject_with_lineage(folder / told["file"])
    except (OSError, ValueError, KeyError, TypeError, BadInput):
        note_spoilt("The puppet that the page begins with is damaged. Install Facet anew.")
        return None
    return told if told["subject"].latent is not None else None


def first_view(registry: Registry) -> dict[str, Any] | None:
    """The card on the empty stage; None where no editor could run the pull, or the picture is damaged."""
    editor = _editor(registry)
    told = _told(FOLDER) if editor is not None else None
    if editor is None or told is None:
        return None
    return {"words": told["words"], "thumb": thumb_url(told["subject"].pixels), "editor": editor.id}


def first_subject() -> tuple[Subject, str, list[list[float]]]:
    """The puppet, its title, and the suggested pairs. Raises BadInput if its file is damaged."""
    told = _told(FOLDER)
    if told is None:
        raise BadInput("subject", "is damaged", "Choose another one.")
    return replace(told["subject"]), told["title"], told["pairs"]


def _editor(registry: Registry) -> EditorSpec | None:
    """The first editor that drags points of a picture with a code."""
    dragging = registry.by_task().get("drag", ())
    return next((spec for spec in dragging if needs_latent(spec) and any(e.name == "pairs" for e in spec.inputs)), None)
