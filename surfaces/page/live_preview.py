"""Editors that are declared live: the stage shows what their controls would make while they move; nothing is kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr

from registry.device import cpu_threads
from registry.errors import EditorError
from registry.execution import finish
from registry.plugins import EditorSpec
from surfaces.page.controls import received
from surfaces.page.origins import picked
from surfaces.page.page_state import PageState
from surfaces.page.photograph import Onlooker
from surfaces.page.picture_urls import look_url
from surfaces.page.session import Session
from surfaces.page.visitors import asking
from surfaces.page.words import sentence

_ASKED: Mapping[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "queue": False,  # whose way there and back takes as long as half a look; the device is taken in turns all the same
}
AT_ONCE = 8
"""Looks that go on at once for one address. A tab asks for one or two; more would keep threads from others."""
_going: Counter[str] = Counter()
_guard = threading.Lock()


def listen(spec: EditorSpec, shared: PageState, controls: Mapping[str, gr.components.Component]) -> None:
    """Show a look whenever one of a live editor's controls moves.

    The page's own script asks for looks, through the same door as Gradio's events without a queue: see looks.js.
    """
    moves = [move for each in controls.values() if (move := getattr(each, "input", None))]
    if not moves:
        return
    inputs = [shared.session, *controls.values()]
    looks = gr.on([], _looker(spec, list(controls)), inputs, shared.stage, preprocess=False, **_ASKED)
    moved = f"(...values) => {{ facet.looks({looks['id']}, values); }}"
    # one listener for all: a browser looks through all listeners for each component
    gr.on(moves, None, list(controls.values()), js=moved, trigger_mode="multiple", show_progress="hidden")


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
            "threads": _threads(),
            "seen": False,
        }
        result = finish(spec, view.cut(values), last_step=1, visitor=asking().visitor, **how)
        session.looks.note(spec.id, result.seconds)
    except EditorError as refusal:
        picture, note = None, sentence(refusal, spec.inputs)
    else:
        picture, note = look_url(view.look(result.subject)), "Not kept yet: press Run to keep it"
    if session.busy or session.current is not stood:  # an edit has begun, or another picture was chosen meanwhile
        return None
    entry = stood.number if stood is not None else None
    return {
        "kind": "look",
        "picture": picture,
        "note": note,
        "entry": entry,
        "again": start is not stood,
        "slow": session.looks.slow(spec.id),
    }


def _threads() -> int:
    """Half of what there are: the browser has the rest, or the other look.

    Where they all share the processor with something else, each waits for the others at every single operation: two
    threads beside a browser on two cores have taken ten times as long as one.
    """
    return max(1, cpu_threads() // 2)


def _looker(spec: EditorSpec, names: Sequence[str]) -> Callable[..., Any]:
    def looked(session: Session, *raw: Any) -> Any:
        with _place(asking().address) as free, session.looks.one((spec.id, raw)) as number:
            made = look(spec, session, dict(zip(names, raw, strict=True))) if free and number else None
            return None if made is None else {**made, "number": number}

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
