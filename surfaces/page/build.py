"""The page: subject bar, stage, rail, a tab per editor, compare, add-ons. Built once from the registry, then static."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import gradio as gr

from registry.belongings import Guest, kept_in
from registry.plugins import EditorSpec, Registry
from surfaces.doors.callers import Callers
from surfaces.page import bring, choosing, edit, examples, gallery, label_reading, live_preview, recall
from surfaces.page.addons import addons_tab
from surfaces.page.answers import Views
from surfaces.page.batch_tab import batch_tab
from surfaces.page.comparison import compare_tab
from surfaces.page.controls import add_widget, control
from surfaces.page.endpoints import add_endpoints
from surfaces.page.first import first_view
from surfaces.page.groups import grouped, rail_view
from surfaces.page.history.travel import travel
from surfaces.page.page_state import PageState
from surfaces.page.session import Session
from surfaces.page.studio import Studio
from surfaces.page.views import bar_view, stage_view, strip_view
from surfaces.page.widgets import Widget
from surfaces.page.words import needed_html, origin_html
from surfaces.page.yours import yours_tab
from surfaces.settings import BLOCKS, QUEUE, RUN, SESSION_SECONDS

ROOMS: Mapping[str, str] = {
    "edit": "Edit",
    "compare": "Compare",
    "batch": "Batch",
    "yours": "Yours",
    "addons": "Add-ons",
}

HEADER = (
    '<header class="ft-head"><a class="ft-skip" href="#facet-stage">Skip to the picture</a>'
    '<span class="ft-mark" aria-hidden="true"></span><h1>Facet</h1>'
    '<div class="ft-rooms" role="tablist" aria-label="Rooms">'
    + "".join(
        f'<button type="button" role="tab" class="ft-room" data-id="{id}" data-title="{title}" aria-selected="false">'
        f"{title}</button>"
        for id, title in ROOMS.items()
    )
    + '</div><button type="button" id="facet-keys" aria-label="Shortcuts" title="Shortcuts (?)">?</button>'
    '<button type="button" id="facet-theme" aria-label="Switch between light and dark">◐</button></header>'
)


AT_ONCE: Mapping[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "multiple",
}


NOBODY = Callers()
"""A page without an owner."""


def build(registry: Registry, callers: Callers = NOBODY) -> Studio:
    """The whole page, with its queue; not launched.

    `callers` tells the owner, who accepts licences of weights and keeps what edits leave, from guests. It is built as
    for a stranger: all visitors get the same page, which must name nothing of anybody's.
    """
    for widget in registry.widgets:
        add_widget(widget)
    ask_licences = callers.local
    card = first_view(registry)
    with kept_in(Guest().belongings), Studio(callers, title="Facet", **BLOCKS) as demo:
        session = gr.State(Session(), time_to_live=SESSION_SECONDS)
        empty = Session()
        with gr.Row(elem_id="facet-top"):
            gr.HTML(HEADER, elem_id="facet-header")
            bar = Widget("bar", value=bar_view(empty), elem_id="facet-bar")
            news = Widget("news", elem_id="facet-news", elem_classes="ft-unseen")
        with gr.Tabs(elem_id="facet-rooms", overflow_behavior="wrap") as rooms:
            with gr.Tab(ROOMS["edit"], id="edit"), gr.Row(elem_id="facet-studio", equal_height=False):
                with gr.Column(scale=7, min_width=320, elem_id="facet-left"):
                    stage = Widget("stage", {"first": card}, value=stage_view(empty), elem_id="facet-stage")
                    with gr.Row(elem_id="facet-below"):
                        strip = Widget("strip", value=strip_view(empty), elem_id="facet-strip")
                        save = gr.DownloadButton(
                            "Download PNG", interactive=False, size="md", min_width=140, elem_id="facet-download"
                        )
                shared = PageState(session, bar, stage, strip, save)
                with gr.Column(scale=1, min_width=0, elem_id="facet-rail"):
                    # what the card on the empty stage shows is open beside it
                    Widget("rail", {"opens": card["editor"] if card else None}, value=rail_view(registry))
                with (
                    gr.Column(scale=4, min_width=320, elem_id="facet-right"),
                    gr.Tabs(elem_id="facet-editors", overflow_behavior="wrap"),
                ):
                    for specs in grouped(registry).values():
                        for spec in specs:
                            _editor_tab(spec, registry, shared, ask_licences)
            compare_tab(registry, shared, rooms)
            batch = batch_tab(registry, shared, callers.local)
            yours_tab(session, news)
            addons_tab(registry)
        _listen(demo, shared, news, batch)
        if ask_licences:
            _ask_licences(registry, shared)
        add_endpoints(registry)
    demo.queue(**QUEUE)
    return demo


def _editor_tab(spec: EditorSpec, registry: Registry, shared: PageState, ask_licences: bool) -> None:
    with gr.Tab(spec.title, id=spec.id):
        about = f'<h2 class="ft-title">{html.escape(spec.title)}</h2><p class="ft-doc">{html.escape(spec.doc)}</p>'
        gr.HTML(about + origin_html(spec) + needed_html(spec))
        bring.offer(spec, registry, shared, ask_licences)
        examples.offer(spec, shared)
        entries = [entry for entry in spec.inputs if entry.name != "subject"]
        folded = [entry for entry in entries if entry.kind.advanced]
        controls = {entry.name: control(entry) for entry in entries if entry not in folded}
        if folded:
            with gr.Accordion("More", open=False):
                controls |= {entry.name: control(entry) for entry in folded}
        recall.listen(spec, shared, controls)
        with gr.Column(elem_classes="ft-end", min_width=0):
            Widget("ready", bring.needed(spec), elem_classes="ft-ready")
            with gr.Row(elem_classes="ft-buttons"):
                button = gr.Button("Run", variant="primary", elem_classes="ft-run", elem_id=f"run-{spec.id}")
                top = gr.Button("Apply on top", elem_classes=["ft-run", "ft-top"], elem_id=f"top-{spec.id}")
    names = list(controls)
    if spec.live:
        live_preview.listen(spec, shared, controls)
    gallery.listen(spec, registry, controls)
    label_reading.listen(spec.inputs, registry, shared, controls)
    for pressed, on_top in ((button, False), (top, True)):
        pressed.click(
            _runner(spec, names, ask_licences, on_top),
            [shared.session, *controls.values()],
            shared.views,
            preprocess=False,  # what was sent is judged by the declaration, in its words
            show_progress="hidden",
            api_visibility="private",
            **RUN,
        )


def _runner(spec: EditorSpec, names: list[str], ask: bool, on_top: bool) -> Callable[..., Iterator[Views]]:
    def run_editor(session: Session, *raw: Any) -> Iterator[Views]:
        yield from edit.edit(spec, session, dict(zip(names, raw, strict=True)), ask, on_top)

    return run_editor


def _listen(demo: gr.Blocks, shared: PageState, news: Widget, batch: Widget) -> None:
    """The bar, the history and the stop button. None of them waits in the queue."""
    arrived = [shared.session, news, batch, *shared.views]  # now the session's time to live is counted
    demo.load(choosing.arrive, shared.session, arrived, **AT_ONCE)
    chosen = shared.bar.input(choosing.choose, [shared.session, shared.bar], shared.views, **AT_ONCE)
    chosen.then(choosing.keep, shared.session, shared.strip, **AT_ONCE)  # a large picture is on the stage meanwhile
    shared.strip.input(travel, [shared.session, shared.strip], shared.views, **AT_ONCE)
    shared.stage.input(choosing.show, [shared.session, shared.stage], shared.views, **AT_ONCE)
    shared.stage.input(choosing.full, [shared.session, shared.stage], shared.views, **AT_ONCE)
    shared.stage.input(choosing.agree, [shared.session, shared.stage], shared.views, **AT_ONCE)
    shared.stage.input(choosing.take, [shared.session, shared.stage], shared.views, **AT_ONCE)
    shared.stage.stop(lambda session: session.stop() and None, [shared.session], None, **AT_ONCE)


def _ask_licences(registry: Registry, shared: PageState) -> None:
    nets = [net for spec in registry for net in spec.nets]
    shared.stage.input(partial(choosing.accept, nets), [shared.session, shared.stage], shared.views, **AT_ONCE)
