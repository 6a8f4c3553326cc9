"""Settings that come back to an editor's controls: from a picture's recipe, or from the page's address."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from registry.errors import EditorError
from registry.inputs import (
    DirectionNames,
    GeneratorChoice,
    Kind,
    LabelMapInput,
    Labels,
    MaskInput,
    Picture,
    Points,
    Strengths,
)
from registry.plugins import REQUIRED, EditorSpec, Input
from registry.subjects import sample
from surfaces.page.controls import on_stage, received
from surfaces.page.example_list import examples_of, recorded
from surfaces.page.label_reading import map_url
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.page.widgets import Widget


def listen(spec: EditorSpec, shared: PageState, controls: Mapping[str, gr.components.Component]) -> None:
    """Bring settings back whenever the browser asks for those of a picture, of an example, or of its address."""
    widget = Widget("recall", {"editor": spec.id}, elem_classes="ft-unseen")
    widget.input(_recaller(spec, list(controls)), [shared.session, widget], [widget, *controls.values()], **_AT_ONCE)

    widget.submit(_linker(spec, list(controls)), list(controls.values()), widget, preprocess=False, **_AT_ONCE)


_AT_ONCE: Mapping[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
_numbers = itertools.count(1)


def _recaller(spec: EditorSpec, names: list[str]) -> Callable[..., Any]:
    def recall(session: Session, request: Any) -> Any:
        found = settings(spec, session, request)
        asked = request.get("asked") if isinstance(request, Mapping) else None
        return [{"brought": asked, "number": next(_numbers)}, *(found.get(name, gr.skip()) for name in names)]

    return recall


def _linker(spec: EditorSpec, names: list[str]) -> Callable[..., dict[str, Any]]:
    def link(*raw: Any) -> dict[str, Any]:
        query = urlencode(linked(spec, dict(zip(names, raw, strict=True))))
        return {"link": query, "number": next(_numbers)}

    return link


def linked(spec: EditorSpec, raw: Mapping[str, Any]) -> dict[str, str]:
    """What a link carries so that `settings` finds it again, input → text: what is not as declared.

    Left out are marks and files, which belong to a picture, and what is too long for an address.
    """
    found: dict[str, str] = {}
    for name, sent in raw.items():
        entry = spec.input(name)
        if entry.kind.is_mark or sent is None:
            continue
        try:
            value = entry.kind.record(entry.kind.check(received(entry, sent), name))
        except (EditorError, TypeError):
            continue
        if entry.kind.is_picture:
            value = {"sample": value["sample"]} if isinstance(value, dict) and "sample" in value else None
        declared = None if entry.default in (REQUIRED, None) else entry.kind.record(entry.default)
        text = value if isinstance(value, str) and _parsed(value) == value else json.dumps(value, ensure_ascii=False)
        if value is not None and value != declared and len(text) <= _MOST_TEXT:
            found[name] = text
    return found


_MOST_TEXT = 400
"""Characters of one setting in a link."""


def settings(spec: EditorSpec, session: Session, request: Any) -> dict[str, Any]:
    """What the controls of an editor should show, by input; those that are left as they are, are left out."""
    asked: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
    entry = session.entries.get(asked.get("entry") or 0)
    if type(chosen := asked.get("example")) is int and 0 <= chosen < len(examples_of(spec)):
        told, number = recorded(spec, examples_of(spec)[chosen]), entry.number if entry else 0
    elif entry is not None and entry.outline.editor == spec.id:
        told, number = entry.subject.lineage[-1]["inputs"], entry.number
    elif isinstance(texts := asked.get("settings"), Mapping):
        told, number = {name: _parsed(text) for name, text in texts.items()}, 0
    else:
        return {}
    found = {}
    for each in spec.inputs:
        if told.get(each.name) is not None and each.name != "subject":
            try:
                value = _shown(each, told[each.name], session, number)
            except EditorError:  # of another version, or typed by hand: the control stays as it is
                continue
            if value is not None:
                found[each.name] = value
    return found


def _shown(entry: Input, row: Any, session: Session, number: int) -> Any:
    """A recorded value in the form in which the control takes it, or None if it cannot be shown."""
    named = entry.kind.is_picture and isinstance(row, Mapping) and "sha256" not in row  # out of a link
    recorded = row if named else entry.kind.recorded(row, entry.name)
    for kind in type(entry.kind).__mro__:
        if kind in FORMS:
            return FORMS[kind](entry, recorded, session, number)
    return gr.update(value=entry.kind.record(entry.kind.check(recorded, entry.name)))


def _picture(entry: Input, row: Any, session: Session, number: int) -> Any:
    if "sample" in row:
        return {"sample": sample(str(row["sample"])[:60], entry.name).id}
    entries = list(session.entries.values())
    return next(({"entry": each.number} for each in entries if each.outline.sha256 == row.get("sha256")), None)


def _mark(name: str) -> Callable[[Input, Any, Session, int], Any]:
    return lambda entry, row, session, number: {name: row, "entry": number} if on_stage(entry) and number else None


def _map(entry: Input, row: Any, session: Session, number: int) -> Any:
    return {"brought": map_url(entry.kind.check(row, entry.name))}  # on a picture with a map of its own, that stays


def _labels(entry: Input, row: Any, session: Session, number: int) -> Any:
    samples = entry.kind.check(row, entry.name)
    if set(samples.labels) - {0, 1}:  # numbers out of a table: there is no way to mark those
        return None
    marked = list(zip(samples.seeds, samples.labels, strict=True))
    return {"yes": [seed for seed, label in marked if label], "no": [seed for seed, label in marked if not label]}


def _named(name: str) -> Callable[[Input, Any, Session, int], Any]:
    return lambda entry, row, session, number: {name: entry.kind.check(row, entry.name)}


FORMS: Mapping[type[Kind], Callable[[Input, Any, Session, int], Any]] = {
    Picture: _picture,
    Points: _mark("pairs"),
    MaskInput: _mark("mask"),
    LabelMapInput: _map,
    Labels: _labels,
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
