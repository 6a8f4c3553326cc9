"""The page's own widgets: instances of Gradio's HTML component, filled by ``assets/page.js``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from registry.plugins import PageWidget
from surfaces.page.example_list import drawings, puppets
from surfaces.page.views import shelf
from surfaces.settings import UPLOAD_BYTES

ASSETS = Path(__file__).resolve().parent / "assets"
STYLES = (
    "page.css",
    "history.css",
    "rooms.css",
    "canvas.css",
    "film.css",
    "photo.css",
    "compare.css",
    "compare_asks.css",
    "directions.css",
    "yours.css",
    "batch.css",
    "painter.css",
    "examples.css",
)
SCRIPTS = (
    "listeners.js",
    "uploads.js",
    "page.js",
    "ready.js",
    "pace.js",
    "stage.js",
    "bar.js",
    "pickers.js",
    "recall.js",
    "examples.js",
    "tour.js",
    "pin.js",
    "history.js",
    "film.js",
    "photo.js",
    "marks.js",
    "mask.js",
    "rows.js",
    "ink.js",
    "toolbar.js",
    "tools.js",
    "gestures.js",
    "canvas.js",
    "rooms.js",
    "compare_large.js",
    "compare_plot.js",
    "compare_asks.js",
    "compare.js",
    "directions.js",
    "generators.js",
    "looks.js",
    "yours.js",
    "batch.js",
    "label_map.js",
    "painter_tools.js",
    "painter_gestures.js",
    "painter_window.js",
    "painter.js",
)


class Widget(gr.HTML):
    """One of the functions of ``assets/page.js`` as a Gradio component.

    Its value is JSON. From the server it is a view (see `surfaces.page.views`), from the browser a small request that
    carries ``rev``. The template is constant, so that Gradio never redraws what the function built.
    """

    def __init__(self, function: str, options: dict[str, Any] | None = None, value: Any = None, **how: Any) -> None:
        quoted = "'input', 'change', 'stop', 'submit'"  # Gradio finds events by their quoted names
        element = "element.querySelector('.facet-widget') || element"
        given = f"{{element: {element}, props, trigger, watch, upload}}"
        super().__init__(
            value=value,
            html_template=f'<div class="facet-widget facet-{function}"></div>',
            js_on_load=f"facet.{function}({given}, {json.dumps(options or {})}); // {quoted}",
            apply_default_css=False,
            **how,
        )

    def get_config(self) -> dict[str, Any]:
        """What the browser is sent: plain JSON.

        Gradio takes every quoted word in `js_on_load` for an event. Where the options have a key of the name of a
        parameter, it would send the event in its place, and copy all of the page behind it at every visit.
        """
        config: dict[str, Any] = super().get_config()
        return {key: value for key, value in config.items() if key not in ("function", "options")}

    def postprocess(self, value: Any) -> Any:
        """JSON goes out as it is."""
        return value

    def api_info(self) -> dict[str, Any]:
        """A JSON object; widgets are inputs of private listeners only."""
        return {"type": "object", "properties": {}}

    def example_payload(self) -> Any:
        """Nothing chosen."""
        return {}

    def example_value(self) -> Any:
        """Nothing chosen."""
        return {}


def head(brought: Iterable[PageWidget] = ()) -> str:
    """What goes into the page's head besides the scripts: the style sheets, those of plugins' widgets last."""
    css = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLES)
    css += "".join(_closed(widget.style) for widget in brought if widget.style)
    return f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{css}</style>'


def scripts(brought: Iterable[PageWidget] = ()) -> list[str]:
    """The scripts in the order in which they run: thumbnails of the bundled pictures, widgets, plugins' widgets.

    Each of a plugin is one of its own: one that cannot be parsed takes nothing else with it.
    """
    bundled = {"puppets": puppets(), "generators": drawings(), **{name: shelf(name) for name in ("samples", "styles")}}
    ours = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return [
        f"window.facetShelf = {json.dumps(bundled)}; window.facetLimit = {UPLOAD_BYTES};",
        ours,
        *(Path(widget.script).read_text(encoding="utf-8") for widget in brought),
    ]


def _closed(file: Path) -> str:
    """The file's text, which cannot end the element that it is put into."""
    return re.sub(r"</(?=script|style)", r"<\\/", Path(file).read_text(encoding="utf-8"), flags=re.IGNORECASE)
