"""How much memory the pictures of visits may take: of one visit, of an address, of all together. Gradio-free.

Every visit has a share of its own that nobody can take from it. What goes beyond is lent from one stock for all, of
which the visits of one address get no more than half. Nobody's request takes a picture from another visitor: whoever
finds nothing left to borrow keeps a shorter history, or is told to choose a smaller picture.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from registry.errors import BadInput
from registry.settings import number
from surfaces.settings import VISITS

T = TypeVar("T")


class Keeper(Protocol):
    """What a visit says about itself."""

    address: str

    @property
    def nbytes(self) -> int:
        """Bytes of all its pictures."""


class Ledger:
    """Who keeps how much."""

    def __init__(self, most: int | None = None, visits: int = VISITS) -> None:
        """`most`: bytes of all visits together (``FACET_VISITS_MEMORY_MB``)."""
        self._most, self._visits = most, visits
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()
        self.lock = threading.RLock()  # held from asking for room until it is taken

    @property
    def most(self) -> int:
        """Bytes of all visits together."""
        return self._most if self._most is not None else int(number("VISITS_MEMORY_MB") * 2**20)

    @property
    def share(self) -> int:
        """Bytes that every visit may always keep."""
        return self.most // 2 // self._visits

    def join(self, visit: Keeper) -> None:
        """Count a visit from now on, for as long as it lives."""
        with self.lock:
            self._known.add(visit)

    def allowed(self, visit: Keeper) -> int:
        """Bytes that a visit may keep now: its share, and what nobody else has borrowed."""
        with self.lock:
            others = [each for each in self._known if each is not visit]
        lent = sum(map(self._borrowed, others))
        nearby = sum(self._borrowed(each) for each in others if each.address == visit.address)
        stock = self.most // 2
        return self.share + max(0, min(stock - lent, stock // 2 - nearby))

    def refuse_too_large(self, visit: Keeper, nbytes: int, field: str, fix: str) -> None:
        """Raise BadInput for pictures that cannot be kept even if the visit forgot all its others.

        `fix`: what its visitor can do instead of waiting, without a full stop.
        """
        allowed = self.allowed(visit)
        if nbytes > allowed:
            why = f"needs room for {nbytes / 3e6:.1f} megapixels, and this server has {allowed / 3e6:.1f} left for you"
            raise BadInput(field, why, f"{fix}, or come back later.")

    def _borrowed(self, visit: Keeper) -> int:
        return max(0, visit.nbytes - self.share)


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
