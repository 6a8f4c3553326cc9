"""What a plugin can tell Facet. One hook; add another only with a plugin that uses it."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from registry.spec import EditorSpec

PROJECT = "facet"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_editors() -> Iterable[EditorSpec]:  # type: ignore[empty-body]
    """The editors a plugin brings: a list of what `@editor` returned."""
