"""One picture of a history: what is always known of it, and its pixels, which may lie on the disk. Gradio-free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.film import FilmFile
from registry.subjects import Subject
from surfaces.page.picture_urls import thumb_url


@dataclass(frozen=True, eq=False)
class Parts:
    """What of a picture takes room.

    Attributes:
        subject: the picture with its lineage.
        more: further pictures of the result, name → data URL.
        further: those of them that can be gone on with, by name: each a result of its own.
        film: the film it is the still of.
    """

    subject: Subject
    more: Mapping[str, str] = field(default_factory=dict)
    further: Mapping[str, Subject] = field(default_factory=dict)
    film: FilmFile | None = None

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        pictures = sum(int(each.pixels.nbytes) for each in (self.subject, *self.further.values()))
        return pictures + (len(self.film.content) if self.film else 0)


@dataclass(frozen=True)
class Outline:
    """What is known of a picture while its pixels are not in memory.

    Attributes:
        size: (width, height) in pixels.
        sha256: of the pixels, as `Subject.sha256`.
        coded: whether it has a latent code.
        edits: how many edits made it.
        filmed: whether it is the still of a film.
        editor: id of the editor that made it, or empty.
    """

    size: tuple[int, int]
    sha256: str
    coded: bool = False
    edits: int = 0
    filmed: bool = False
    editor: str = ""

    @classmethod
    def of(cls, parts: Parts) -> Outline:
        """Of a picture that is in memory."""
        subject = parts.subject
        editor = str(subject.lineage[-1].get("editor", "")) if subject.lineage else ""
        coded, edits = subject.latent is not None, len(subject.lineage)
        return cls(subject.size, subject.sha256, coded, edits, parts.film is not None, editor)


class Entry:
    """One picture of a session.

    Attributes:
        number: counts up within the history.
        title: what the history calls it, unless it has been given a `name`.
        parent: number of the entry it was made from, or None for a picture that was chosen.
        facts: what there is to say about how it was made, name → text.
        name: what its visitor calls it, or empty.
        pinned: it never makes way for newer ones.
        made: when, in seconds since 1970.
        stored: whether all of it lies on the disk.
    """

    def __init__(
        self,
        number: int,
        parts: Parts | Callable[[], Parts],
        title: str,
        parent: int | None = None,
        facts: Mapping[str, str] | None = None,
        outline: Outline | None = None,
        **known: Any,
    ) -> None:
        """`parts`: or what reads them, for an entry that lies on the disk; then `outline` is known without them."""
        self.number, self.title, self.parent, self.facts = number, title, parent, dict(facts or {})
        self._parts = parts if isinstance(parts, Parts) else None
        self._read = None if isinstance(parts, Parts) else parts
        self._outline = outline
        self._guard = threading.Lock()
        self.name: str = known.get("name", "")
        self.pinned: bool = known.get("pinned", False)
        self.made: float = known.get("made", 0.0) or time.time()
        self._thumb: str = known.get("thumb", "")
        self.stored = self._read is not None

    @property
    def called(self) -> str:
        """Its name, else its title."""
        return self.name or self.title

    @property
    def parts(self) -> Parts:
        """What takes room; read from the disk if need be. Raises BadInput if that fails."""
        with self._guard:
            if self._parts is None:
                assert self._read is not None
                self._parts = self._read()
            return self._parts

    @property
    def outline(self) -> Outline:
        """What is known without reading."""
        if self._outline is None:
            self._outline = Outline.of(self.parts)
        return self._outline

    @property
    def thumb(self) -> str:
        """A small picture of it, as a data URL."""
        if not self._thumb:
            self._thumb = thumb_url(self.parts.subject.pixels)
        return self._thumb

    @property
    def subject(self) -> Subject:
        """The picture with its lineage."""
        return self.parts.subject

    @property
    def more(self) -> Mapping[str, str]:
        """Further pictures of the result, name → data URL."""
        return self.parts.more

    @property
    def further(self) -> Mapping[str, Subject]:
        """Those of them that can be gone on with."""
        return self.parts.further

    @property
    def film(self) -> FilmFile | None:
        """The film it is the still of."""
        return self.parts.film if self.outline.filmed else None

    @property
    def nbytes(self) -> int:
        """What it takes in memory now."""
        parts = self._parts
        return parts.nbytes if parts is not None else 0

    def lies_on_disk(self, read: Callable[[], Parts]) -> None:
        """From now on its pixels can be let go."""
        _ = self.outline
        self._read, self.stored = read, True

    def let_go(self) -> bool:
        """Free the memory that it takes, if it lies on the disk; whether it does."""
        if self._read is None:
            return False
        with self._guard:
            self._parts = None
        return True
