"""Sliders of what the subject's generator offers: their controls, and what these send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from registry.directions import DirectionNames, Strengths
from registry.signature import Input
from surfaces.page.widgets import Widget


def sliders(entry: Input) -> gr.components.Component:
    """A slider for each direction; which ones there are comes with the subject."""
    return Widget("sliders", {"label": entry.label, "doc": entry.kind.doc})


def names(entry: Input) -> gr.components.Component:
    """A button for each direction, pressed or not."""
    return Widget("names", {"label": entry.label, "doc": entry.kind.doc})


def received(entry: Input, raw: Any) -> Any:
    """What the two widgets send, or what an HTTP client sent."""
    if not isinstance(raw, Mapping) or "rev" not in raw:
        empty: Any = {} if isinstance(entry.kind, Strengths) else []
        return empty if raw is None else raw
    return raw.get("values" if isinstance(entry.kind, Strengths) else "names")


KINDS = {Strengths: sliders, DirectionNames: names}
"""For `surfaces.page.controls`."""
