"""Registers names where editors are due."""

from facet import hookimpl


@hookimpl
def register_editors():
    return ["posterise"]
