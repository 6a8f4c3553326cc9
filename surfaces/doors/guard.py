"""ASGI middleware around the whole page: wrong callers, closed routes, bodies that are too large, headers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from surfaces.doors.bodies import drain, limited, most_bytes, too_large
from surfaces.doors.callers import Callers, host_name
from surfaces.doors.disk import has_room
from surfaces.doors.headers import API_HEADER
from surfaces.settings import API

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

READING = ("GET", "HEAD", "OPTIONS")

CLOSED = re.compile(
    r"[^=]*/(?:gradio_api/(?:file[=/]\s*(?:[a-z][a-z0-9+.-]*:)?//"  # an address in a file's place would be fetched
    r"|proxy=|vibe|undo-vibe|process_recording|deep_link|stream/|component_server|dev/|run-history|profiling)"
    r"|monitoring)",
    re.IGNORECASE,
)
"""Gradio's routes that this page has no use for. Some fetch, some write what nobody clears away."""


class Guard:
    """Let through what belongs to the page.

    Args:
        app: the page.
        callers: judges Host and Origin.
        headers: are added to every answer.
    """

    def __init__(self, app: App, callers: Callers, headers: dict[str, str]) -> None:
        self._app, self._callers, self._headers = app, callers, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    added.setdefault(name, value)
                if added.get("content-type", "").startswith("text/event-stream"):
                    added.setdefault("X-Accel-Buffering", "no")  # nginx would keep previews back until the end
            await send(message)

        try:
            self._judge(scope)
            if scope["method"] not in READING:
                receive = await self._bounded(scope, receive)
        except HTTPException as refusal:
            await PlainTextResponse(refusal.detail, refusal.status_code)(scope, receive, sending)
            return
        await self._app(scope, receive, sending)

    def _judge(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if not self._callers.knows(headers.get("host", "")):
            name = host_name(headers["host"])
            how = f"Whoever runs it can start it with --name {name}"
            raise HTTPException(403, f"This page is not called {name[:80]}. {how[:120]}.")
        if scope["method"] not in READING and not self._callers.same_site(headers):
            other = host_name(headers["origin"].partition("//")[2])[:80]
            fix = f" If it is called {other}, whoever runs it can start it with --name {other}." if other else ""
            raise HTTPException(403, f"Another page sent this request. Open this one by its own address.{fix}")
        if (wanted := headers.get(API_HEADER, str(API)).strip()) != str(API):
            raise HTTPException(400, f"This Facet speaks version {API} of the API, not “{wanted[:10]}”.")
        if CLOSED.match(scope["path"]):
            raise HTTPException(404, "There is nothing here.")

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        headers, path = Headers(scope=scope), scope["path"]
        most = most_bytes(path)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            await drain(receive, 2 * most)
            raise too_large(most)
        if path.rstrip("/").endswith("/upload") and not await run_in_threadpool(has_room, int(length or most)):
            raise HTTPException(507, "There is no more room for files here. Try again in some minutes.")
        return limited(receive, most, headers.get("content-type", ""))
