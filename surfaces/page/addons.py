"""The Add-ons page: every plugin that was tried, loaded or refused and why, and what its editors did wrong since."""

from __future__ import annotations

from typing import Any

import gradio as gr

from registry.plugins import Registry
from registry.spoilt import spoilt
from surfaces.page.widgets import Widget

_ITSELF = {"name": "Facet", "origin": "its own files", "loaded": True, "seconds": "", "editors": [], "reason": ""}


def addons_view(registry: Registry) -> dict[str, Any]:
    """One row per plugin, and one for Facet itself where files of its own are spoilt."""
    return {
        "rows": [
            *({**_ITSELF, "faults": list(found)} for found in [spoilt()] if found),
            *_rows(registry),
        ]
    }


def _rows(registry: Registry) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "origin": row.origin,
            "loaded": row.loaded,
            "seconds": f"{row.seconds:.2f} s",
            "editors": [registry.editors[name].title for name in row.editors],
            "reason": row.reason,
            "faults": list(row.faults),
        }
        for row in registry.rows
    ]


def addons_tab(registry: Registry) -> None:
    """The tab, brought up to date each time it is opened."""
    with gr.Tab("Add-ons", id="addons") as tab:
        table = Widget("addons", value=addons_view(registry), elem_id="facet-addons")
    tab.select(
        lambda: addons_view(registry), None, table, queue=False, show_progress="hidden", api_visibility="private"
    )
