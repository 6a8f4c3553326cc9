"""Which picture is edited: a tab that is opened, the subject bar, further pictures of a result, licences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from registry.errors import EditorError
from registry.inputs import Picture
from registry.plugins import SPECS, Input
from registry.subjects import Subject, sample
from registry.weights import Net, licence
from surfaces.page.answers import NOTHING, Views, everything, only_stage
from surfaces.page.batch_going import found_again
from surfaces.page.calls import from_owner
from surfaces.page.controls import received
from surfaces.page.direction_list import generators_view
from surfaces.page.example_list import puppet
from surfaces.page.first import first_subject
from surfaces.page.history.found import find_again
from surfaces.page.photograph import seen_first, was_edited
from surfaces.page.saved import film_file, full_picture
from surfaces.page.session import Session
from surfaces.page.views import agreed_view, bar_view, error_view, stage_view, strip_view
from surfaces.page.visitors import asking
from surfaces.page.words import sentence

_SUBJECT = Input("subject", Picture())


def arrive(session: Session) -> tuple[Any, ...]:
    """A tab was opened: it goes on where its browser was, if its cookie says so, and finds its batch."""
    try:
        found = NOTHING
        if find_again(session, from_owner()) and session.current:
            if was_edited(session.current.subject):
                seen_first(session)
            found = everything(session)
    except EditorError as error:
        found = (error_view(sentence(error)), gr.skip(), strip_view(session), gr.skip())
    news = {**generators_view(), "tab": asking().session}  # see looks.js
    return session, news, found_again(session.batched) or gr.skip(), *found


def keep(session: Session) -> Any:
    """Write what is not on the disk yet."""
    session.history.store()
    return strip_view(session)


def choose(session: Session, request: Any) -> Views:
    """Take the picture that the subject bar offers: a sample, an upload, or text, which is refused."""
    if isinstance(request, Mapping) and request.get("first"):
        return _first(session)
    try:
        if isinstance(request, Mapping) and isinstance(name := request.get("puppet"), str):
            session.address = asking().address
            session.choose(*puppet(name))
            return everything(session)
        value = received(_SUBJECT, request)
        if value is None:
            return gr.skip(), bar_view(session), gr.skip(), gr.skip()
        subject = Subject.read(value, "subject")
        session.address = asking().address
        session.choose(subject, _title(request, subject))
    except EditorError as error:
        return error_view(sentence(error)), bar_view(session), gr.skip(), gr.skip()
    note = f"{session.current.called}: scaled {subject.scaled}" if session.current and subject.scaled else ""
    stage, bar, strip, saved = everything(session, note)
    return stage, bar | _recalled(session, subject), strip, saved


def _recalled(session: Session, subject: Subject) -> dict[str, Any]:
    """For a file that Facet saved: the editor to open, with the settings that made it."""
    entry = session.current
    if entry is None or not subject.lineage or entry.outline.editor not in SPECS:
        return {}
    return {"recall": {"editor": entry.outline.editor, "entry": entry.number}}


def _first(session: Session) -> Views:
    """The bundled puppet, with the pull that the page then draws and runs."""
    try:
        subject, title, pairs = first_subject()
        session.address = asking().address
        entry = session.choose(subject, title)
    except EditorError as error:
        return only_stage(error_view(sentence(error)))
    stage, bar, strip, saved = everything(session)
    return stage, bar | {"first": {"entry": entry.number, "pairs": pairs}}, strip, saved


def take(session: Session, request: Any) -> Views:
    """Go on with a further picture of the result, as with any other."""
    name = request.get("take") if isinstance(request, Mapping) else None
    if not isinstance(name, str):
        return NOTHING
    try:
        session.take(name)
        session.history.store()
    except EditorError as error:
        return only_stage(error_view(sentence(error)))
    return everything(session)


def show(session: Session, request: Any) -> Views:
    """Switch the stage between the generator's picture and its photograph."""
    onto = request.get("onto") if isinstance(request, Mapping) else None
    if not isinstance(onto, bool) or session.busy:
        return NOTHING
    session.onto, session.onto_chosen = onto, True
    return everything(session)


def full(session: Session, request: Any) -> Views:
    """The whole picture, pixel for pixel, where the stage has a smaller one."""
    entry = session.current
    if entry is None or not isinstance(request, Mapping) or request.get("full") != entry.number:
        return NOTHING
    return only_stage({"kind": "full", "entry": entry.number, "path": full_picture(session.shown).as_posix()})


def agree(session: Session, request: Any) -> Views:
    """Remember that other weights may stand in for those that cannot be had, and have the run begin again."""
    net = request.get("instead") if isinstance(request, Mapping) else None
    if not isinstance(net, str) or session.busy or len(session.agreed) >= 100:
        return NOTHING
    session.agreed.add(net[:100])
    return only_stage(agreed_view())


def accept(nets: Iterable[Net], session: Session, request: Any) -> Views:
    """Remember that the visitor accepts the licence that the stage asked about."""
    asked = request.get("accept") if isinstance(request, Mapping) else None
    if not isinstance(asked, Mapping):
        return NOTHING
    try:
        weights = licence.named(nets, str(asked.get("repo")), str(asked.get("licence")))
        if not from_owner():
            raise EditorError("Only the owner of this machine accepts licences, on its own address.")
        licence.accept(weights)
    except EditorError as error:
        return only_stage(error_view(sentence(error)))
    note = f"Licence of {weights.label} accepted. Run the editor again."
    return only_stage(stage_view(session, note, film=film_file(session)))


def _title(request: Mapping[str, Any], subject: Subject) -> str:
    if subject.sample_id:
        return sample(subject.sample_id, "subject").title
    file = request.get("file")
    name = str(file.get("orig_name") or "") if isinstance(file, Mapping) else ""
    return Path(name).name[:60] or "Your picture"
