"""Whose a run is, and where what it leaves may lie.

What the owner's runs leave (tuned generators, copies of own weights files, directions) lies in ``$FACET_HOME`` and
stays. A stranger's lies in a folder of their session: nobody else's run looks there, it is bounded, and it goes with
the session. A replay works on behalf of a file that a stranger may have written: it reads the home and keeps nothing
there.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.errors import EditorError
from registry.settings import facet_home, number


@dataclass(frozen=True)
class Belongings:
    """Where the things of one session, or of one replay, lie; plain data, which crosses to a worker.

    Attributes:
        folder: is made when something is kept.
        replay: the home is read as well, and what would be kept there for later is not kept at all.
    """

    folder: Path
    replay: bool = False


_current: ContextVar[Belongings | None] = ContextVar("belongings", default=None)


def belongings() -> Belongings | None:
    """Where the present run's things lie; None for the owner's, which lie in the home."""
    return _current.get()


@contextmanager
def kept_in(where: Belongings | None) -> Iterator[None]:
    """Let what is kept meanwhile lie there."""
    before = _current.get()
    _current.set(where)
    try:
        yield
    finally:
        _current.set(before)  # by value: a generator may be closed in another context than it was begun in


class Guest:
    """A stranger; what they leave is deleted when this object is."""

    def __init__(self) -> None:
        self.belongings = Belongings(visits_folder() / uuid.uuid4().hex)
        weakref.finalize(self, shutil.rmtree, self.belongings.folder, True)


@contextmanager
def replaying() -> Iterator[None]:
    """Keep nothing beyond the block, except within a session, to which things belong anyway."""
    if belongings() is not None:
        yield
        return
    made = tempfile.TemporaryDirectory(prefix="facet-replay-", ignore_cleanup_errors=True)
    with made as folder, kept_in(Belongings(Path(folder), replay=True)):
        yield


@cache
def visits_folder() -> Path:
    """This process's folder for all sessions; removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix=f"facet-sessions-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, True)
    return folder


def end_visits() -> None:
    """Delete what all sessions have left, if anything; for whoever ends the process."""
    if visits_folder.cache_info().currsize:
        shutil.rmtree(visits_folder(), ignore_errors=True)


def keeping_home() -> Path:
    """Where what is kept now is written."""
    where = belongings()
    return where.folder if where else facet_home()


def reading_homes() -> tuple[Path, ...]:
    """Where what was kept may be found: never in another session."""
    where = belongings()
    if where is None:
        return (facet_home(),)
    return (where.folder, facet_home()) if where.replay else (where.folder,)


def own_copies() -> Path:
    """Where the copy of an own weights file's tensors is kept."""
    return keeping_home() / "tensors"


def places_of_copies() -> tuple[Path, ...]:
    """Where such copies may be found."""
    return tuple(home / "tensors" for home in reading_homes())


def make_room(size: int) -> None:
    """Make room for `size` bytes of a session: its own oldest files go beyond ``FACET_SESSION_MB`` (512).

    Raises:
        EditorError: all sessions together would have more than ``FACET_SESSIONS_MB`` (4096).
    """
    where = belongings()
    if where is None or where.replay:
        return
    most, most_of_all = number("SESSION_MB") * 1e6, number("SESSIONS_MB") * 1e6
    if size > most:
        raise EditorError(f"A visitor may keep {most / 1e6:g} MB here, and this has {size / 1e6:.0f} MB.")
    left = most - size
    for file in sorted(_files(where.folder), key=_age, reverse=True):
        left -= _size(file)
        if left < 0:
            file.unlink(missing_ok=True)
    if sum(map(_size, _files(visits_folder()))) + size > most_of_all:
        raise EditorError("There is no more room for visitors' own models here. Try again later.")


def _files(folder: Path) -> Iterable[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # a session ended in this very moment
        return 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
