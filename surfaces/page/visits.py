"""Visits of programs: what one call leaves or sends in is there for the next calls that name the same visit.

A program has no tab. It draws a name at random and sends it with each call in the header ``X-Facet-Visit``; whoever
does not know the name gets nothing of that visit, and the name is never shown to anybody. The owner needs none: their
things lie in the home.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.belongings import Guest
from registry.errors import BadInput
from surfaces.settings import SESSION_SECONDS, SESSIONS

HEADER = "X-Facet-Visit"
NAME = re.compile(r"[A-Za-z0-9_-]{32,128}")


@dataclass
class _Visit:
    address: str
    last: float
    guest: Guest = field(default_factory=Guest)


class Visits:
    """The visits of one page; one too many costs whoever has most of them their oldest."""

    def __init__(self, most: int = SESSIONS, seconds: float = SESSION_SECONDS) -> None:
        """`most`: kept at a time; `seconds`: how long each outlives its last call."""
        self._most, self._seconds = most, seconds
        self._known: dict[str, _Visit] = {}
        self._guard = threading.Lock()

    def guest(self, name: str, address: str, username: str | None = None) -> Guest | None:
        """Whose a call of that visit is; None where it names none. Others' visits that are over go meanwhile.

        Args:
            name: as `visit_named` read it.
            address: where the call comes from.
            username: who has logged in: each has visits of their own.
        """
        now = time.monotonic()
        with self._guard:
            for key in [key for key, each in self._known.items() if now - each.last > self._seconds]:
                del self._known[key]
            if not name:
                return None
            key = hashlib.sha256(f"{name}\0{username or ''}".encode()).hexdigest()
            found = self._known.pop(key, None) or _Visit(address, now)
            found.last = now
            self._known[key] = found  # the newest comes last
            while len(self._known) > self._most:
                most = Counter(each.address for each in self._known.values()).most_common(1)[0][0]
                del self._known[next(key for key, each in self._known.items() if each.address == most)]
            return found.guest


def visit_named(headers: Mapping[str, str]) -> str:
    """The visit that a request names; empty if none.

    Raises:
        BadInput: the name is one that others could guess.
    """
    name = headers.get(HEADER.lower(), "")
    if name and not NAME.fullmatch(name):
        why = "must have 32 to 128 letters, digits, “-” or “_”"
        raise BadInput(HEADER, why, "Draw it at random, so that nobody else can guess it.")
    return name
