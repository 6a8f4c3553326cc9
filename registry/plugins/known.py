"""The editors that this process can call by id."""

from __future__ import annotations

from registry.plugins.spec import EditorSpec

SPECS: dict[str, EditorSpec] = {}


def register_spec(spec: EditorSpec) -> None:
    """Make an editor callable by id in this process and in every worker forked from it later."""
    SPECS[spec.id] = spec
