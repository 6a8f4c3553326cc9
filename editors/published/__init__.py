"""Published networks from a file or from the Hub: pictures or label maps become pictures, and pictures grow."""

from __future__ import annotations

from collections.abc import Iterable

from editors.published.enlarge import enlarge
from editors.published.translate import translate_model
from facet import hookimpl
from facet.app import EditorSpec


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """Both; neither needs a network of its own to be there."""
    return [translate_model, enlarge]
