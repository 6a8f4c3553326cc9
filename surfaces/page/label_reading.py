"""What the painter of label maps asks the server: the map of the session's picture, or of a file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import gradio as gr

from registry.errors import BadInput, EditorError
from registry.execution import finish
from registry.plugins import Input, Registry
from registry.subjects import LabelMap
from surfaces.page.controls import received
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.page.visitors import asking
from surfaces.page.words import sentence

PAINTED_SIDE = 1024  # longest side of a map that is painted on; a brush has to follow the hand


def listen(
    entries: Iterable[Input],
    registry: Registry,
    shared: PageState,
    controls: Mapping[str, gr.components.Component],
) -> None:
    """Answer the painters among some controls."""
    for entry in entries:
        if entry.kind.is_painted and entry.name in controls:
            widget: Any = controls[entry.name]
            widget.submit(  # a question; “change” comes with every stroke, and twice
                _answering(entry, registry),
                [shared.session, widget],
                widget,
                preprocess=False,
                show_progress="hidden",
                api_visibility="private",
                concurrency_id="look",
                concurrency_limit=2,
            )


def answer(entry: Input, registry: Registry, session: Session, request: Any) -> Any:
    """A view for the painter: a map to paint on, or a sentence; nothing if nothing was asked."""
    asked = request.get("ask") if isinstance(request, Mapping) else None
    if asked not in ("parse", "read"):
        return gr.skip()
    try:
        if asked == "parse":
            labels = parsed(entry, registry, session)
        else:
            labels = received(entry, {"file": request.get("file")})
    except EditorError as refusal:
        return {"note": sentence(refusal, [entry]), "asked": asked}
    return {"map": map_url(labels), "asked": asked, "note": ""}


def parsed(entry: Input, registry: Registry, session: Session) -> LabelMap:
    """The label map of the session's picture, made by the editor that the kind names, with its defaults.

    Raises:
        EditorError: there is no picture, no such editor, or it failed; or it gave no such map.
    """
    kind: Any = entry.kind
    try:
        spec = registry.get(kind.read_by)
    except BadInput:
        raise BadInput(entry.name, f"need the editor “{kind.read_by}”, which is not here", "Paint by hand.") from None
    result = finish(spec, {"subject": session.subject}, visitor=asking().visitor)
    labels: LabelMap = kind.read(result.subject.pixels, entry.name)
    return labels


def map_url(labels: LabelMap) -> str:
    """A map as the address of a PNG, at most `PAINTED_SIDE` long."""
    width, height = labels.size
    scale = min(1.0, PAINTED_SIDE / max(width, height))
    small = labels.resized((max(1, round(width * scale)), max(1, round(height * scale))))
    return "data:image/png;base64," + base64.b64encode(small.png()).decode()


def _answering(entry: Input, registry: Registry) -> Callable[..., Any]:
    return lambda session, request: answer(entry, registry, session, request)
