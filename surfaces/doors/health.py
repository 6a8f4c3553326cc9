"""``GET /healthz``: whether this server takes edits, for load balancers and whoever restarts what has died."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.responses import Response

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

PATH = "/healthz"


class Health:
    """ASGI middleware that answers ``/healthz`` itself, also where the page asks for a login.

    Args:
        app: answers everything else.
        state: what is told; its ``status`` is ``"ready"``, or anything else for 503.
    """

    def __init__(self, app: App, state: Callable[[], Mapping[str, Any]]) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        told = self._state()
        code = 200 if told["status"] == "ready" else 503
        headers = {"Cache-Control": "no-store"}
        answer = Response(json.dumps(told), code, headers, media_type="application/json")
        return await answer(scope, receive, send)
