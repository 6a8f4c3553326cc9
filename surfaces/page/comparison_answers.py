"""What is asked of a comparison that is over: a file, one of its pictures, where its pictures differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from registry.errors import BadInput, EditorError
from surfaces.page.answers import everything, only_stage
from surfaces.page.comparison_files import comparison_file
from surfaces.page.comparison_view import columns_view, differences_view, title_of
from surfaces.page.photograph import follows, seen_first
from surfaces.page.session import Session
from surfaces.page.views import error_view, further_of, more_of
from surfaces.page.words import facts_of, sentence


def save(session: Session, request: Any) -> Any:
    """Hand out the comparison as a file, or show where its pictures differ from the original."""
    kind = request.get("save") if isinstance(request, Mapping) else None
    differing = isinstance(request, Mapping) and bool(request.get("difference"))
    if kind is None and not differing:
        return gr.skip()
    films, original, of = session.compared_films, session.compared_original, session.compared_from
    view = columns_view(session.compared, films, original=original, of=of)
    try:
        if differing:
            return view | {"differences": differences_view(session.compared, session.compared_original)}
        path = comparison_file(session.compared, kind)
    except EditorError as error:
        return view | {"error": sentence(error)}
    return view | {"file": {"path": path.as_posix(), "name": path.name, "number": path.parent.name}}


def use(session: Session, request: Any) -> tuple[Any, ...]:
    """Make a column's picture the subject and go to the Edit tab."""
    if not isinstance(request, Mapping) or "use" not in request:
        return (gr.skip(),) * 5
    index = request["use"]
    try:
        if not isinstance(index, int) or not 0 <= index < len(session.compared):
            raise BadInput("column", "is no longer there", "Compare again.")
        column = session.compared[index]
        if column.result is None:
            raise BadInput("column", "has no picture")
        parent = session.compared_from if column.spec.takes_subject else None
        made = column.result
        told, more, further = facts_of(made), more_of(made), further_of(made)
        session.edited(made.subject, title_of(column), parent, told, more, made.film, further)
        if follows(column.spec):
            seen_first(session)
        session.history.store()
    except EditorError as error:
        return *only_stage(error_view(sentence(error))), gr.Tabs(selected="edit")
    return *everything(session), gr.Tabs(selected="edit")
