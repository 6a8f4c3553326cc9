"""One visitor's stay: the picture being edited, every picture before it, and the run that is going on. Gradio-free."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from registry.belongings import Guest
from registry.errors import BadInput
from registry.execution import Follower, StopSignal, new_stop
from registry.film import FilmFile
from registry.subjects import Subject
from surfaces.compare import Column
from surfaces.page.keeping import LEDGER
from surfaces.settings import SESSION_BYTES, SESSION_ENTRIES


class Stoppable(Protocol):
    """What the stop button pulls: a run's `Stop` or a comparison's `Halt`."""

    def set(self) -> None:
        """Ask for the end."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One picture of a session.

    Attributes:
        number: counts up within the session.
        subject: the picture with its lineage.
        title: what the history calls it.
        parent: number of the entry it was made from, or None for a picture that was chosen.
        facts: what there is to say about how it was made, name → text.
        more: further pictures of the result, name → data URL.
        further: those of them that can be gone on with, by name: each a result of its own.
        film: the film it is the still of.
    """

    number: int
    subject: Subject
    title: str
    parent: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    film: FilmFile | None = None
    further: Mapping[str, Subject] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """What it takes of `SESSION_BYTES`."""
        pictures = sum(int(each.pixels.nbytes) for each in (self.subject, *self.further.values()))
        return pictures + (len(self.film.content) if self.film else 0)


class Session:
    """The history of a session and where in it the visitor stands.

    Undo goes to the picture that the current one was made from, redo back again. Nothing is dropped by going back and
    editing on; the oldest pictures make way once there are too many (`SESSION_ENTRIES`, `SESSION_BYTES`).
    """

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.current: Entry | None = None
        self.compared: list[Column] = []  # of the newest comparison, which began at `compared_from`
        self.compared_films: dict[int, Path] = {}  # files of its films, by column
        self.compared_from: Entry | None = None
        self.guest = Guest()  # what a stranger's edits leave goes when this session does
        self.onto = False  # whether the stage shows the photograph that pictures were brought in from
        self.carried: tuple[Entry, Subject] | None = None  # the photograph with that entry's edit in it
        self.follower: tuple[object, Follower | None] | None = None  # what shows runs in it, and for which
        self._ahead: list[int] = []
        self._count = 0
        self._guard = threading.Lock()
        self._running: Stoppable | None = None
        self.address = ""  # where its last picture came from
        LEDGER.join(self)

    def __deepcopy__(self, memo: object) -> Session:
        """A fresh session: Gradio copies the initial value for each visitor, and pictures must not be shared so."""
        return Session()

    @property
    def subject(self) -> Subject:
        """The picture that editors get. Raises BadInput if none was chosen."""
        if self.current is None:
            raise BadInput("subject", "is missing", "Choose a picture first.")
        return self.current.subject

    def carried_of(self, entry: Entry) -> Subject | None:
        """The photograph with that entry's edit in it, if it was made."""
        return self.carried[1] if self.carried is not None and self.carried[0] is entry else None

    @property
    def shown(self) -> Subject:
        """What lies on the stage: the subject, or the photograph with it. Raises BadInput as `subject`."""
        subject, entry = self.subject, self.current
        carried = self.carried_of(entry) if self.onto and entry is not None else None
        return subject if carried is None else carried

    @property
    def before(self) -> Subject | None:
        """The picture that the current one was made from, if it is still there."""
        parent = self.entries.get(self.current.parent) if self.current and self.current.parent is not None else None
        return parent.subject if parent else None

    @property
    def nbytes(self) -> int:
        """What its pictures take, those of the comparison and of the photograph included."""
        columns = [each.result.subject.pixels.nbytes for each in list(self.compared) if each.result is not None]
        columns += [each.elsewhere.pixels.nbytes for each in list(self.compared) if each.elsewhere is not None]
        columns += [self.carried[1].pixels.nbytes] if self.carried is not None else []
        return sum(entry.nbytes for entry in list(self.entries.values())) + sum(columns)

    def choose(self, subject: Subject, title: str) -> Entry:
        """Start from another picture. Raises BadInput if there is no room for it."""
        with LEDGER.lock:
            LEDGER.refuse_too_large(self, subject.pixels.nbytes, "subject", "Make it smaller")
            return self._append(subject, title, None, {})

    def edited(
        self,
        subject: Subject,
        title: str,
        parent: Entry | None,
        facts: Mapping[str, str],
        more: Mapping[str, str] | None = None,
        film: FilmFile | None = None,
        further: Mapping[str, Subject] | None = None,
    ) -> Entry:
        """Add the result of an edit that began at `parent`, and stand there."""
        return self._append(subject, title, parent.number if parent else None, facts, more or {}, film, further)

    def take(self, name: str) -> Entry:
        """Go on with a further picture of the current one's edit. Raises BadInput if there is none of that name."""
        entry = self.current
        if entry is None or name not in entry.further:
            raise BadInput("picture", "is no longer kept", "Make it again.")
        subject = entry.further[name]
        facts = {**entry.facts, **({"seed": str(subject.lineage[-1]["seed"])} if "seed" in entry.facts else {})}
        title = f"{entry.title.partition(' · ')[0]} · {name}"
        return self._append(subject, title, entry.parent, facts, entry.more, None, entry.further)

    def merge(self, halfway: Entry) -> None:
        """Let the current picture take the place of `halfway`, which it was made from, if the one before is kept.

        For an edit that was stopped only to go on with other inputs: it counts as one.
        """
        now = self.current
        if now is None or now.parent != halfway.number or halfway.parent not in self.entries:
            return
        self.current = self.entries[now.number] = replace(now, parent=halfway.parent)
        del self.entries[halfway.number]

    def go_to(self, number: int) -> Entry:
        """Make an earlier picture the current one. Raises BadInput if it is no longer kept."""
        if number not in self.entries:
            raise BadInput("history", "no longer has that picture", "Choose another one.")
        self.current = self.entries[number]
        self._ahead.clear()
        return self.current

    @property
    def can_undo(self) -> bool:
        """Whether the current picture was made from one that is still kept."""
        return self.before is not None

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return bool(self._ahead) and self._ahead[-1] in self.entries

    def undo(self) -> None:
        """Back to the picture that the current one was made from; nothing if there is none."""
        if self.can_undo and self.current is not None and self.current.parent is not None:
            self._ahead.append(self.current.number)
            self.current = self.entries[self.current.parent]

    def redo(self) -> None:
        """Forward again; nothing if there was no undo."""
        if self.can_redo:
            self.current = self.entries[self._ahead.pop()]

    @contextmanager
    def running(self, stop: Stoppable | None = None) -> Iterator[StopSignal]:
        """Hold the session's only run. Raises BadInput if one is going on, for instance in another tab."""
        mine = stop or new_stop()
        with self._guard:
            if self._running is not None:
                raise BadInput("run", "an edit is still going on", "Stop it, or wait until it is done.")
            self._running = mine
        try:
            yield mine  # type: ignore[misc]  # a comparison hands in its own
        finally:
            with self._guard:
                self._running = None

    @property
    def busy(self) -> bool:
        """Whether a run is going on."""
        return self._running is not None

    def stop(self) -> bool:
        """Pull the stop of the run that is going on; whether there was one."""
        with self._guard:
            if self._running is not None:
                self._running.set()
            return self._running is not None

    def _append(
        self,
        subject: Subject,
        title: str,
        parent: int | None,
        facts: Mapping[str, str],
        more: Mapping[str, str] | None = None,
        film: FilmFile | None = None,
        further: Mapping[str, Subject] | None = None,
    ) -> Entry:
        self._count += 1
        self.current = Entry(self._count, subject, title, parent, facts, more or {}, film, further or {})
        self.entries[self._count] = self.current
        self._ahead.clear()
        self._make_way()
        return self.current

    def _make_way(self) -> None:
        """Drop the oldest pictures beyond the limits, never the current one and, while there is room, its source."""
        kept = {self._count, self.entries[self._count].parent}
        for number in list(self.entries):
            if len(self.entries) <= SESSION_ENTRIES and self.nbytes <= min(SESSION_BYTES, LEDGER.allowed(self)):
                return
            if number not in kept:
                del self.entries[number]
        source = self.entries[self._count].parent
        if source in self.entries and self.nbytes > LEDGER.allowed(self):
            del self.entries[source]
