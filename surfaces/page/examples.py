"""Examples in each editor's tab: a picture and settings that one press brings and runs, with the result they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from registry.errors import EditorError
from registry.plugins import EditorSpec
from surfaces.page.answers import NOTHING, Views, everything, only_stage
from surfaces.page.example_list import BUILT_IN, examples_of, subject_of, thumb
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.page.views import error_view
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget
from surfaces.page.words import sentence

NONE = "There are no examples: its networks do not come along."


def offer(spec: EditorSpec, shared: PageState) -> None:
    """The row of examples; their pictures come when it is seen."""
    rows = examples_of(spec)
    if not rows:
        if spec.plugin in BUILT_IN:
            gr.HTML(f'<p class="ft-doc ft-needs">{NONE}</p>')
        return
    options = {"editor": spec.id, "rows": [{"title": row.title, "seconds": row.seconds} for row in rows]}
    widget = Widget("examples", options, elem_classes="ft-examples")
    widget.input(
        _answering(spec),
        [shared.session, widget],
        [widget, *shared.views],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
        trigger_mode="multiple",
    )


def _answering(spec: EditorSpec) -> Callable[..., tuple[Any, ...]]:
    def answer(session: Session, request: Any) -> tuple[Any, ...]:
        asked = request if isinstance(request, Mapping) else {}
        if asked.get("look"):
            return {"thumbs": [thumb(row) for row in examples_of(spec)]}, *NOTHING
        return begin(spec, session, asked.get("press"))

    return answer


def begin(spec: EditorSpec, session: Session, number: Any) -> tuple[Any, ...]:
    """Choose the picture of an example; then the browser asks for its settings, and presses Run."""
    rows = examples_of(spec)
    if type(number) is not int or not 0 <= number < len(rows) or session.busy:
        return gr.skip(), *NOTHING
    entry, views = None, NOTHING
    try:
        if rows[number].on:
            session.address = asking().address
            entry = session.choose(*subject_of(rows[number].on)).number
            session.history.store()
            views = everything(session)
    except (EditorError, OSError) as problem:
        said = sentence(problem) if isinstance(problem, EditorError) else "The example's picture is damaged."
        refused: Views = only_stage(error_view(said))
        return gr.skip(), *refused
    return {"ready": {"example": number, "entry": entry}}, *views
