"""How much memory the pictures of sessions may take: of one session, of an address, of all together. Gradio-free.

Every session has a share of its own that nobody can take from it. What goes beyond is lent from one stock for all, of
which the sessions of one address get no more than half. Nobody's request takes a picture from another visitor: whoever
finds nothing left to borrow keeps a shorter history, or is told to choose a smaller picture.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from registry.errors import BadInput
from registry.settings import number
from surfaces.settings import SESSIONS

T = TypeVar("T")


class Keeper(Protocol):
    """What a session says about itself."""

    address: str

    @property
    def nbytes(self) -> int:
        """Bytes of all its pictures."""


class Ledger:
    """Who keeps how much."""

    def __init__(self, most: int | None = None, sessions: int = SESSIONS) -> None:
        """`most`: bytes of all sessions together (``FACET_SESSIONS_MEMORY_MB``)."""
        self._most, self._sessions = most, sessions
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()
        self.lock = threading.RLock()  # held from asking for room until it is taken

    @property
    def most(self) -> int:
        """Bytes of all sessions together."""
        return self._most if self._most is not None else int(number("SESSIONS_MEMORY_MB") * 2**20)

    @property
    def share(self) -> int:
        """Bytes that every session may always keep."""
        return self.most // 2 // self._sessions

    def join(self, session: Keeper) -> None:
        """Count a session from now on, for as long as it lives."""
        with self.lock:
            self._known.add(session)

    def allowed(self, session: Keeper) -> int:
        """Bytes that a session may keep now: its share, and what nobody else has borrowed."""
        with self.lock:
            others = [each for each in self._known if each is not session]
        lent = sum(map(self._borrowed, others))
        nearby = sum(self._borrowed(each) for each in others if each.address == session.address)
        stock = self.most // 2
        return self.share + max(0, min(stock - lent, stock // 2 - nearby))

    def refuse_too_large(self, session: Keeper, nbytes: int, field: str, fix: str) -> None:
        """Raise BadInput for pictures that cannot be kept even if the session forgot all its others.

        `fix`: what its visitor can do instead of waiting, without a full stop.
        """
        allowed = self.allowed(session)
        if nbytes > allowed:
            why = f"needs room for {nbytes / 3e6:.1f} megapixels, and this server has {allowed / 3e6:.1f} left for you"
            raise BadInput(field, why, f"{fix}, or come back later.")

    def _borrowed(self, session: Keeper) -> int:
        return max(0, session.nbytes - self.share)


def remembered(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Work something out once for each object, and forget it together with the object, which is not kept alive."""
    known: weakref.WeakKeyDictionary[Any, T] = weakref.WeakKeyDictionary()

    def look_up(thing: Any) -> T:
        if thing not in known:
            known[thing] = function(thing)
        return known[thing]

    return look_up


LEDGER = Ledger()
"""Of this process."""
