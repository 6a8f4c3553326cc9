"""Edits described in words, for any generator, with CLIP."""

from __future__ import annotations

from collections.abc import Iterable

from editors.text_direction.by_words import fit_words
from editors.text_direction.text_direction import text_direction
from facet import hookimpl
from facet.app import EditorSpec

__all__ = ["fit_words", "register_editors", "text_direction"]


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [text_direction, fit_words]
