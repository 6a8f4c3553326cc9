"""Editors that are declared live: the stage shows what their controls would make while they move; nothing is kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gradio as gr

from registry.errors import EditorError
from registry.execution import finish
from registry.plugins import EditorSpec
from surfaces.page.controls import received
from surfaces.page.origins import picked
from surfaces.page.photograph import Onlooker, follows
from surfaces.page.picture_urls import look_url
from surfaces.page.session import Session
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget
from surfaces.page.words import sentence

if TYPE_CHECKING:
    from surfaces.page.build import PageState

_NEWEST: Mapping[str, Any] = {
    "trigger_mode": "always_last",  # one look at a time, then the newest values: as fast as the machine, never a queue
    "show_progress": "hidden",
    "api_visibility": "private",
    "queue": False,  # whose way there and back takes as long as half a look; the device is taken in turns all the same
}
AT_ONCE = 8
"""Looks that go on at once for one address. A tab asks for one or two; more would keep threads from others."""
_going: Counter[str] = Counter()
_guard = threading.Lock()


def listen(spec: EditorSpec, shared: PageState, controls: Mapping[str, gr.components.Component]) -> None:
    """Show a look whenever one of a live editor's controls moves."""
    looker, inputs = _looker(spec, list(controls)), [shared.session, *controls.values()]
    moves = [move for each in controls.values() if (move := getattr(each, "input", None))]
    if moves:  # one listener for all: a browser looks through all listeners for each component
        gr.on(moves, looker, inputs, shared.stage, preprocess=False, **_NEWEST)
    if follows(spec):  # see `twice` in page.js
        for each in controls.values():
            if isinstance(each, Widget):
                each.beside(looker, inputs, shared.stage, preprocess=False, **_NEWEST)


def look(spec: EditorSpec, session: Session, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """The picture of the editor's first step, for the stage, or a sentence in its place; None to leave all as it is."""
    stood = session.current
    nothing = stood is None and spec.takes_subject and not spec.input("subject").optional
    if nothing or session.busy:
        return None
    start = session.original(spec.id) or stood  # as the Run button does
    try:
        sent = picked(session, raw)
        values = {entry.name: received(entry, sent[entry.name]) for entry in spec.inputs if entry.name in sent}
        view = Onlooker(spec, session, start)
        if spec.takes_subject:
            values["subject"] = view.subject
        how: Mapping[str, Any] = {
            "strict": True,
            "agreed": session.agreed,
            "rough": view.rough,
            "threads": view.threads,
        }
        result = finish(spec, view.cut(values), last_step=1, visitor=asking().visitor, **how)
    except EditorError as refusal:
        picture, note = None, sentence(refusal, spec.inputs)
    else:
        picture, note = look_url(view.look(result.subject.pixels)), "Not kept yet: press Run to keep it"
    if session.busy or session.current is not stood:  # an edit has begun, or another picture was chosen meanwhile
        return None
    entry = stood.number if stood is not None else None
    return {"kind": "look", "picture": picture, "note": note, "entry": entry, "again": start is not stood}


def _looker(spec: EditorSpec, names: Sequence[str]) -> Callable[..., Any]:
    def looked(session: Session, *raw: Any) -> Any:
        with _place(asking().address) as free, session.looks.one((spec.id, raw)) as number:
            made = look(spec, session, dict(zip(names, raw, strict=True))) if free and number else None
            return gr.skip() if made is None else {**made, "number": number}

    return looked


@contextmanager
def _place(address: str) -> Iterator[bool]:
    """Whether one more look of that address may go on; it counts until the end of the block."""
    with _guard:
        free = _going[address] < AT_ONCE
        _going[address] += free
    try:
        yield free
    finally:
        with _guard:
            _going[address] -= free
            if not _going[address]:
                del _going[address]
