"""Sliders of what the subject's generator offers: their controls, and what these send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from registry.directions import DirectionNames, Labels, Strengths
from registry.signature import Input
from surfaces.page.widgets import Widget


def sliders(entry: Input) -> gr.components.Component:
    """A slider for each direction; which ones there are comes with the subject."""
    return Widget("sliders", {"label": entry.label, "doc": entry.kind.doc})


def names(entry: Input) -> gr.components.Component:
    """A button for each direction, pressed or not; at first those of the declared default."""
    chosen = list(entry.default) if isinstance(entry.default, (list, tuple)) else []
    return Widget("names", {"label": entry.label, "doc": entry.kind.doc, "start": chosen})


def marks(entry: Input) -> gr.components.Component:
    """Pictures of seeds to mark yes or no; `surfaces.page.gallery` draws them."""
    kind = entry.kind
    assert isinstance(kind, Labels)
    return Widget("labels", {"label": entry.label, "doc": kind.doc, "least": kind.least})


def received(entry: Input, raw: Any) -> Any:
    """What the widgets send, or what an HTTP client sent.

    Raises:
        BadInput: labels came as text, which might be a path.
    """
    if isinstance(entry.kind, Labels):
        raw = entry.kind.from_stranger(raw, entry.name)
        return {"yes": raw.get("yes", []), "no": raw.get("no", [])} if isinstance(raw, Mapping) else raw or []
    if not isinstance(raw, Mapping) or "rev" not in raw:
        empty: Any = {} if isinstance(entry.kind, Strengths) else []
        return empty if raw is None else raw
    return raw.get("values" if isinstance(entry.kind, Strengths) else "names")


KINDS = {Strengths: sliders, DirectionNames: names, Labels: marks}
"""For `surfaces.page.controls`."""
