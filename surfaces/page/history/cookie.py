"""The cookie by which a browser finds its history again: 256 random bits, which no script can read."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from registry.settings import number

NAME = "facet_history"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class GiveCookie:
    """ASGI middleware: the page itself, and nothing else, brings the cookie, and each visit makes it last longer."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _is_page(scope):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        token = token_of(headers) or secrets.token_urlsafe(32)

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                safe = scope.get("scheme") == "https" or headers.get("x-forwarded-proto", "") == "https"
                MutableHeaders(scope=message).append("Set-Cookie", _cookie(token, safe))
            await send(message)

        return await self.app(scope, receive, sending)


def token_of(headers: Mapping[str, str]) -> str:
    """What the cookie of a request says; empty where there is none, or not one of ours."""
    try:
        found = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    token = found[NAME].value if NAME in found else ""
    return token if _TOKEN.fullmatch(token) else ""


def key_of(token: str, username: str | None) -> str:
    """The name of a history on this machine; whoever logs in has one of their own in each browser."""
    return hashlib.sha256(f"{token}\0{username or ''}".encode()).hexdigest()


def _cookie(token: str, safe: bool) -> str:
    seconds = int(number("HISTORY_DAYS") * 86400)
    return f"{NAME}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if safe else "")


def _is_page(scope: Scope) -> bool:
    root = str(scope.get("root_path", ""))
    return str(scope.get("path", "")).removeprefix(root) in ("", "/")
