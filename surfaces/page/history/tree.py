"""The tree of one visitor's pictures: from each to the one it was made from. Gradio-free."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Any

from registry.belongings import Guest
from registry.errors import BadInput
from registry.subjects import Subject
from surfaces.page.batch_view import Shown
from surfaces.page.history.disk import Shelf
from surfaces.page.history.entry import Entry, Parts
from surfaces.page.keeping import LEDGER
from surfaces.page.one_run import OneRun
from surfaces.settings import HISTORY_ENTRIES, SESSION_BYTES, SESSION_ENTRIES

LONGEST_NAME = 60


class History:
    """All pictures that one visitor has chosen and made, for all tabs of their browser.

    Where it has a shelf on the disk, pictures that memory has no room for are let go and read again when they are
    asked for; without one, the oldest make way.

    Attributes:
        entries: by number, oldest first.
        address: where its last picture came from.
        guest: owns what the edits of a stranger leave; goes with this.
        shelf: where it lies on the disk, or None.
        last: number of the picture that was current last.
        trouble: why the newest pictures are not on the disk, or empty.
        lasting: it is found again by a cookie.
        batch: the batch of this visitor that goes on, whichever of their tabs is open.
        batched: the newest one, as the page shows it.
    """

    def __init__(self, shelf: Shelf | None = None, lasting: bool = False) -> None:
        self.entries: dict[int, Entry] = {}
        self.address = ""
        self.guest = Guest()
        self.shelf = shelf
        self.last: int | None = None
        self.trouble = ""
        self.lasting = lasting
        self.batch = OneRun()
        self.batched: Shown | None = None
        self.tabs: weakref.WeakSet[Any] = weakref.WeakSet()  # the sessions that stand in it
        self._count = 0
        self._guard = threading.RLock()
        if shelf is not None:
            self.entries, self.last = shelf.entries(), shelf.last()
            self._count = max(self.entries, default=0)
        LEDGER.join(self)

    @property
    def nbytes(self) -> int:
        """What its pictures take in memory, those of comparisons included."""
        compared = sum(tab.compared_nbytes for tab in list(self.tabs))
        return sum(entry.nbytes for entry in list(self.entries.values())) + compared

    @property
    def unstored(self) -> bool:
        """Whether something here is lost with the tab: it was not written yet, or nothing finds it again."""
        entries = list(self.entries.values())
        return any(not entry.stored for entry in entries) if self.shelf else bool(entries) and not self.lasting

    def choose(self, subject: Subject, title: str) -> Entry:
        """Begin another tree. Raises BadInput if there is no room for its picture."""
        with LEDGER.lock:
            LEDGER.refuse_too_large(self, subject.pixels.nbytes, "subject", "Make it smaller")
            return self.append(Parts(subject), title, None, {})

    def append(self, parts: Parts, title: str, parent: int | None, facts: Mapping[str, str]) -> Entry:
        """Add a picture; the oldest may make way."""
        with self._guard:
            self._count += 1
            entry = self.entries[self._count] = Entry(self._count, parts, title, parent, facts)
            self.last = entry.number
            self._make_way(entry)
            return entry

    def take_over(self, other: History) -> None:
        """Add what was made before this history was found."""
        with self._guard:
            numbers: dict[int | None, int] = {}
            for entry in list(other.entries.values()):
                parent = numbers.get(entry.parent)
                numbers[entry.number] = self.append(entry.parts, entry.title, parent, entry.facts).number

    def store(self) -> None:
        """Write what is not on the disk yet. A disk that refuses is told by `trouble`, and memory keeps the picture."""
        if self.shelf is None:
            return
        with self._guard:
            try:
                for entry in [each for each in self.entries.values() if not each.stored]:
                    self.shelf.write(entry)
                self.shelf.note(self.last)
                self.trouble = ""
            except OSError as error:
                self.trouble = f"The newest pictures could not be kept on the disk: {error.strerror or error}."
            newest = self.entries.get(self._count)
            if newest is not None:
                self._make_way(newest)

    def store_soon(self) -> None:
        """As `store`, in a thread; whoever stores meanwhile waits for it. It is done before this process ends."""
        if self.shelf is not None:
            threading.Thread(target=self.store, name="facet-storing").start()

    def note(self, entry: Entry) -> None:
        """Remember where the visitor stands."""
        self.last = entry.number
        if self.shelf is not None and entry.stored:
            self.shelf.note(self.last)

    def children(self, number: int) -> list[Entry]:
        """What was made from a picture, oldest first."""
        return [entry for entry in list(self.entries.values()) if entry.parent == number]

    def rename(self, number: object, name: str) -> Entry:
        """Give a picture a name; an empty one brings its title back. Raises BadInput for none of that number."""
        entry = self.find(number)
        entry.name = " ".join(name.split())[:LONGEST_NAME]
        self._rewrite(entry)
        return entry

    def pin(self, number: object, on: bool) -> Entry:
        """Let a picture never make way, or let it. Raises BadInput for none of that number."""
        entry = self.find(number)
        entry.pinned = on
        self._rewrite(entry)
        return entry

    def delete(self, number: int) -> Entry:
        """Forget a picture. What was made from it now hangs on the one before. Raises BadInput for none."""
        with self._guard:
            entry = self.find(number)
            for child in self.children(number):
                child.parent = entry.parent
                self._rewrite(child)
            del self.entries[number]
            if self.shelf is not None:
                self.shelf.remove(number)
            if self.last == number:
                self.last = entry.parent if entry.parent in self.entries else max(self.entries, default=None)
            return entry

    def clear(self) -> None:
        """Forget everything, on the disk as well."""
        with self._guard:
            self.entries.clear()
            self.last = None
            if self.shelf is not None:
                self.shelf.clear()

    def find(self, number: object) -> Entry:
        """The entry of that number. Raises BadInput if it is not kept."""
        entry = self.entries.get(number) if isinstance(number, int) else None
        if entry is None:
            raise BadInput("history", "no longer has that picture", "Choose another one.")
        return entry

    def merge(self, halfway: Entry, result: Entry) -> None:
        """Let a result hang on what `halfway` was made from, and forget `halfway`."""
        with self._guard:
            result.parent = halfway.parent
            self.entries.pop(halfway.number, None)
            if self.shelf is not None:
                self.shelf.remove(halfway.number)
            self._rewrite(result)

    def _rewrite(self, entry: Entry) -> None:
        if self.shelf is None or not entry.stored:
            return
        try:
            self.shelf.write_about(entry)
        except OSError as error:
            self.trouble = f"The disk refused: {error.strerror or error}."

    def _make_way(self, newest: Entry) -> None:
        """Keep within the limits, never at the cost of the newest picture and, while there is room, its source."""
        source = self.entries.get(newest.parent) if newest.parent is not None else None
        allowed = min(SESSION_BYTES, LEDGER.allowed(self))
        for entry in [each for each in self.entries.values() if each not in (newest, source)]:
            if self.nbytes <= allowed:
                break
            entry.let_go()
        most = SESSION_ENTRIES if self.shelf is None else HISTORY_ENTRIES
        for loose in (True, False):  # pinned ones go last, and only where nothing else is left
            for entry in [each for each in self.entries.values() if each not in (newest, source)]:
                if self._fits(most, allowed):
                    return
                if entry.pinned != loose and (self.shelf is None or entry.stored):
                    self._drop(entry)
        if source is not None and self.nbytes > LEDGER.allowed(self) and not source.let_go():
            self._drop(source)

    def _fits(self, most: int, allowed: int) -> bool:
        on_disk = self.shelf is None or self.shelf.fits()
        return len(self.entries) <= most and self.nbytes <= allowed and on_disk

    def _drop(self, entry: Entry) -> None:
        self.entries.pop(entry.number, None)
        if self.shelf is not None:
            self.shelf.remove(entry.number)
