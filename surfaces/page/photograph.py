"""The stage's switch between a generator's picture and the photograph that it was brought in from. Gradio-free.

With the switch on, what lies on the stage, what is downloaded and what is compared is the photograph with the edit in
it. Editors that need the generator still get its picture, and marks that were made on the photograph move into it;
all others get the photograph as it now is. While a run goes on, its pictures are followed in the photograph.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from registry.directions import first_of
from registry.errors import EditorError
from registry.execution import Follower, finish
from registry.film import NO_FILM
from registry.plugins import SPECS, EditorSpec, Preview, Result
from registry.subjects import Pixels, Placement, Subject, jpeg_bytes, placement_of
from surfaces.page.history.entry import Entry
from surfaces.page.origins import origin_of, subject_of
from surfaces.page.session import Session
from surfaces.page.visitors import asking


def way_back() -> EditorSpec | None:
    """The editor that puts a subject back where it was cut from, and can follow others in it; None if there is none."""
    return next((spec for spec in SPECS.values() if spec.follow is not None), None)


def photograph_of(session: Session, of: Entry | None = None) -> Subject | None:
    """What the current picture, or another, was brought in from; None where that is gone, or there is no code."""
    entry, spec = of or session.current, way_back()
    if entry is None or spec is None or entry.subject.latent is None:
        return None
    where = placement_of(entry.subject)
    if where is None or entry.subject.size[0] != entry.subject.size[1]:
        return None
    found = origin_of(entry.subject, session)
    if found is None and where.sample:
        found = Subject.read(f"sample:{where.sample}", "source")
    return found


def ready(session: Session) -> str:
    """Make the photograph with the current edit in it, if the switch is on; a sentence where that cannot be."""
    entry = session.current
    if not session.onto or entry is None or session.carried_of(entry) is not None:
        return ""
    photograph = photograph_of(session)
    if photograph is None:
        return ""
    try:
        made = carried(entry.subject, photograph)
    except EditorError as problem:
        session.onto = False
        return str(problem)
    session.carried = entry, made.subject
    return str(made.recipe["facts"].get("put back", ""))  # why pixels went back instead of movement


def carried(subject: Subject, photograph: Subject) -> Result:
    """The photograph with the edit in it. Raises EditorError."""
    spec = way_back()
    assert spec is not None  # photograph_of has seen it
    source = next(entry.name for entry in spec.inputs if entry.kind.cut_from)
    return finish(spec, {"subject": subject, source: photograph}, visitor=asking().visitor)


def follows(spec: EditorSpec) -> bool:
    """Whether an editor edits what a generator draws, so that the photograph can follow; films take long there."""
    kinds = [each.kind for each in spec.inputs if each.name == "subject"]
    put_back = any(each.kind.cut_from for each in spec.inputs)
    return any(kind.needs_latent for kind in kinds) and not put_back and spec.film != "always"


def seen_first(session: Session) -> bool:
    """Turn the switch on where there is a photograph, unless the visitor has chosen; whether it is on."""
    if not session.onto_chosen and photograph_of(session) is not None:
        session.onto = True
    return session.onto


def was_edited(subject: Subject) -> bool:
    """Whether something was done to a picture since it was brought in."""
    last = SPECS.get(str(subject.lineage[-1].get("editor"))) if subject.lineage else None
    return last is not None and follows(last)


def switch_view(session: Session) -> str:
    """Which of the two the stage shows: ``"photograph"`` or ``"generator"``; empty where there is no choice."""
    if photograph_of(session) is None:
        return ""
    return "photograph" if session.onto else "generator"


def square_view(where: Placement, side: int) -> list[float]:
    """How the generator's pixels lie on the photograph: its first one, a step to the right, and a step down."""
    (x, y), (right, high), (left, low) = (where.out(point, side) for point in ((0, 0), (1, 0), (0, 1)))
    return [x, y, right - x, high - y, left - x, low - y]


