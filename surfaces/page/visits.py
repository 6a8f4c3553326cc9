"""Gradio's sessions, kept by age and worth: a stranger's requests never push out somebody's visit.

Gradio keeps the sessions that were used last, so that two hundred requests with sessions made up for them erase every
visit. Here the address that holds most sessions gives one up, and of its sessions one that holds no picture goes
before one that does, one that was asked for once before one that came back, and a closed tab before an open one.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from gradio.state_holder import SessionState, StateHolder

from surfaces.page.visit import Visit
from surfaces.page.visitors import asking_address, is_open
from surfaces.settings import VISIT_SECONDS


class Visits(StateHolder):
    """What the server keeps of each visitor."""

    def __init__(self, blocks: Any, capacity: int) -> None:
        super().__init__()
        self.set_blocks(blocks)
        self.capacity = capacity
        self._address: dict[str, str] = {}
        self._asked: dict[str, int] = {}
        self._last: dict[str, float] = {}

    def __getitem__(self, session_id: str) -> SessionState:
        found = self.session_data.get(session_id) or SessionState(self.blocks)
        with self.lock:
            found = self.session_data.setdefault(session_id, found)
        self.update(session_id)
        self.time_last_used[session_id] = datetime.datetime.now()
        return found

    def update(self, session_id: str) -> None:
        """Note that a session was asked for, and make way for it if there are too many."""
        with self.lock:
            self._asked[session_id] = self._asked.get(session_id, 0) + 1
            self._last[session_id] = time.monotonic()
            self._address.setdefault(session_id, asking_address())
            self._forget_old()
            while len(self.session_data) > self.capacity:
                self._drop(self._least(session_id))

    def _least(self, newest: str) -> str:
        """The session that makes way, never the one that is being asked for."""
        held: dict[str, list[str]] = {}
        for session in self.session_data:
            held.setdefault(self._address.get(session, ""), []).append(session)
        most = max(held.values(), key=len)
        return min((each for each in most if each != newest), key=self._worth, default=newest)

    def _worth(self, session: str) -> tuple[Any, ...]:
        visits = _visits(self.session_data[session])
        return (
            any(visit.busy for visit in visits),
            any(visit.entries for visit in visits),
            is_open(session),
            self._asked.get(session, 0) > 1,
            self._last.get(session, 0.0),
        )

    def _forget_old(self) -> None:
        """Sessions whose tab has been closed for as long as a visit is kept."""
        now = time.monotonic()
        for session in [each for each, last in self._last.items() if now - last > VISIT_SECONDS]:
            if not is_open(session):
                self._drop(session)

    def _drop(self, session: str) -> None:
        self.session_data.pop(session, None)
        self.time_last_used.pop(session, None)
        for known in (self._address, self._asked, self._last):
            known.pop(session, None)


def _visits(state: SessionState) -> list[Visit]:
    return [value for value in state.state_data.values() if isinstance(value, Visit)]
