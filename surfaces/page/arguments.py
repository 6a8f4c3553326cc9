"""The arguments of an editor's endpoint and tool, as clients see them. Gradio-free: the command line documents them."""

from __future__ import annotations

from typing import Any

from registry.plugins import REQUIRED, EditorSpec, Input

IMPORT = "import_artifact"
"""The endpoint that takes what an edit has left elsewhere; no editor may be called so."""


def arguments(spec: EditorSpec) -> list[Input]:
    """An editor's inputs in the order of its endpoint: those that are needed first, as Python wants its arguments."""
    return sorted(spec.inputs, key=lambda entry: not is_needed(entry))


def is_needed(entry: Input) -> bool:
    """Whether a call without it is refused."""
    return entry.default is REQUIRED and not entry.optional


def is_file(entry: Input) -> bool:
    """Whether it is sent as an uploaded file."""
    return bool(entry.kind.schema().get("format") == "file")


def describe(entry: Input) -> str:
    """Doc, range and default in words: clients of MCP get no ranges and no falsy defaults otherwise."""
    return " ".join(filter(None, (entry.kind.doc, entry.kind.limits(), default_of(entry))))


def default_of(entry: Input) -> str:
    """The default as a sentence."""
    if entry.default is REQUIRED:
        return "" if entry.optional else "Needed."
    value: Any = "none" if entry.default is None else entry.kind.record(entry.default)
    return f"Default: {str(value).lower() if isinstance(value, bool) else value}."
