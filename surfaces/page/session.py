"""One visitor's stay: the picture being edited, every picture before it, and the run that is going on. Gradio-free."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from registry.belongings import Guest
from registry.errors import BadInput
from registry.execution import Follower
from registry.film import FilmFile
from registry.subjects import Subject
from surfaces.compare import Column
from surfaces.page.batch_view import Shown
from surfaces.page.history.entry import Entry, Parts
from surfaces.page.history.tree import History
from surfaces.page.looks import Looks
from surfaces.page.one_run import OneRun


class Session(OneRun):
    """One tab: where in the history its visitor stands, and the run that goes on.

    Undo goes to the picture that the current one was made from, redo back again, or to what was made from it last.
    Nothing is dropped by going back and editing on.
    """

    def __init__(self, history: History | None = None) -> None:
        super().__init__()
        self.current: Entry | None = None
        self.compared: list[Column] = []  # of the newest comparison, which began at `compared_from`
        self.compared_films: dict[int, Path] = {}  # files of its films, by column
        self.compared_from: Entry | None = None
        self.compared_original: Subject | None = None  # what its pictures are shown beside
        self.agreed: set[str] = set()  # nets for which others may stand in where they cannot be had
        self.onto = False  # whether the stage shows the photograph that pictures were brought in from
        self.onto_chosen = False  # whether the visitor has pressed that switch: then it stays as it is
        self.carried: tuple[Entry, Subject] | None = None  # the photograph with that entry's edit in it
        self.follower: tuple[object, Follower | None] | None = None  # what shows runs in it, and for which
        self.following = threading.Lock()  # held while that is made
        self.looks = Looks()
        self._ahead: list[int] = []
        self.history = history or History()
        self.history.tabs.add(self)

    def __deepcopy__(self, memo: object) -> Session:
        """A fresh session: Gradio copies the initial value for each visitor, and pictures must not be shared so."""
        return Session()

    def find(self, history: History) -> None:
        """Stand where the visitor stood last in their own history; what was chosen meanwhile is added to it."""
        if history is self.history:
            return
        history.address = history.address or self.address
        before, self.history = self.history, history
        before.tabs.discard(self)
        history.tabs.add(self)
        if before.entries:
            history.take_over(before)
        self._ahead.clear()
        self.current = history.entries.get(history.last or 0)

    @property
    def entries(self) -> dict[int, Entry]:
        """All pictures, by number, oldest first."""
        return self.history.entries

    @property
    def address(self) -> str:
        """Where its last picture came from."""
        return self.history.address

    @address.setter
    def address(self, address: str) -> None:
        self.history.address = address

    @property
    def batch(self) -> OneRun:
        """The batch that goes on, beside the edits and in turn with them; the same one for all tabs of a visitor."""
        return self.history.batch

    @property
    def batched(self) -> Shown | None:
        """The newest batch of this visitor."""
        return self.history.batched

    @batched.setter
    def batched(self, shown: Shown) -> None:
        self.history.batched = shown

    @property
    def guest(self) -> Guest:
        """Owns what a stranger's edits leave."""
        return self.history.guest

    @property
    def subject(self) -> Subject:
        """The picture that editors get. Raises BadInput if none was chosen."""
        if self.current is None:
            raise BadInput("subject", "is missing", "Choose a picture first.")
        return self.current.subject

    def carried_of(self, entry: Entry) -> Subject | None:
        """The photograph with the edit of that entry in it, if it was made."""
        return self.carried[1] if self.carried is not None and self.carried[0] is entry else None

    @property
    def shown(self) -> Subject:
        """What the stage shows. Raises BadInput if no picture was chosen."""
        subject, entry = self.subject, self.current
        carried = self.carried_of(entry) if self.onto and entry is not None else None
        return subject if carried is None else carried

    @property
    def before(self) -> Subject | None:
        """The picture that the current one was made from, if it is still there."""
        parent = self._parent()
        return parent.subject if parent else None

    def original(self, editor: str) -> Entry | None:
        """What the current picture was made from, if that editor made it and its source is still kept."""
        made = self.current is not None and self.current.outline.editor == editor
        return self._parent() if made else None

    @property
    def nbytes(self) -> int:
        """What the history takes in memory, comparisons included."""
        return self.history.nbytes

    @property
    def compared_nbytes(self) -> int:
        """What the pictures of the comparison take, and the photograph."""
        columns = [each.result.subject.pixels.nbytes for each in list(self.compared) if each.result is not None]
        columns += [each.elsewhere.pixels.nbytes for each in list(self.compared) if each.elsewhere is not None]
        return sum(columns) + (self.carried[1].pixels.nbytes if self.carried is not None else 0)

    def choose(self, subject: Subject, title: str) -> Entry:
        """Start from another picture. Raises BadInput if there is no room for it."""
        return self._stand(self.history.choose(subject, title))

    def edited(
        self,
        subject: Subject,
        title: str,
        parent: Entry | None,
        facts: Mapping[str, str],
        more: Mapping[str, str] | None = None,
        film: FilmFile | None = None,
        further: Mapping[str, Subject] | None = None,
        aside: bool = False,
    ) -> Entry:
        """Add the result of an edit that began at `parent`, and stand there; with `aside` stay where one is."""
        parts = Parts(subject, more or {}, further or {}, film)
        entry = self.history.append(parts, title, parent.number if parent else None, facts)
        if aside and self.current is not None:
            self.history.note(self.current)
            return entry
        return self._stand(entry)

    def take(self, name: str) -> Entry:
        """Go on with a further picture of the current one's edit. Raises BadInput if there is none of that name."""
        entry = self.current
        if entry is None or name not in entry.further:
            raise BadInput("picture", "is no longer kept", "Make it again.")
        subject = entry.further[name]
        facts = {**entry.facts, **({"seed": str(subject.lineage[-1]["seed"])} if "seed" in entry.facts else {})}
        title = f"{entry.title.partition(' · ')[0]} · {name}"
        parts = Parts(subject, entry.more, entry.further)
        return self._stand(self.history.append(parts, title, entry.parent, facts))

    def merge(self, halfway: Entry) -> None:
        """Let the current picture take the place of `halfway`, which it was made from, if the one before is kept.

        For an edit that was stopped only to go on with other inputs: it counts as one.
        """
        now = self.current
        if now is not None and now.parent == halfway.number and halfway.parent in self.entries:
            self.history.merge(halfway, now)

    def go_to(self, number: int) -> Entry:
        """Make an earlier picture the current one. Raises BadInput if it is no longer kept."""
        return self._stand(self.history.find(number))

    def forget(self, number: int) -> None:
        """Delete a picture of the history. Raises BadInput if it is not there."""
        gone = self.history.delete(number)
        if self.current is gone:
            self._ahead.clear()
            self.current = self.entries.get(self.history.last or 0)

    def clear(self) -> None:
        """Delete the whole history."""
        self.history.clear()
        self._ahead.clear()
        self.current = None

    @property
    def can_undo(self) -> bool:
        """Whether the current picture was made from one that is still kept."""
        return self._parent() is not None

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back, or something was made from the current picture."""
        return self._next() is not None

    def undo(self) -> None:
        """Back to the picture that the current one was made from; nothing if there is none."""
        parent = self._parent()
        if parent is not None and self.current is not None:
            self._ahead.append(self.current.number)
            self._move(parent)

    def redo(self) -> None:
        """Forward again; nothing if there is nowhere to go."""
        if (after := self._next()) is not None:
            if self._ahead:
                self._ahead.pop()
            self._move(after)

    def _parent(self) -> Entry | None:
        number = self.current.parent if self.current else None
        return self.entries.get(number) if number is not None else None

    def _next(self) -> Entry | None:
        while self._ahead and self._ahead[-1] not in self.entries:
            self._ahead.pop()
        if self._ahead:
            return self.entries[self._ahead[-1]]
        made = self.history.children(self.current.number) if self.current else []
        return made[-1] if made else None

    def _stand(self, entry: Entry) -> Entry:
        self._ahead.clear()
        return self._move(entry)

    def _move(self, entry: Entry) -> Entry:
        self.current = entry
        self.history.note(entry)
        return entry
