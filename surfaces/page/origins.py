"""Pictures that the session still has: named by a picker, or found as what a subject was cut from. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.errors import BadInput
from registry.plugins import EditorSpec
from registry.subjects import Subject, placement_of
from surfaces.page.session import Entry, Session


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


def subject_of(spec: EditorSpec, current: Entry | None) -> Subject | None:
    """The picture that an edit begins with; None where the editor can do without and the current one is none for it.

    An editor that asks for a picture with a code, or for none, makes one from nothing where a photograph stands on the
    stage.

    Raises:
        BadInput: there is none, and the editor needs one.
    """
    entry = spec.input("subject")
    subject = current.subject if current is not None else None
    if entry.optional and (subject is None or (entry.kind.needs_latent and subject.latent is None)):
        return None
    if subject is None:
        raise BadInput("subject", "is missing", "Choose a picture first.")
    return subject


def with_origins(spec: EditorSpec, session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with the picture for every `SourcePicture` that was not chosen, if it is in the session's history.

    An editor that could show the photograph and is not to (`InPhotograph`) gets none: its recipe would ask for it.
    """
    found = dict(values)
    switches = [entry.name for entry in spec.inputs if entry.kind.in_photograph]
    if switches and not any(values.get(name) for name in switches):
        return found
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
