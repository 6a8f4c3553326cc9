"""Settings that come back to an editor's controls: from a picture's recipe, or from the page's address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from registry.errors import EditorError
from registry.inputs import DirectionNames, GeneratorChoice, Kind, MaskInput, Picture, Points, Strengths
from registry.plugins import EditorSpec, Input
from surfaces.page.controls import on_stage
from surfaces.page.session import Session
from surfaces.page.widgets import Widget

if TYPE_CHECKING:
    from surfaces.page.build import PageState


def listen(spec: EditorSpec, shared: PageState, controls: Mapping[str, gr.components.Component]) -> None:
    """Bring settings back whenever the browser asks for those of a picture, or for its address's."""
    widget = Widget("recall", {"editor": spec.id}, elem_classes="ft-unseen")
    widget.input(
        _recaller(spec, list(controls)),
        [shared.session, widget],
        list(controls.values()),
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


def _recaller(spec: EditorSpec, names: list[str]) -> Callable[..., Any]:
    def recall(session: Session, request: Any) -> Any:
        found = settings(spec, session, request)
        shown = [found.get(name, gr.skip()) for name in names]
        return shown[0] if len(shown) == 1 else shown

    return recall


def settings(spec: EditorSpec, session: Session, request: Any) -> dict[str, Any]:
    """What the controls of an editor should show, by input; those that are left as they are, are left out."""
    asked: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
    entry = session.entries.get(asked.get("entry", 0))
    if entry is not None and entry.outline.editor == spec.id:
        recorded = entry.subject.lineage[-1]["inputs"]
        number = entry.number
    elif isinstance(told := asked.get("settings"), Mapping):
        recorded, number = {name: _parsed(text) for name, text in told.items()}, 0
    else:
        return {}
    found = {}
    for each in spec.inputs:
        if recorded.get(each.name) is not None and each.name != "subject":
            try:
                value = _shown(each, recorded[each.name], session, number)
            except EditorError:  # of another version, or typed by hand: the control stays as it is
                continue
            if value is not None:
                found[each.name] = value
    return found


def _shown(entry: Input, row: Any, session: Session, number: int) -> Any:
    """A recorded value in the form in which the control takes it, or None if it cannot be shown."""
    recorded = entry.kind.recorded(row, entry.name)
    for kind in type(entry.kind).__mro__:
        if kind in FORMS:
            return FORMS[kind](entry, recorded, session, number)
    return gr.update(value=entry.kind.record(entry.kind.check(recorded, entry.name)))


def _picture(entry: Input, row: Any, session: Session, number: int) -> Any:
    if "sample" in row:
        return {"sample": row["sample"]}
    entries = list(session.entries.values())
    return next(({"entry": each.number} for each in entries if each.outline.sha256 == row["sha256"]), None)


def _mark(name: str) -> Callable[[Input, Any, Session, int], Any]:
    return lambda entry, row, session, number: {name: row, "entry": number} if on_stage(entry) and number else None


def _named(name: str) -> Callable[[Input, Any, Session, int], Any]:
    return lambda entry, row, session, number: {name: entry.kind.check(row, entry.name)}


FORMS: Mapping[type[Kind], Callable[[Input, Any, Session, int], Any]] = {
    Picture: _picture,
    Points: _mark("pairs"),
    MaskInput: _mark("mask"),
    GeneratorChoice: _named("id"),
    Strengths: _named("values"),
    DirectionNames: _named("names"),
}
"""Kind → the value of its widget; Gradio's own components take what a recipe records."""


def _parsed(text: Any) -> Any:
    try:
        return json.loads(str(text)[:20_000])
    except (ValueError, RecursionError):
        return str(text)[:20_000]
