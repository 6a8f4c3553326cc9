"""The Compare tab: methods of one task side by side on the session's picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from registry.errors import EditorError
from registry.plugins import REQUIRED, EditorSpec, Input, Registry
from registry.subjects import Subject
from registry.weights import needs
from surfaces.compare import Column, Halt, Method, compare, shared_inputs
from surfaces.compare.methods import distinct
from surfaces.page import bring, label_reading
from surfaces.page.comparison_again import columns_again
from surfaces.page.comparison_answers import save, use
from surfaces.page.comparison_view import columns_view
from surfaces.page.controls import control, on_stage, received
from surfaces.page.groups import task_title
from surfaces.page.keeping import LEDGER
from surfaces.page.origins import picked
from surfaces.page.page_state import PageState
from surfaces.page.photographed import where_seen
from surfaces.page.saved import save_film
from surfaces.page.session import Session
from surfaces.page.variants import asked, offered
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget
from surfaces.page.words import sentence
from surfaces.settings import FRAMES_PER_SECOND, RUN


def compare_tab(registry: Registry, shared: PageState, rooms: gr.Tabs) -> None:
    """One inner tab for each task that at least two editors do."""
    with gr.Tab("Compare", id="compare"), gr.Tabs(elem_id="facet-tasks", overflow_behavior="wrap"):
        for task, specs in registry.by_task().items():
            if len(specs) > 1:
                _task_tab(registry, shared, rooms, task, specs)


def _task_tab(registry: Registry, shared: PageState, rooms: gr.Tabs, task: str, specs: Sequence[EditorSpec]) -> None:
    entries = shared_inputs(specs)
    with gr.Tab(task_title(task), id=f"task-{task}"), gr.Row(elem_classes="ft-compare"):
        with gr.Column(scale=4, min_width=300):
            marks = [entry.name for entry in entries if on_stage(entry)]
            needed = any(own.default is REQUIRED for spec in specs for own in spec.inputs if own.name in marks)
            if needed:
                Widget("pad", {"open": True})
            methods = gr.CheckboxGroup(
                [(spec.title, spec.id) for spec in specs],
                value=[spec.id for spec in specs if not needs(spec.nets)][:4],  # no download without being asked
                label="Methods",
                info="Each runs once on the picture above, with these inputs and its defaults for the rest.",
            )
            variants = Widget("variants", offered(specs))
            named = {entry.name: control(entry) for entry in entries if not entry.kind.advanced}
            if folded := [entry for entry in entries if entry.kind.advanced]:
                with gr.Accordion("More", open=False):
                    named |= {entry.name: control(entry) for entry in folded}
            controls = [named[entry.name] for entry in entries]
            if marks and not needed:
                Widget("pad", {"open": False})
            label_reading.listen(entries, registry, shared, named)
            with gr.Column(elem_classes="ft-end", min_width=0):
                Widget("ready", bring.needed(*specs), elem_classes="ft-ready")
                button = gr.Button("Compare", variant="primary", elem_classes="ft-run", elem_id=f"compare-{task}")
        with gr.Column(scale=8, min_width=320):
            columns = Widget("columns", value={"columns": []}, elem_id=f"columns-{task}")
    run: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private", **RUN}
    runner, again = _runners(registry, task, entries)
    button.click(runner, [shared.session, methods, variants, *controls], columns, **run)
    columns.submit(again, [shared.session, columns, *controls], columns, **run)
    how: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    columns.stop(lambda session: session.stop() and None, [shared.session], None, **how)
    columns.input(save, [shared.session, columns], columns, **how)
    columns.input(use, [shared.session, columns], [*shared.views, rooms], **how)


Views = Iterator[dict[str, Any]]


def _runners(
    registry: Registry, task: str, entries: Sequence[Input]
) -> tuple[Callable[..., Views], Callable[..., Views]]:
    names = [entry.name for entry in entries]

    def run_comparison(session: Session, methods: Any, more: Any, *raw: Any) -> Views:
        yield from comparison(registry, session, task, methods, dict(zip(names, raw, strict=True)), entries, more)

    def run_again(session: Session, request: Any, *raw: Any) -> Views:
        file, sent = request.get("again") if isinstance(request, Mapping) else None, dict(zip(names, raw, strict=True))
        yield from _shown(
            session, entries, lambda halt: columns_again(registry, session, task, file, sent, entries, halt)
        )

    return run_comparison, run_again


def comparison(
    registry: Registry,
    session: Session,
    task: str,
    methods: Any,
    raw: Mapping[str, Any],
    entries: Sequence[Input],
    more: Any = None,
) -> Views:
    """Views of a comparison on the session's picture. A refusal keeps the columns of the one before.

    Args:
        registry: where the editors are.
        session: whose picture.
        task: what the editors do.
        methods: ids of the editors that are ticked.
        raw: what the shared controls sent, by input.
        entries: those inputs.
        more: further columns, see `surfaces.page.variants.asked`.
    """

    def begun(halt: Halt) -> Iterator[Column]:
        chosen = distinct([*_ticked(registry, methods), *asked(registry, more)])
        sent = picked(session, raw)
        values = {entry.name: received(entry, sent[entry.name]) for entry in entries}
        values = {name: value for name, value in values.items() if value is not None}
        if any(each.spec.takes_subject for each in chosen):
            values["subject"] = session.subject
        taken = {entry.name for each in chosen for entry in each.spec.inputs}
        values = {name: value for name, value in values.items() if name in taken}
        events = compare(registry, task, values, chosen, halt=halt, visitor=asking().visitor, onto=where_seen(session))
        if (subject := values.get("subject")) is not None:
            nbytes = (1 + len(chosen)) * max(subject.pixels.nbytes, session.shown.pixels.nbytes)
            LEDGER.refuse_too_large(session.history, nbytes, "methods", "Choose fewer, or a smaller picture")
        return events

    yield from _shown(session, entries, begun)


def _ticked(registry: Registry, methods: Any) -> list[Method]:
    """The editors that are ticked, in their order; never a text with settings, which may name files."""
    order = list(registry.editors)
    ids = sorted(
        map(str, methods if isinstance(methods, list) else []),
        key=lambda name: order.index(name) if name in order else len(order),
    )
    return [Method(spec.id, spec) for spec in map(registry.get, ids)]


def _shown(session: Session, entries: Sequence[Input], begin: Callable[[Halt], Iterator[Column]]) -> Views:
    """Views of the columns that `begin` gives, as they change."""
    halt = Halt()
    columns: dict[int, Column] = {}
    films: dict[int, Path] = {}
    try:
        with session.running(halt):
            events = begin(halt)
            session.compared, session.compared_from, session.compared_original = [], session.current, None
            shown, told = 0.0, False  # whether the page has the original already, which it keeps
            for column in events:
                news = column.state != (columns[column.index].state if column.index in columns else "")
                columns[column.index] = column
                if column.result is not None and column.result.film is not None:
                    films[column.index] = save_film(column.result.film, column.result.subject)
                if session.compared_original is None:
                    session.compared_original = _original(session, column)
                news |= column.done >= 1  # its picture is there, and is being measured
                if news or time.monotonic() - shown >= 1 / FRAMES_PER_SECOND:
                    shown = time.monotonic()
                    original = session.compared_original
                    now = list(columns.values())
                    of = session.compared_from
                    yield columns_view(now, films, running=True, original=original, told=told, of=of)
                    told = original is not None
    except EditorError as error:
        said, original = sentence(error, entries), session.compared_original
        films, of = session.compared_films, session.compared_from
        yield columns_view(session.compared, films, error=said, original=original, of=of)
        return
    session.compared, session.compared_films = list(columns.values()), films
    yield columns_view(session.compared, films, original=session.compared_original, of=session.compared_from)


def _original(session: Session, column: Column) -> Subject | None:
    """What the pictures are compared with: the subject, or the photograph where they are seen in that."""
    subject = column.values.get("subject")
    return session.shown if subject is not None and where_seen(session) is not None else subject
