"""What happens when a visitor does something: choose a picture, run an editor, stop, go back. Yields views.

Every function turns an `EditorError` into one sentence on the stage and leaves the session as it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from registry.errors import EditorError, LicenceNeeded
from registry.execution import run
from registry.inputs import Picture
from registry.plugins import EditorSpec, Input, Preview, Result
from registry.subjects import Subject, sample
from registry.weights import Net, licence
from surfaces.page import photograph
from surfaces.page.calls import from_owner
from surfaces.page.controls import received
from surfaces.page.facts import facts_of
from surfaces.page.origins import picked, with_origins
from surfaces.page.refusals import sentence
from surfaces.page.saved import download, film_file
from surfaces.page.session import Session
from surfaces.page.views import (
    Positions,
    bar_view,
    error_view,
    frame_view,
    further_of,
    more_of,
    stage_view,
    strip_view,
    waiting_view,
)
from surfaces.page.visitors import asking
from surfaces.settings import FRAMES_PER_SECOND

_SUBJECT = Input("subject", Picture())

Views = tuple[Any, Any, Any, Any]
"""For the stage, the subject bar, the history strip and the download button."""


def only_stage(view: Mapping[str, Any]) -> Views:
    """A change that only the stage shows."""
    return dict(view), gr.skip(), gr.skip(), gr.skip()


def everything(session: Session, note: str = "", reached: Positions | None = None) -> Views:
    """All of the page that depends on the session; `reached`: where the run that has just ended took its points."""
    note = photograph.ready(session) or note
    return (
        stage_view(session, note, reached, film=film_file(session)),
        bar_view(session),
        strip_view(session),
        download(session),
    )


def choose(session: Session, request: Any) -> Views:
    """Take the picture that the subject bar offers: a sample, an upload, or text, which is refused."""
    try:
        value = received(_SUBJECT, request)
        if value is None:
            return gr.skip(), bar_view(session), gr.skip(), gr.skip()
        subject = Subject.read(value, "subject")
        session.address = asking().address
        session.choose(subject, _title(request, subject))
    except EditorError as error:
        return error_view(str(error)), bar_view(session), gr.skip(), gr.skip()
    return everything(session)


def travel(session: Session, request: Any) -> Views:
    """Undo, redo, or make an earlier picture the subject again."""
    where = request.get("go") if isinstance(request, Mapping) else None
    try:
        if where == "undo":
            session.undo()
        elif where == "redo":
            session.redo()
        elif isinstance(where, int):
            session.go_to(where)
    except EditorError as error:
        return error_view(str(error)), gr.skip(), strip_view(session), gr.skip()
    return everything(session)


def take(session: Session, request: Any) -> Views:
    """Go on with a further picture of the result, as with any other."""
    name = request.get("take") if isinstance(request, Mapping) else None
    if not isinstance(name, str):
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    try:
        session.take(name)
    except EditorError as error:
        return only_stage(error_view(str(error)))
    return everything(session)


def show(session: Session, request: Any) -> Views:
    """Switch the stage between the generator's picture and its photograph."""
    onto = request.get("onto") if isinstance(request, Mapping) else None
    if not isinstance(onto, bool) or session.busy:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    session.onto = onto
    return everything(session)


def accept(nets: Iterable[Net], session: Session, request: Any) -> Views:
    """Remember that the visitor accepts the licence that the stage asked about."""
    asked = request.get("accept") if isinstance(request, Mapping) else None
    if not isinstance(asked, Mapping):
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    try:
        weights = licence.named(nets, str(asked.get("repo")), str(asked.get("licence")))
        if not from_owner():
            raise EditorError("Only the owner of this machine accepts licences, on its own address.")
        licence.accept(weights)
    except EditorError as error:
        return only_stage(error_view(str(error)))
    note = f"Licence of {weights.label} accepted. Run the editor again."
    return only_stage(stage_view(session, note, film=film_file(session)))


def edit(spec: EditorSpec, session: Session, raw: Mapping[str, Any], ask: bool = False) -> Iterator[Views]:
    """Run an editor on the session's picture: frames at a bearable rate, then the result as the new subject.

    With `ask`, a licence that stands in the way can be accepted on the stage.
    """
    visitor = asking().visitor
    try:
        with session.running() as stop:
            yield only_stage(waiting_view(spec.title))
            start = session.current
            sent = picked(session, raw)
            values = {entry.name: received(entry, sent[entry.name]) for entry in spec.inputs if entry.name in sent}
            view = photograph.Onlooker(spec, session)
            if spec.takes_subject:
                values["subject"] = view.subject
            values = view.cut(with_origins(spec, session, values))
            due, reached, fresh = 0.0, (), b""
            with closing(run(spec, _without_missing(spec, values), stop=stop, visitor=visitor)) as events:
                for event in events:
                    if isinstance(event, Result):
                        parent = view.began() if values.get("subject") is not None else None
                        told, more, further = facts_of(event), more_of(event), further_of(event)
                        session.edited(event.subject, spec.title, parent, told, more, event.film, further)
                        if start is not None and start.parent == _followed(raw):
                            session.merge(start)
                    elif isinstance(event, Preview):
                        reached, fresh = event.points or reached, event.jpeg or fresh
                        if time.monotonic() >= due:
                            shown = view.frame(replace(event, jpeg=fresh, points=reached))
                            begun = time.monotonic()
                            yield only_stage(frame_view(shown))  # no new picture is passed over
                            fresh, ended = b"", time.monotonic()
                            due = max(begun + 1 / FRAMES_PER_SECOND, 2 * ended - begun)  # a slow line gets fewer
    except LicenceNeeded as error:
        asked = {"repo": error.repo, "licence": error.licence} if ask and from_owner() and error.repo else None
        yield only_stage(error_view(str(error), asked))
        return
    except EditorError as error:
        yield only_stage(error_view(sentence(error, spec.inputs)))
        return
    yield everything(session, reached=view.out(reached))


def _followed(raw: Mapping[str, Any]) -> int:
    """Where a run began that was stopped because its marks were moved, and that this one goes on with; 0 if none."""
    sent = (value.get("follows") for value in raw.values() if isinstance(value, Mapping))
    return next((abs(number) for number in sent if isinstance(number, int)), 0)  # below 0: on the photograph


def _without_missing(spec: EditorSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out pictures and masks that were not chosen, so that the check says that they are missing."""
    return {name: value for name, value in values.items() if value is not None or spec.input(name).optional}


def _title(request: Mapping[str, Any], subject: Subject) -> str:
    if subject.sample_id:
        return sample(subject.sample_id, "subject").title
    file = request.get("file")
    name = str(file.get("orig_name") or "") if isinstance(file, Mapping) else ""
    return Path(name).name[:60] or "Your picture"
