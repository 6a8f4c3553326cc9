"""Two ways to a picture with a latent code, offered wherever an editor needs one: bring this one in, or make one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr

from registry.plugins import EditorSpec, Registry
from surfaces.page import edit
from surfaces.page.answers import Views
from surfaces.page.arguments import is_needed
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.settings import RUN

WAYS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "invert": ("Bring this picture in", {}),
    "generate": ("New portrait", {"seed": -1, "gallery": 1}),
}
"""Task → what the button says of the first editor that does it, and the inputs that are not its defaults."""

NEEDED = "This needs a picture that a generator can draw."
FROM_NOTHING = "This begins from nothing, or with a picture that a generator can draw."


def needs_latent(spec: EditorSpec) -> bool:
    """Whether an editor works on the latent code of the subject, if it may do without a subject or not."""
    return any(entry.name == "subject" and entry.kind.needs_latent for entry in spec.inputs)


def needed(*specs: EditorSpec) -> dict[str, bool]:
    """What every one of some editors needs of the picture that is edited: that there is one, and that it has a code."""
    subjects = [next((entry for entry in spec.inputs if entry.name == "subject"), None) for spec in specs]
    found = [entry for entry in subjects if entry is not None and is_needed(entry)]
    whole = len(found) == len(specs)
    return {"subject": whole, "latent": whole and all(entry.kind.needs_latent for entry in found)}


def way_of(registry: Registry, task: str) -> EditorSpec | None:
    """The first editor of a task that needs no code itself; None if there is none."""
    return next((spec for spec in registry.by_task().get(task, ()) if not needs_latent(spec)), None)


def offer(spec: EditorSpec, registry: Registry, shared: PageState, ask_licences: bool) -> None:
    """The two buttons atop an editor's tab; the page's styles hide them while the subject has a code."""
    if not needs_latent(spec):
        return
    with gr.Column(elem_classes="ft-offer", min_width=0):
        gr.HTML(f"<p>{FROM_NOTHING if spec.input('subject').optional else NEEDED}</p>")
        with gr.Row():
            for task, (label, inputs) in WAYS.items():
                if (way := way_of(registry, task)) is not None:
                    button = gr.Button(label, size="md", min_width=120, elem_id=f"{way.id}-for-{spec.id}")
                    button.click(
                        _runner(way, inputs, ask_licences),
                        [shared.session],
                        shared.views,
                        show_progress="hidden",
                        api_visibility="private",
                        **RUN,
                    )


def _runner(spec: EditorSpec, inputs: Mapping[str, Any], ask: bool) -> Callable[[Session], Iterator[Views]]:
    known = {entry.name for entry in spec.inputs}

    def run(session: Session) -> Iterator[Views]:
        sent = {name: value for name, value in inputs.items() if name in known}
        yield from edit.edit(spec, session, sent, ask, brought=spec.task == "invert")

    return run
