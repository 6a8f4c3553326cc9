"""Registers no editor."""

from facet import hookimpl


@hookimpl
def register_editors():
    return []
