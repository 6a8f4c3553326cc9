"""Pictures of seeds that a visitor marks yes or no, drawn by an editor of the task that the input names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from registry.errors import EditorError
from registry.execution import finish
from registry.plugins import EditorSpec, Registry
from surfaces.page.controls import received
from surfaces.page.views import thumb_url
from surfaces.page.visitors import asking
from surfaces.page.words import sentence

AT_A_TIME = 16
MOST_SEED = 1_000_000


def listen(spec: EditorSpec, registry: Registry, controls: Mapping[str, gr.components.Component]) -> None:
    """Draw seeds whenever a widget for labels asks for them; with the inputs that both editors have."""
    for entry in spec.inputs:
        if (drawer := drawer_of(registry, entry.kind.drawn_by)) is not None:
            shared = [name for name in controls if name in {each.name for each in drawer.inputs}]
            widget: Any = controls[entry.name]
            widget.submit(  # Gradio tells of a change by itself as well, and would have each drawn twice
                _drawing(drawer, shared),
                [widget, *(controls[name] for name in shared)],
                widget,
                preprocess=False,
                show_progress="hidden",
                api_visibility="private",
                concurrency_id="look",
                concurrency_limit=2,
            )


def drawer_of(registry: Registry, task: str) -> EditorSpec | None:
    """The first editor of a task that draws seeds, several at a time; None if there is none."""
    wanted = {"seed", "gallery"}
    return next(
        (spec for spec in registry.by_task().get(task, ()) if wanted <= {one.name for one in spec.inputs}), None
    )


def drawn(drawer: EditorSpec, request: Any, raw: Mapping[str, Any]) -> Any:
    """Thumbnails of the seeds asked for, or a sentence."""
    start = request.get("ask") if isinstance(request, Mapping) else None
    if not isinstance(start, int) or not 0 <= start <= MOST_SEED:
        return gr.skip()
    try:
        values = {name: received(drawer.input(name), value) for name, value in raw.items()}
        result = finish(drawer, {**values, "seed": start, "gallery": AT_A_TIME}, visitor=asking().visitor, strict=True)
    except EditorError as refusal:
        return {"thumbs": [], "note": sentence(refusal, drawer.inputs)}
    seeds = {name.removeprefix("seed "): pixels for name, pixels in result.images.items() if name.startswith("seed ")}
    return {"thumbs": [[int(seed), thumb_url(pixels)] for seed, pixels in seeds.items()], "note": ""}


def _drawing(drawer: EditorSpec, shared: list[str]) -> Callable[..., Any]:
    return lambda request, *raw: drawn(drawer, request, dict(zip(shared, raw, strict=True)))
