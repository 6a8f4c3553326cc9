"""Messages of Gradio's queue on their way to clients, and whether anybody listens."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from gradio.server_messages import EventMessage

BREATH = 10.0  # seconds a listener may take between two messages, on a slow line


class Mailbox(asyncio.Queue):  # type: ignore[type-arg]
    """Messages for one session; knows whether anybody listens."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.listeners, self.ever = time.monotonic(), 0, False

    async def get(self) -> EventMessage:
        """The next message."""
        self.listeners, self.ever = self.listeners + 1, True
        try:
            return await super().get()
        finally:
            self.listeners -= 1
            self.heard = time.monotonic()

    def expect(self) -> None:
        """Somebody has just asked for something, and will listen soon."""
        if not self.listeners:
            self.heard, self.ever = time.monotonic(), False

    @property
    def silence(self) -> float:
        """Seconds since anybody listened."""
        return 0.0 if self.listeners else time.monotonic() - self.heard

    @property
    def listened(self) -> bool:
        """Whether somebody listens now."""
        return self.ever and self.silence <= BREATH


class Mailboxes(OrderedDict):  # type: ignore[type-arg]
    """Session → mailbox. None is pushed out by other sessions' messages."""

    def __setitem__(self, session: str, box: object) -> None:
        super().__setitem__(session, box if isinstance(box, Mailbox) else Mailbox())
