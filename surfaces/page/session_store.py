"""Gradio's sessions, kept by age and worth: a stranger's requests never push out somebody's session.

Gradio keeps the sessions that were used last, so that two hundred requests with sessions made up for them erase every
session. Here the address that holds most sessions gives one up, and of its sessions one that holds no picture goes
before one that does, one that was asked for once before one that came back, and a closed tab before an open one.
"""

from __future__ import annotations

import datetime
import time
from types import SimpleNamespace
from typing import Any

from gradio.state_holder import SessionState, StateHolder

from surfaces.page.session import Session
from surfaces.page.visitors import asking_address, is_open
from surfaces.settings import SESSION_SECONDS


class PlainState(SessionState):
    """What Gradio keeps of one session, without a description of each component and its last value.

    Gradio keeps that for deep links, which this page does not have. With thirty editors it takes each visit 0.1 s and
    5 MB.
    """

    def __init__(self, blocks: Any) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def _update_config(self, key: int) -> None:
        """Nothing to keep."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Nothing to keep."""


class SessionStore(StateHolder):
    """What the server keeps of each visitor."""

    def __init__(self, blocks: Any, capacity: int) -> None:
        super().__init__()
        self.set_blocks(blocks)
        self.capacity = capacity
        self._address: dict[str, str] = {}
        self._asked: dict[str, int] = {}
        self._last: dict[str, float] = {}

    def __getitem__(self, session_id: str) -> SessionState:
        found = self.session_data.get(session_id) or PlainState(self.blocks)
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
        for session_id in self.session_data:
            held.setdefault(self._address.get(session_id, ""), []).append(session_id)
        most = max(held.values(), key=len)
        return min((each for each in most if each != newest), key=self._worth, default=newest)

    def _worth(self, session_id: str) -> tuple[Any, ...]:
        sessions = _sessions(self.session_data[session_id])
        return (
            any(session.busy or session.batch.busy for session in sessions),
            any(session.entries or session.batched for session in sessions),
            is_open(session_id),
            self._asked.get(session_id, 0) > 1,
            self._last.get(session_id, 0.0),
        )

    def _forget_old(self) -> None:
        """Sessions whose tab has been closed for as long as a session is kept."""
        now = time.monotonic()
        for session_id in [each for each, last in self._last.items() if now - last > SESSION_SECONDS]:
            if not is_open(session_id):
                self._drop(session_id)

    def _drop(self, session_id: str) -> None:
        self.session_data.pop(session_id, None)
        self.time_last_used.pop(session_id, None)
        for known in (self._address, self._asked, self._last):
            known.pop(session_id, None)


def _sessions(state: SessionState) -> list[Session]:
    return [value for value in state.state_data.values() if isinstance(value, Session)]
