"""The Batch room: the same edit, or the edits of saved pictures, for many pictures."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.context import Context

from registry.errors import EditorError
from registry.plugins import EditorSpec, Registry
from surfaces.page import label_reading
from surfaces.page.batch_files import zip_of
from surfaces.page.batch_going import watched
from surfaces.page.batch_order import Asked, Order, order_of_editor, order_of_recipes, places
from surfaces.page.batch_run import page_batch
from surfaces.page.batch_view import Shown, batch_view
from surfaces.page.controls import control
from surfaces.page.groups import grouped
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.page.uploads import Upload
from surfaces.page.widgets import Widget
from surfaces.page.words import needed_html, sentence
from surfaces.settings import BATCH

RECIPES = "recipes"
SAVED = [".png", ".json", ".mp4", ".webm", ".gif", ".webp"]
FORMATS = [("PNG, with its recipe", ".png"), ("JPEG, smaller", ".jpg"), ("WebP, smaller", ".webp")]
CODED = (
    " It takes pictures that Facet saved with their latent code; what can be changed in them is listed for the picture"
    " that is chosen in Edit."
)
_PRIVATE: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_AT_ONCE: Mapping[str, Any] = {"queue": False, **_PRIVATE}

PICTURES, SAVED_ONES = "facet-batch-pictures", "facet-batch-saved"
AWAITED = {
    PICTURES: "Choose pictures first, or name a folder.",
    SAVED_ONES: "Choose what is done first: a picture that Facet saved, or its recipe.",
}
"""What is said above Run while these have no file."""


def batch_tab(registry: Registry, shared: PageState, local: bool) -> Widget:
    """The tab, and what shows its results; `local`: the page has an owner on this machine, who may name folders."""
    with gr.Tab("Batch", id="batch"), gr.Row(elem_classes=["ft-compare", "ft-batch"]):
        with gr.Column(scale=4, min_width=300):
            pictures = Upload(
                label="Pictures",
                file_count="multiple",
                file_types=["image"],
                height=150,
                elem_id=PICTURES,
            )
            fields: list[Any] = [pictures, *(_folders() if local else ())]
            with gr.Accordion("Format of the results", open=False):
                ending = gr.Radio(FORMATS, value=".png", label="Format", info="Films keep that of their editor.")
            what = gr.Dropdown(
                [("Edits of saved pictures", RECIPES), *_choices(registry)],
                value=None,
                label="What is done",
                info="One editor with the same settings for all, or what was done to pictures that Facet saved.",
                elem_id="facet-batch-what",
            )
            place = gr.Column(elem_id="facet-batch-settings")
        with gr.Column(scale=8, min_width=320):
            results = Widget("batch", value=batch_view(Shown()), elem_id="facet-batch")
    fields.append(ending)
    _settings(registry, shared, place, what, fields, results)
    results.stop(lambda session: session.batch.stop() and None, [shared.session], None, **_AT_ONCE)
    results.input(_save, [shared.session, results], results, **_AT_ONCE)
    results.submit(_watch, [shared.session], results, preprocess=False, **_PRIVATE, **BATCH)
    return results


def _folders() -> tuple[gr.Textbox, gr.Textbox]:
    under = ", ".join(map(str, places()))
    with gr.Accordion("A folder on this machine", open=False):
        told = f"In place of uploads; under {under}. The folders in it count, too."
        source = gr.Textbox(label="Folder", info=told, elem_id="facet-batch-folder")
        out = gr.Textbox(
            label="Results",
            info="A folder for the results; if empty, one beside it. What is finished there is not made again.",
        )
    return source, out


def _choices(registry: Registry) -> list[tuple[str, str]]:
    """Editors of one picture, in the order of the rail; without those for which pictures are marked by hand."""
    specs = [spec for group in grouped(registry).values() for spec in group]
    return [
        (spec.title, spec.id)
        for spec in specs
        if spec.takes_subject and not any(entry.kind.drawn_by for entry in spec.inputs)
    ]


def _settings(
    registry: Registry, shared: PageState, place: gr.Column, what: gr.Dropdown, fields: Sequence[Any], results: Widget
) -> None:
    """The controls of what was chosen, drawn when it is chosen: all at once would double the page."""
    known = {id for _, id in _choices(registry)}
    with place:

        @gr.render(inputs=[what], triggers=[what.change], queue=False, show_progress="hidden")
        def draw(chosen: Any) -> None:
            if chosen == RECIPES:
                _recipes(registry, shared, fields, results)
            elif chosen in known:
                _editor(registry, registry.get(chosen), shared, fields, results)

    page: Any = Context.root_block
    for fn in page.fns.values():  # Gradio would offer to clients what draws the controls
        if fn.renderable is not None:
            fn.api_visibility = "private"


def _editor(registry: Registry, spec: EditorSpec, shared: PageState, fields: Sequence[Any], results: Widget) -> None:
    told = CODED if spec.input("subject").kind.needs_latent else ""
    gr.HTML(f'<p class="ft-doc">{html.escape(spec.doc)}{told}</p>{needed_html(spec)}')
    entries = [entry for entry in spec.inputs if entry.name != "subject" and not entry.kind.cut_from]
    folded = [entry for entry in entries if entry.kind.advanced]
    controls = {entry.name: control(entry, staged=False) for entry in entries if entry not in folded}
    if folded:
        with gr.Accordion("More", open=False):
            controls |= {entry.name: control(entry, staged=False) for entry in folded}
    label_reading.listen(spec.inputs, registry, shared, controls)
    names = list(controls)

    def order(session: Session, asked: Asked, sent: Sequence[Any]) -> Order:
        return order_of_editor(registry, spec, session, asked, dict(zip(names, sent, strict=True)))

    _run_button(registry, shared, [*fields], list(controls.values()), results, order)


def _recipes(registry: Registry, shared: PageState, fields: Sequence[Any], results: Widget) -> None:
    told = "All that was done to a picture that Facet saved is done to yours: give the PNG, or its recipe as JSON."
    gr.HTML(f'<p class="ft-doc">{told} The edits of several follow each other.</p>')
    recipes = Upload(label="Saved pictures", file_count="multiple", file_types=SAVED, height=130, elem_id=SAVED_ONES)
    files = Upload(label="Styles and files of yours in them", file_count="multiple", height=130)

    def order(session: Session, asked: Asked, sent: Sequence[Any]) -> Order:
        return order_of_recipes(registry, asked, *sent)

    _run_button(registry, shared, [*fields], [recipes, files], results, order)


def _run_button(
    registry: Registry,
    shared: PageState,
    fields: Sequence[Any],
    controls: Sequence[Any],
    results: Widget,
    order: Callable[[Session, Asked, Sequence[Any]], Order],
) -> None:
    with gr.Column(elem_classes="ft-end", min_width=0):
        Widget("awaited", AWAITED, elem_classes="ft-ready")
        button = gr.Button("Run the batch", variant="primary", elem_classes="ft-run", elem_id="run-batch")

    def run(session: Session, *raw: Any) -> Iterator[dict[str, Any]]:
        sent, rest = raw[: len(fields)], raw[len(fields) :]
        folders = sent[1:-1] or ("", "")
        asked = Asked(sent[0], *folders, ending=sent[-1])
        yield from page_batch(registry, session, lambda: order(session, asked, rest))

    button.click(run, [shared.session, *fields, *controls], results, preprocess=False, **_PRIVATE, **BATCH)


def _watch(session: Session) -> Iterator[dict[str, Any]]:
    """Follow the visitor's batch that another tab began, or this one before it was loaded again."""
    if session.batched is not None:
        yield from watched(session.batched)


def _save(session: Session, request: Any) -> Any:
    """Hand out the ZIP."""
    if not isinstance(request, Mapping) or "zip" not in request:
        return gr.skip()
    shown = session.batched or Shown()
    try:
        return batch_view(shown, error=shown.error, file=zip_of(session.batched))
    except EditorError as error:
        return batch_view(shown, error=sentence(error))
