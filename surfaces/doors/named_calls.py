"""Calls by name over plain HTTP, judged before Gradio sees them: it answers a wrong name with an internal error."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

CALL = re.compile(r".*/gradio_api/call/(v2/)?([^/]+)/?")


class NamedCalls:
    """ASGI middleware for ``POST /gradio_api/call/…``: who names no editor or a wrong argument gets one sentence.

    Args:
        app: answers what is right.
        needed: the arguments of each endpoint, by its name: whether each is needed.
    """

    def __init__(self, app: App, needed: Mapping[str, Mapping[str, bool]]) -> None:
        self._app, self._needed = app, needed

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        found = CALL.fullmatch(str(scope.get("path", ""))) if scope["type"] == "http" else None
        if found is None or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        by_name, name = bool(found[1]), found[2]
        if name not in self._needed:
            said = f"There is no editor called “{name[:60]}”.{_near(name, list(self._needed))}"
            return await PlainTextResponse(said, 404)(scope, receive, send)
        try:
            body = await _whole(receive)
        except HTTPException as refusal:  # there is more of it than a request may bring
            return await PlainTextResponse(refusal.detail, refusal.status_code)(scope, receive, send)
        if said := _wrong(body, self._needed[name]) if by_name else "":
            return await PlainTextResponse(said, 400)(scope, receive, send)
        first = True

        async def again() -> MutableMapping[str, Any]:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": body, "more_body": False}
            return dict(await receive())

        return await self._app(scope, again, send)


async def _whole(receive: Any) -> bytes:
    """The body; `surfaces.doors.bodies` has bounded it."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def _wrong(body: bytes, needed: Mapping[str, bool]) -> str:
    """What is wrong with the arguments of a call, as a sentence; empty if nothing is."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        return "The body must be a JSON object: the name of each argument with its value."
    for name in sent:
        if name not in needed:
            return f"{name[:60]}: there is no such argument.{_near(name, list(needed))}"
    missing = [name for name, is_needed in needed.items() if is_needed and name not in sent]
    return f"{missing[0]}: is missing." if missing else ""


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name[:60], known, 1)
    return f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