class Onlooker:
    """What the switch means for one run or look: where inputs lie, and where its pictures are seen."""

    def __init__(self, spec: EditorSpec, session: Session, start: Entry | None = None) -> None:
        """Does nothing where the switch is off, or the editor takes no picture; `start`: what it begins with."""
        entry = start or session.current
        self.session, self.entry = session, entry
        there = session.onto and entry is not None and photograph_of(session, entry) is not None
        self.carried = session.carried_of(entry) if there and entry is not None else None
        kinds = [each.kind for each in spec.inputs if each.name == "subject"]
        inside = any(kind.needs_latent for kind in kinds) or any(each.kind.cut_from for each in spec.inputs)
        self.inside = there and inside
        self.where: Placement | None = placement_of(entry.subject) if self.inside and entry is not None else None
        self.side = entry.subject.size[0] if entry is not None else 0
        self._spec = spec

    @property
    def rough(self) -> bool:
        """Whether a look's movement counts more than its detail: in a photograph, or where no generator is asked."""
        if self.where is None:
            return not any(each.kind.needs_latent for each in self._spec.inputs)
        return self._following() is not None

    @property
    def subject(self) -> Subject | None:
        """What the editor edits; None for one that begins from nothing. Raises BadInput if there is none."""
        return subject_of(self._spec, self.entry) if self.inside or self.carried is None else self.carried

    def cut(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, with marks on the photograph as marks on the generator's picture, and films of the photograph.

        Raises BadInput.
        """
        found = dict(values)
        if self.where is None:
            return found
        for each in self._spec.inputs:
            if each.kind.is_mark and "subject" in each.kind.depends_on and found.get(each.name) is not None:
                checked = each.check(found[each.name])
                found[each.name] = each.kind.cut(checked, self.where, self.side, each.name)
        if _filmed(self._spec, found):
            found |= {each.name: True for each in self._spec.inputs if each.kind.by_stage}
        return found

    def began(self) -> Entry | None:
        """The entry that the result is made from: the photograph becomes one of its own when it is edited itself."""
        if self.inside or self.carried is None:
            return self.entry
        parent, title = self.entry, f"{self.entry.title} · photograph" if self.entry else ""
        return self.session.edited(self.carried, title, parent, {})

    def frame(self, preview: Preview) -> Preview:
        """A picture of the run as it looks in the photograph."""
        if self.where is None:
            return preview
        shown = self._shown(Subject(_pixels(preview.jpeg))) if preview.jpeg else None
        jpeg = preview.jpeg if shown is None else jpeg_bytes(shown)
        return replace(preview, points=self.out(preview.points), jpeg=jpeg)

    def out(self, points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        """Points of a run, as they lie on the photograph."""
        where = self.where
        return tuple(points) if where is None else tuple(where.out(point, self.side) for point in points)

    def look(self, edited: Subject) -> Pixels:
        """What a look gives, as it is in the photograph."""
        shown = None if self.where is None else self._shown(edited)
        return edited.pixels if shown is None else shown

    def _shown(self, edited: Subject) -> Pixels | None:
        """The photograph, small; None where it cannot be shown."""
        follower = self._following()
        if follower is None:
            return None
        try:
            return follower.show(edited)
        except EditorError:
            return None

    def _following(self) -> Follower | None:
        """Made once for a photograph that was brought in, and kept by the session."""
        first = first_of(self.entry.subject) if self.entry is not None else None
        if self.entry is None or first is None:
            return None
        key = self.where, first.code.tobytes(), self.entry.subject.generator
        with self.session.following:  # two looks may begin at once
            if self.session.follower is None or self.session.follower[0] != key:
                self.session.follower = key, _made(self.entry, photograph_of(self.session, self.entry))
            return self.session.follower[1]


def _filmed(spec: EditorSpec, values: Mapping[str, Any]) -> bool:
    """Whether a film is made with these values."""
    formats = [each for each in spec.inputs if each.kind.film]
    return any(values.get(each.name, each.default) not in (None, NO_FILM) for each in formats)


def _made(entry: Entry, photograph: Subject | None) -> Follower | None:
    spec = way_back()
    if photograph is None or spec is None:
        return None
    try:
        return Follower(spec, entry.subject, photograph)
    except EditorError:
        return None


def _pixels(jpeg: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
