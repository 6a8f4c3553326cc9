"""The Compare tab: methods of one task side by side on the session's picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from registry.errors import BadInput, EditorError
from registry.plugins import EditorSpec, Input, Registry
from registry.weights import needs
from surfaces.compare import Column, Halt, compare, shared_inputs
from surfaces.page import label_reading
from surfaces.page.answers import everything, only_stage
from surfaces.page.comparison_files import comparison_file
from surfaces.page.comparison_view import columns_view, title_of
from surfaces.page.controls import control, received
from surfaces.page.groups import task_title
from surfaces.page.keeping import LEDGER
from surfaces.page.origins import picked
from surfaces.page.photographed import where_seen
from surfaces.page.saved import save_film
from surfaces.page.session import Session
from surfaces.page.views import error_view, further_of, more_of, picture_url
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget
from surfaces.page.words import facts_of, sentence
from surfaces.settings import FRAMES_PER_SECOND, RUN

if TYPE_CHECKING:
    from surfaces.page.build import PageState


def compare_tab(registry: Registry, shared: PageState, rooms: gr.Tabs) -> None:
    """One inner tab for each task that at least two editors do."""
    with gr.Tab("Compare", id="compare"), gr.Tabs(elem_id="facet-tasks", overflow_behavior="wrap"):
        for task, specs in registry.by_task().items():
            if len(specs) > 1:
                _task_tab(registry, shared, rooms, task, specs)


def _task_tab(registry: Registry, shared: PageState, rooms: gr.Tabs, task: str, specs: Sequence[EditorSpec]) -> None:
    with gr.Tab(task_title(task), id=f"task-{task}"), gr.Row(elem_classes="ft-compare"):
        with gr.Column(scale=4, min_width=300):
            methods = gr.CheckboxGroup(
                [(spec.title, spec.id) for spec in specs],
                value=[spec.id for spec in specs if not needs(spec.nets)][:4],  # no download without being asked
                label="Methods",
                info="Each runs once on the picture above, with these inputs and its defaults for the rest.",
            )
            entries = shared_inputs(specs)
            controls = [control(entry) for entry in entries]
            named = {entry.name: made for entry, made in zip(entries, controls, strict=True)}
            label_reading.listen(entries, registry, shared, named)
            button = gr.Button("Compare", variant="primary", elem_classes="ft-run", elem_id=f"compare-{task}")
        with gr.Column(scale=8, min_width=320):
            columns = Widget("columns", value={"columns": []}, elem_id=f"columns-{task}")
    button.click(
        _runner(registry, task, entries),
        [shared.session, methods, *controls],
        columns,
        preprocess=False,
        show_progress="hidden",
        api_visibility="private",
        **RUN,
    )
    how: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    columns.stop(lambda session: session.stop() and None, [shared.session], None, **how)
    columns.input(_save, [shared.session, columns], columns, **how)
    columns.input(_use, [shared.session, columns], [*shared.views, rooms], **how)


def _runner(registry: Registry, task: str, entries: Sequence[Input]) -> Callable[..., Iterator[dict[str, Any]]]:
    def run_comparison(session: Session, methods: Any, *raw: Any) -> Iterator[dict[str, Any]]:
        sent = dict(zip([entry.name for entry in entries], raw, strict=True))
        yield from comparison(registry, session, task, methods, sent, entries)

    return run_comparison


def comparison(
    registry: Registry, session: Session, task: str, methods: Any, raw: Mapping[str, Any], entries: Sequence[Input]
) -> Iterator[dict[str, Any]]:
    """Views of a comparison on the session's picture. A refusal keeps the columns of the one before."""
    halt = Halt()
    columns: dict[int, Column] = {}
    films: dict[int, Path] = {}
    try:
        with session.running(halt):
            order = list(registry.editors)
            chosen = sorted(
                map(str, methods if isinstance(methods, list) else []),
                key=lambda name: order.index(name) if name in order else len(order),
            )
            sent = picked(session, raw)
            values = {entry.name: received(entry, sent[entry.name]) for entry in entries}
            values = {name: value for name, value in values.items() if value is not None}
            if any(registry.get(name).takes_subject for name in chosen):
                values["subject"] = session.subject
            taken = {entry.name for name in chosen for entry in registry.get(name).inputs}
            values = {name: value for name, value in values.items() if name in taken}
            seen = where_seen(session)
            events = compare(registry, task, values, chosen, halt=halt, visitor=asking().visitor, onto=seen)
            if (subject := values.get("subject")) is not None:
                nbytes = (1 + len(chosen)) * max(subject.pixels.nbytes, session.shown.pixels.nbytes)
                LEDGER.refuse_too_large(session.history, nbytes, "methods", "Choose fewer, or a smaller picture")
            session.compared, session.compared_from = [], session.current
            shown = 0.0
            for column in events:
                news = column.state != (columns[column.index].state if column.index in columns else "")
                columns[column.index] = column
                if column.result is not None and column.result.film is not None:
                    films[column.index] = save_film(column.result.film, column.result.subject)
                if news or time.monotonic() - shown >= 1 / FRAMES_PER_SECOND:
                    shown = time.monotonic()
                    yield columns_view(list(columns.values()), films, running=True)
    except EditorError as error:
        yield columns_view(session.compared, session.compared_films, error=sentence(error, entries))
        return
    session.compared, session.compared_films = list(columns.values()), films
    yield columns_view(session.compared, films, original=_original(session))


def _save(session: Session, request: Any) -> Any:
    """Hand out the comparison as a file."""
    kind = request.get("save") if isinstance(request, Mapping) else None
    if kind is None:
        return gr.skip()
    try:
        path = comparison_file(session.compared, kind)
    except EditorError as error:
        return columns_view(session.compared, session.compared_films, error=sentence(error))
    view = columns_view(session.compared, session.compared_films, original=_original(session))
    return view | {"file": {"path": path.as_posix(), "name": path.name, "number": path.parent.name}}


def _original(session: Session) -> str:
    """The picture that was compared on, if the methods take one."""
    taken = any(column.spec.takes_subject for column in session.compared)
    return picture_url(session.compared_from.subject.pixels) if taken and session.compared_from is not None else ""


def _use(session: Session, request: Any) -> tuple[Any, ...]:
    """Make a column's picture the subject and go to the Edit tab."""
    if isinstance(request, Mapping) and "save" in request:
        return (gr.skip(),) * 5
    index = request.get("use") if isinstance(request, Mapping) else None
    try:
        if not isinstance(index, int) or not 0 <= index < len(session.compared):
            raise BadInput("column", "is no longer there", "Compare again.")
        column = session.compared[index]
        if column.result is None:
            raise BadInput("column", "has no picture")
        parent = session.compared_from if column.spec.takes_subject else None
        made = column.result
        told, more, further = facts_of(made), more_of(made), further_of(made)
        session.edited(made.subject, title_of(column), parent, told, more, made.film, further)
        session.history.store()
    except EditorError as error:
        return *only_stage(error_view(sentence(error))), gr.Tabs(selected="edit")
    return *everything(session), gr.Tabs(selected="edit")
