"""What the history strip asks for: undo, redo, another picture; names, pins, deleting, and all of it as a ZIP."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import gradio as gr

from registry.errors import EditorError
from surfaces.page.answers import Views, everything
from surfaces.page.history.zipped import zip_file
from surfaces.page.saved import download
from surfaces.page.session import Session
from surfaces.page.views import error_view, strip_view
from surfaces.page.words import sentence

_numbers = itertools.count(1)


def travel(session: Session, request: Any) -> Views:
    """Do what the strip asks for. A refusal is one sentence on the stage, and leaves the history as it was."""
    asked: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
    try:
        if asked.get("stored"):
            session.history.store()
            return gr.skip(), gr.skip(), strip_view(session), download(session)
        if (changed := _changed(session, asked)) is not None:
            return gr.skip(), gr.skip(), changed, gr.skip()
        _go(session, asked)
    except EditorError as error:
        return error_view(sentence(error)), gr.skip(), strip_view(session), gr.skip()
    return everything(session)


def _changed(session: Session, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The strip after something that leaves the stage as it is; None if it was nothing of that kind."""
    history = session.history
    if "rename" in asked:
        history.rename(asked["rename"], str(asked.get("name", ""))[:400])
    elif "pin" in asked:
        history.pin(asked["pin"], bool(asked.get("on")))
    elif asked.get("zip"):
        path = zip_file(history)
        return strip_view(session) | {"file": {"path": path.as_posix(), "name": path.name, "number": next(_numbers)}}
    else:
        return None
    return strip_view(session)


def _go(session: Session, asked: Mapping[str, Any]) -> None:
    where = asked.get("go")
    if where == "undo":
        session.undo()
    elif where == "redo":
        session.redo()
    elif isinstance(where, int):
        session.go_to(where)
    elif isinstance(asked.get("remove"), int):
        session.forget(asked["remove"])
    elif asked.get("clear"):
        session.clear()
