"""What a plugin can tell Facet. Two hooks; add another only with a plugin that uses it."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from registry.plugins.spec import EditorSpec
from registry.plugins.widgets import PageWidget

PROJECT = "facet"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_editors() -> Iterable[EditorSpec]:  # type: ignore[empty-body]
    """The editors a plugin brings: a list of what `@editor` returned."""


@hookspec
def register_widgets() -> Iterable[PageWidget]:  # type: ignore[empty-body]
    """Page widgets for kinds of input that the plugin brings: a list of `PageWidget`."""
