"""The Run button: an editor runs on the session's picture, and its result joins the history. Yields views.

An `EditorError` becomes one sentence on the stage, and the session stays as it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from registry.errors import EditorError, LicenceNeeded, StandIn
from registry.execution import StopSignal, run
from registry.plugins import EditorSpec, Preview, Result
from surfaces.page.answers import Views, only_stage, seen
from surfaces.page.calls import from_owner
from surfaces.page.controls import on_stage, received
from surfaces.page.history.entry import Entry
from surfaces.page.origins import picked, with_origins
from surfaces.page.photograph import Onlooker, follows, seen_first
from surfaces.page.session import Session
from surfaces.page.views import (
    Positions,
    aside_view,
    error_view,
    frame_view,
    further_of,
    more_of,
    stage_view,
    unfinished_view,
    waiting_view,
)
from surfaces.page.visitors import asking
from surfaces.page.words import facts_of, sentence
from surfaces.settings import FRAMES_PER_SECOND

BROUGHT = "Brought in: edits change the photograph"


@dataclass
class Attempt:
    """One press of Run.

    Attributes:
        stood: the picture on the stage when it was pressed.
        start: the picture that the edit begins with.
        reached: where the run took its points.
        result: the entry that came out of it.
    """

    stood: Entry | None
    start: Entry | None
    reached: Positions = ()
    result: Entry | None = None

    @property
    def again(self) -> bool:
        """Whether it begins with the picture that the one on the stage was made from."""
        return self.start is not self.stood


def edit(
    spec: EditorSpec,
    session: Session,
    raw: Mapping[str, Any],
    ask: bool = False,
    on_top: bool = False,
    brought: bool = False,
) -> Iterator[Views]:
    """Run an editor: frames at a bearable rate, then the result as the new subject.

    A result of the same editor on the stage is made again, from the picture it was made from: only its settings have
    changed. With `on_top`, or once marks on it have been changed, the edit begins with the result itself.

    Args:
        spec: the editor.
        session: whose picture.
        raw: what the controls sent, by input.
        ask: a licence that stands in the way can be accepted on the stage.
        on_top: edit the picture on the stage, whatever made it.
    """
    stood, onto = session.current, session.onto
    start = stood if on_top else _original(spec, session, raw) or stood
    attempt = Attempt(stood, start)
    try:
        with session.running() as stop:
            if follows(spec) and not any(map(on_stage, spec.inputs)):
                seen_first(session)  # marks are where they were made: an edit with some is seen there first
            yield only_stage(waiting_view(spec.title, stage_view(session, entry=start) if attempt.again else None))
            view = Onlooker(spec, session, start)
            yield from _run(spec, session, _values(spec, session, raw, attempt, view), attempt, stop, view)
            if attempt.result is session.current and stood is not None and stood.parent == _followed(raw):
                session.merge(stood)
    except EditorError as error:
        session.onto = onto
        if attempt.again:
            yield only_stage(stage_view(session))
        yield only_stage(_refusal(spec, error, ask and from_owner()))
        return
    session.history.store_soon()  # to write a large picture takes seconds: it is seen meanwhile
    if attempt.result is session.current:
        if not session.onto and (brought or follows(spec)) and seen_first(session):
            view = Onlooker(spec, session)
        note = BROUGHT if brought and session.onto else ""
        yield seen(session, note, view.out(attempt.reached))
    else:
        yield aside_view(spec.title), gr.skip(), unfinished_view(session), gr.skip()


def _refusal(spec: EditorSpec, error: EditorError, ask: bool) -> dict[str, Any]:
    """One sentence; with `ask` a licence can be accepted. Everybody may agree to weights that stand in for others."""
    said = sentence(error, spec.inputs)
    if isinstance(error, StandIn):
        instead = error.instead.removeprefix("the embedded ")
        return error_view(f"{said} Use {instead} instead?", {"instead": error.net}, f"Use {instead}")
    if isinstance(error, LicenceNeeded) and ask and error.repo:
        said = said.replace("The owner of this machine has to accept it first.", "Accept it to use them.")
        asked = {"accept": {"repo": error.repo, "licence": error.licence}}
        return error_view(said, asked, "Accept the licence")
    return error_view(said)


def _original(spec: EditorSpec, session: Session, raw: Mapping[str, Any]) -> Entry | None:
    """The picture that the one on the stage was made from by this editor, if only settings have changed since."""
    marks = [value for value in raw.values() if isinstance(value, Mapping)]
    moved = _followed(raw) or any(value.get("touched") for value in marks)
    return None if moved or not spec.takes_subject else session.original(spec.id)


def _values(
    spec: EditorSpec, session: Session, raw: Mapping[str, Any], attempt: Attempt, view: Onlooker
) -> dict[str, Any]:
    """The editor's inputs; of an edit that is made again with the marks that it had."""
    sent = picked(session, raw)
    values = view.cut({each.name: received(each, sent[each.name]) for each in spec.inputs if each.name in sent})
    if attempt.again and attempt.stood is not None:
        recorded = attempt.stood.subject.lineage[-1]["inputs"]
        marked = [entry for entry in spec.inputs if on_stage(entry) and recorded.get(entry.name) is not None]
        values |= {entry.name: entry.kind.recorded(recorded[entry.name], entry.name) for entry in marked}
    if spec.takes_subject:
        values["subject"] = view.subject
    values = with_origins(spec, session, values)
    # what was not chosen is left out, so that the check says that it is missing
    return {name: value for name, value in values.items() if value is not None or spec.input(name).optional}


def _run(
    spec: EditorSpec, session: Session, values: Mapping[str, Any], attempt: Attempt, stop: StopSignal, view: Onlooker
) -> Iterator[Views]:
    """The run's frames. Whoever went on to another picture meanwhile sees only how far it is, and finds it beside."""
    due, fresh = 0.0, b""
    how: Mapping[str, Any] = {"visitor": asking().visitor, "strict": True, "agreed": session.agreed}
    with closing(run(spec, values, stop=stop, **how)) as events:
        for event in events:
            aside = session.current is not attempt.stood
            if isinstance(event, Result):
                parent = view.began() if values.get("subject") is not None else None
                attempt.result = _kept(spec, session, event, parent, aside)
            elif isinstance(event, Preview):
                attempt.reached, fresh = event.points or attempt.reached, event.jpeg or fresh
                if (begun := time.monotonic()) >= due:
                    shown = view.frame(replace(event, jpeg=fresh))
                    yield only_stage(frame_view(shown, aside))  # no new picture is passed over
                    fresh, ended = b"", time.monotonic()
                    due = max(begun + 1 / FRAMES_PER_SECOND, 2 * ended - begun)  # a slow line gets fewer


def _kept(spec: EditorSpec, session: Session, result: Result, parent: Entry | None, aside: bool) -> Entry:
    told, more, further = facts_of(result), more_of(result), further_of(result)
    return session.edited(result.subject, spec.title, parent, told, more, result.film, further, aside)


def _followed(raw: Mapping[str, Any]) -> int:
    """Where a run began that was stopped because its marks were moved, and that this one goes on with; 0 if none."""
    sent = (value.get("follows") for value in raw.values() if isinstance(value, Mapping))
    return next((abs(number) for number in sent if isinstance(number, int)), 0)  # below 0: on the photograph
