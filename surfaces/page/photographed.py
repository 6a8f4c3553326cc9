"""A comparison while the stage shows a photograph: every column is seen, and measured, in it. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.errors import EditorError
from registry.plugins import EditorSpec, Result
from registry.subjects import Subject
from surfaces.page.origins import with_origins
from surfaces.page.photograph import Onlooker, carried, photograph_of
from surfaces.page.session import Session


class InThePhotograph:
    """Results of editors that need the generator, in the photograph; those of all others are pictures of it already."""

    def __init__(self, session: Session) -> None:
        self._session, self._photograph = session, photograph_of(session)

    def values(self, spec: EditorSpec, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Marks and the subject as this editor needs them. Raises BadInput."""
        view = Onlooker(spec, self._session)
        mine = {**values, "subject": view.subject} if "subject" in values else values
        return with_origins(spec, self._session, view.cut(mine))

    def seen(self, spec: EditorSpec, result: Result) -> tuple[Subject, Subject] | None:
        """The photograph, before and after; None where the result is to be seen as it is."""
        if self._photograph is None or result.subject.latent is None or result.film is not None:
            return None
        try:
            return self._photograph, carried(result.subject, self._photograph).subject
        except EditorError:
            return None


def where_seen(session: Session) -> InThePhotograph | None:
    """In the photograph, if that is what the stage shows."""
    entry = session.current
    there = session.onto and entry is not None and session.carried_of(entry) is not None
    return InThePhotograph(session) if there else None
