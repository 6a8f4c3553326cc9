"""Editors that are declared live: the stage shows what their controls would make while they move; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from registry.errors import EditorError
from registry.execution import finish
from registry.plugins import EditorSpec
from surfaces.page.controls import received
from surfaces.page.origins import picked
from surfaces.page.photograph import Onlooker
from surfaces.page.session import Session
from surfaces.page.views import picture_url
from surfaces.page.visitors import asking
from surfaces.page.words import sentence

if TYPE_CHECKING:
    from surfaces.page.build import PageState

_NEWEST: Mapping[str, Any] = {
    "trigger_mode": "always_last",  # one look at a time, then the newest values: as fast as the machine, never a queue
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_id": "look",
    "concurrency_limit": 2,
}


def listen(spec: EditorSpec, shared: PageState, controls: Mapping[str, gr.components.Component]) -> None:
    """Show a look whenever one of a live editor's controls moves."""
    looker, inputs = _looker(spec, list(controls)), [shared.session, *controls.values()]
    moves = [move for each in controls.values() if (move := getattr(each, "input", None))]
    if moves:  # one listener for all: a browser looks through all listeners for each component
        gr.on(moves, looker, inputs, shared.stage, preprocess=False, **_NEWEST)


def look(spec: EditorSpec, session: Session, raw: Mapping[str, Any]) -> Any:
    """The picture of the editor's first step, for the stage; a sentence in its place if there is none."""
    stood = session.current
    nothing = stood is None and spec.takes_subject and not spec.input("subject").optional
    if nothing or session.busy:
        return gr.skip()
    start = session.original(spec.id) or stood  # as the Run button does
    try:
        sent = picked(session, raw)
        values = {entry.name: received(entry, sent[entry.name]) for entry in spec.inputs if entry.name in sent}
        view = Onlooker(spec, session, start)
        if spec.takes_subject:
            values["subject"] = view.subject
        how: Mapping[str, Any] = {"visitor": asking().visitor, "strict": True, "agreed": session.agreed}
        result = finish(spec, view.cut(values), last_step=1, **how)
    except EditorError as refusal:
        picture, note = None, sentence(refusal, spec.inputs)
    else:
        picture, note = picture_url(view.look(result.subject.pixels)), "Not kept yet: press Run to keep it"
    if session.busy or session.current is not stood:  # an edit has begun, or another picture was chosen meanwhile
        return gr.skip()
    entry = stood.number if stood is not None else None
    return {"kind": "look", "picture": picture, "note": note, "entry": entry, "again": start is not stood}


def _looker(spec: EditorSpec, names: Sequence[str]) -> Callable[..., Any]:
    return lambda session, *raw: look(spec, session, dict(zip(names, raw, strict=True)))
