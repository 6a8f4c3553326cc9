"""The document that a visit is answered with: made and compressed once, with the page's scripts as files beside it.

Gradio makes it anew for every visit, as two megabytes of text. It is the same for all who reach the server under one
address and need no login.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import brotli
from starlette.datastructures import Headers
from starlette.responses import Response

from surfaces.page.slim import slim

Message = MutableMapping[str, Any]
App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

SCRIPTS = "/facet-scripts/"
YEAR = 365 * 86400
KEPT = 4
"""Documents, one for each address under which the server is reached; those asked for last."""

ADDRESS = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""Headers out of which Gradio makes the address that stands in the document."""


@dataclass(frozen=True)
class Text:
    """A text as it is sent, compressed when it is first asked for.

    Attributes:
        plain: UTF-8.
        kind: its media type.
    """

    plain: bytes
    kind: str

    @cached_property
    def mark(self) -> str:
        """Names the content: 32 hexadecimal digits."""
        return hashlib.sha256(self.plain).hexdigest()[:32]

    @cached_property
    def _brotli(self) -> bytes:
        return bytes(brotli.compress(self.plain, quality=5))

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self.plain, 6)

    def answer(self, headers: Headers, keep: str) -> Response:
        """For a request with these headers; `keep` says how a browser may keep it."""
        accepted = headers.get("accept-encoding", "")
        way = next((way for way in ("br", "gzip") if way in accepted), "")
        told = {"Cache-Control": keep, "Vary": "Accept-Encoding", "ETag": f'"{self.mark}{way}"'}
        if told["ETag"] in headers.get("if-none-match", ""):
            return Response(None, 304, told)
        if way:
            told["Content-Encoding"] = way
        body = {"br": lambda: self._brotli, "gzip": lambda: self._gzip}.get(way, lambda: self.plain)()
        return Response(body, 200, told, self.kind)


class Documents:
    """ASGI middleware that answers the page and its scripts.

    Args:
        app: makes the page.
        scripts: the texts of the scripts, in the order in which they run.
        asks_login: whether the page depends on who has logged in; then it is made for each visit.
    """

    def __init__(self, app: App, scripts: Iterable[str], asks_login: Callable[[], bool]) -> None:
        texts = [Text(script.encode(), "text/javascript") for script in scripts]
        self._app, self._asks_login = app, asks_login
        self._scripts = {f"{SCRIPTS}{text.mark}.js": text for text in texts}
        self._kept: OrderedDict[tuple[str, ...], Text] = OrderedDict()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
        headers = Headers(scope=scope)
        if path in self._scripts:
            return await self._scripts[path].answer(headers, f"public, max-age={YEAR}, immutable")(scope, receive, send)
        if path not in ("", "/"):
            return await self._app(scope, receive, send)
        return await self._page(scope, headers, receive, send)

    async def _page(self, scope: MutableMapping[str, Any], headers: Headers, receive: Any, send: Any) -> None:
        asked = scope.get("query_string", b"")
        shared = not self._asks_login() and not any(word in asked for word in (b"deep_link", b"all_endpoints"))
        address = (str(scope.get("scheme")), str(scope.get("path")), *(headers.get(name, "") for name in ADDRESS))
        text = self._kept.get(address) if shared else None
        if text is None:
            answer = _Answer()
            await self._app({**scope, "method": "GET"}, receive, answer.send)
            if answer.status != 200:
                return await answer.again(send)
            text = Text(self._with_scripts(answer.body), "text/html")
        if shared:
            self._kept[address] = text
            self._kept.move_to_end(address)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return await text.answer(headers, "private, no-cache")(scope, receive, send)

    def _with_scripts(self, page: bytes) -> bytes:
        """Gradio's document with our scripts, which run before Gradio's, and without what only the API needs."""
        elements = "".join(f'<script defer src=".{path}"></script>' for path in self._scripts)
        return slim(page).replace(b"<script", b"%s<script" % elements.encode(), 1)


def make_ahead(host: str, port: int) -> None:
    """Have the document made before the first visitor asks; where that fails, it is made when somebody does.

    Args:
        host: what a browser on this machine is told to open, without brackets.
        port: where the page listens.
    """
    connection = http.client.HTTPConnection(host, port, timeout=60)  # past any proxy of the environment
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("HEAD", "/", headers={"Accept-Encoding": "br"})
        connection.getresponse().read()


class _Answer:
    """An answer that is held back."""

    def __init__(self) -> None:
        self.status, self.body = 0, b""
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        """Take a part of it."""
        self._messages.append(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def again(self, send: Any) -> None:
        """As it came."""
        for message in self._messages:
            await send(message)
