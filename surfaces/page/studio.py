"""Gradio's Blocks with a fair queue and with sessions that strangers cannot push out."""

from __future__ import annotations

from typing import Any

from starlette.middleware import Middleware

from surfaces.page.calls import Page
from surfaces.page.fair_queue import FairQueue
from surfaces.page.history.cookie import GiveCookie
from surfaces.page.session_store import SessionStore
from surfaces.page.visitors import TellVisitors
from surfaces.settings import QUEUE


class Studio(Page):
    """The page's Blocks."""

    def queue(self, *, max_size: int = QUEUE["max_size"], **settings: Any) -> Studio:  # type: ignore[override]
        """As Gradio's, with turns."""
        super().queue(max_size=max_size, **settings)
        self._queue = FairQueue(self._queue, max_size)
        return self

    def run_startup_events(self) -> None:
        """As Gradio's; called before the first visitor comes."""
        if not isinstance(self.app.state_holder, SessionStore):
            self.app.state_holder = SessionStore(self, self.state_session_capacity)
        super().run_startup_events()


def middleware() -> list[Middleware]:
    """For ``launch(app_kwargs={"middleware": …})``."""
    return [Middleware(TellVisitors), Middleware(GiveCookie)]
