"""Editors in the order of the page: under a few headings, by their task. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.plugins import EditorSpec, Registry

TASK_TITLES: Mapping[str, str] = {
    "restyle": "Restyle",
    "translate": "Translate",
    "enlarge": "Enlarge",
    "parse": "Find parts",
    "generate": "Generate",
    "invert": "Bring in",
    "paste": "Paste back",
    "drag": "Drag",
    "attribute": "Attributes",
    "mix": "Mix",
    "animate": "Animate",
    "adapt": "Adapt",
    "train": "Teach",
}
"""What the page calls a task."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Restyle": ("restyle", "translate", "enlarge", "parse"),
    "Portrait": ("generate", "invert", "paste"),
    "Reshape": ("attribute", "drag"),
    "Mix": ("mix",),
    "Animate": ("animate",),
    "Teach": ("adapt", "train"),
}
"""What works on any picture comes first; then where a portrait comes from, and what can be done with one."""


def task_title(task: str) -> str:
    """A task in the page's words; a plugin's own task as it is written."""
    return TASK_TITLES.get(task, task.replace("_", " ").capitalize())


def grouped(registry: Registry) -> dict[str, list[EditorSpec]]:
    """Heading → editors, without empty ones; tasks that only plugins have get headings of their own at the end."""
    tasks = registry.by_task()
    found = {title: [spec for task in own for spec in tasks.get(task, ())] for title, own in HEADINGS.items()}
    known = {task for own in HEADINGS.values() for task in own}
    for task, specs in tasks.items():
        if task not in known:
            found.setdefault(task_title(task), []).extend(specs)
    return {title: specs for title, specs in found.items() if specs}


def rail_view(registry: Registry) -> dict[str, Any]:
    """The navigation: each editor's id, title and one sentence, under its heading; whether it works on codes only."""
    return {
        "groups": [
            {"title": title, "editors": [_row(spec) for spec in specs]} for title, specs in grouped(registry).items()
        ]
    }


def _row(spec: EditorSpec) -> dict[str, Any]:
    coded = any(entry.name == "subject" and entry.kind.needs_latent for entry in spec.inputs)
    return {"id": spec.id, "title": spec.title, "doc": spec.doc, **({"coded": True} if coded else {})}
