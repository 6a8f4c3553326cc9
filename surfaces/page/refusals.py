"""A refusal in the page's words: inputs are called as their labels call them. Gradio-free."""

from __future__ import annotations

from collections.abc import Iterable

from registry.errors import BadInput, EditorError
from registry.plugins import Input


def sentence(error: EditorError, entries: Iterable[Input]) -> str:
    """The error's sentence, with the label of the input in the place of its name where the page shows a label."""
    if isinstance(error, BadInput):
        name, _, rest = error.field.partition(" ")  # “pairs 2” is the second of the input called pairs
        label = next((entry.kind.label for entry in entries if entry.name == name), "")
        if label:
            return str(BadInput(f"{label} {rest}".rstrip(), error.why, error.fix))
    return str(error)
