"""Image translation: labels or lines to a portrait, a portrait to labels, ink sketches, grey to colour."""

from __future__ import annotations

from collections.abc import Iterable

from editors.translate.colouring import colourise
from editors.translate.ink import ink_sketch
from editors.translate.paint import paint_portrait, sketch_portrait
from editors.translate.parse import parse_portrait
from facet import hookimpl
from facet.app import EditorSpec

__all__ = ["colourise", "ink_sketch", "paint_portrait", "parse_portrait", "register_editors", "sketch_portrait"]


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [paint_portrait, sketch_portrait, parse_portrait, ink_sketch, colourise]
