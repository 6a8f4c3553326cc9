"""Gradio's Blocks with a fair queue and sessions that strangers cannot push out; nothing is done twice to build it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from gradio import blocks
from starlette.middleware import Middleware

from surfaces.page.calls import Page
from surfaces.page.fair_queue import FairQueue
from surfaces.page.history.cookie import GiveCookie
from surfaces.page.session_store import SessionStore
from surfaces.page.visitors import TellVisitors
from surfaces.settings import QUEUE


class Studio(Page):
    """The page's Blocks.

    Gradio makes a web application, and describes all components for the browser, after each step of building a page.
    Here both come once, when the page is launched.
    """

    _config: Any = None

    def __exit__(self, *problem: Any) -> None:
        """As Gradio's."""
        with _no_application():
            super().__exit__(*problem)
        self.default_config.get_config = cache(self.default_config.get_config)  # from now on nothing is added

    def queue(self, *, max_size: int = QUEUE["max_size"], **settings: Any) -> Studio:  # type: ignore[override]
        """As Gradio's, with turns."""
        with _no_application():
            super().queue(max_size=max_size, **settings)
        self._queue = FairQueue(self._queue, max_size)
        return self

    def get_config_file(self) -> Any:
        """As Gradio's; nothing before the page is built, when nobody reads it."""
        return super().get_config_file() if getattr(self, "exited", False) else {}

    @property
    def config(self) -> Any:
        """The description of the page; of one that is not launched it is made when it is asked for."""
        if not self._config:
            self._config = self.get_config_file()
        return self._config

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config

    def run_startup_events(self) -> None:
        """As Gradio's; called before the first visitor comes."""
        if not isinstance(self.app.state_holder, SessionStore):
            self.app.state_holder = SessionStore(self, self.state_session_capacity)
        super().run_startup_events()


class _NoApplication:
    """In the place of Gradio's web application."""

    @staticmethod
    def create_app(*_: Any, **__: Any) -> None:
        """Nothing yet."""


@contextmanager
def _no_application() -> Iterator[None]:
    before, blocks.App = blocks.App, _NoApplication
    try:
        yield
    finally:
        blocks.App = before


def middleware() -> list[Middleware]:
    """For ``launch(app_kwargs={"middleware": …})``."""
    return [Middleware(TellVisitors), Middleware(GiveCookie)]
