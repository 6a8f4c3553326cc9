"""Pictures that the session still has: named by a picker, or found as what a subject was cut from. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.errors import BadInput
from registry.plugins import EditorSpec
from registry.subjects import Subject, placement_of
from surfaces.page.session import Session


def picked(session: Session, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the page sent, with the session's picture where a picker names one by its number.

    Raises:
        BadInput: the session no longer has that picture.
    """
    found = dict(raw)
    for name, value in raw.items():
        if isinstance(value, Mapping) and isinstance(number := value.get("entry"), int):
            entry = session.entries.get(number)
            if entry is None:
                raise BadInput(name, "is no longer in the history", "Choose another picture.")
            found[name] = entry.subject
    return found


def with_origins(spec: EditorSpec, session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with the picture for every `SourcePicture` that was not chosen, if it is in the session's history."""
    found = dict(values)
    for entry in spec.inputs:
        subject = values.get(entry.kind.cut_from)
        if found.get(entry.name) is None and isinstance(subject, Subject):
            found[entry.name] = origin_of(subject, session)
    return found


def origin_of(subject: Subject, session: Session) -> Subject | None:
    """The picture in the session that the subject was cut from, or None."""
    where = placement_of(subject)
    if where is None:
        return None
    entries = list(session.entries.values())
    return next((entry.subject for entry in entries if entry.outline.sha256 == where.source), None)
