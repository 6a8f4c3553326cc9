"""Who asks: one visitor's requests told from another's, whether by the page, HTTP or MCP.

A visitor is an address (or the name of who logged in) and the session that the browser or client made up; calls without
a session count as one visitor for each address. The address is the connection's; uvicorn takes it from
``X-Forwarded-For`` where a proxy on this machine, or one that ``FORWARDED_ALLOW_IPS`` names, has set it.
"""

from __future__ import annotations

import contextvars
import ipaddress
import secrets
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from gradio.context import LocalContext

from registry.decoding import Who
from registry.execution import NOBODY, Visitor

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

_HEADER = b"x-facet-mcp"
_KEY = secrets.token_hex(16)  # MCP's calls come through a client within this process; nobody else knows it

_address: contextvars.ContextVar[str] = contextvars.ContextVar("address", default="")
_guard = threading.Lock()
_open: Counter[str] = Counter()  # sessions whose tab is open, and MCP calls that go on


class TellVisitors:
    """ASGI middleware: notes whose request it is, which tabs are open, and for whom an MCP tool is called."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        address = address_of(scope.get("client"))
        before, key = _address.set(address), ""
        path = str(scope.get("path", ""))
        if "/gradio_api/heartbeat/" in path:
            key = path.rpartition("/")[2]
        elif "/gradio_api/mcp" in path:
            key = secrets.token_hex(8)
            mark = f"{_KEY} {key} {address}".encode()
            scope = {**scope, "headers": [*_without_mark(scope), (_HEADER, mark)]}
        try:
            with _guard:
                _open[key] += 1
            return await self.app(scope, receive, send)
        finally:
            with _guard:
                _open[key] -= 1
                if _open[key] <= 0:
                    del _open[key]
            _address.reset(before)


def _without_mark(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope["headers"] if name.lower() != _HEADER]


def is_open(session: str) -> bool:
    """Whether a tab with that session is open, or the MCP call of that name goes on."""
    return _open.get(session, 0) > 0


def asking_address() -> str:
    """The address of the request that goes on here; empty outside of any."""
    return _address.get()


def address_of(client: Any) -> str:
    """The address of a connection; of an IPv6 one the network, since each machine has a whole one to choose from."""
    host = str(client[0]) if client else ""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        if not found.is_loopback:
            return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


def headers_of(request: Any) -> dict[str, str]:
    """The headers of a request as Gradio hands it on, by their names in small letters; none outside of one."""
    headers = dict(getattr(request, "headers", None) or {})
    return {str(name).lower(): str(value) for name, value in headers.items()}


class Asker:
    """Whose call it is.

    Attributes:
        address: where it comes from, or who logged in.
        name: the visitor's, for taking turns.
        call: name of an MCP call, for `is_open`; else empty.
        lasting: whether a session is to be kept for the next call.
    """

    def __init__(self, session: str | None, headers: Mapping[str, str], client: Any, username: str | None) -> None:
        key, _, rest = headers.get(_HEADER.decode(), "").partition(" ")
        ours = secrets.compare_digest(key.encode(), _KEY.encode())
        self.call, _, address = rest.partition(" ") if ours else ("", "", "")
        self.address = username or address or address_of(client)
        self.lasting = bool(session) and not self.call
        self.name = f"{self.address} {session}" if self.lasting else f"{self.address} {'mcp' if self.call else 'calls'}"


@dataclass(frozen=True)
class Caller:
    """Who called the listener that runs now.

    Attributes:
        address: as an `Asker`'s; empty outside of any listener.
        session: the browser's or the client's; empty where there is none.
        visitor: for taking turns at the device; gone when the tab is, where the event did not come through the queue.
    """

    address: str = ""
    session: str = ""
    visitor: Visitor = NOBODY

    @property
    def who(self) -> Who:
        """For taking turns at decoding."""
        return self.address, self.session


def asking() -> Caller:
    """Who called the listener that runs in this thread, through the queue or not."""
    request = LocalContext.request.get(None)
    if request is None:
        return Caller(visitor=_queued())
    session = str(getattr(request, "session_hash", None) or "")
    client = getattr(request, "client", None)
    username = getattr(request, "username", None)
    asker = Asker(session, headers_of(request), (client.host,) if client else None, username)
    queued = _queued()
    if queued is NOBODY and session:
        queued = Visitor(asker.name, gone=lambda: not is_open(session))
    return Caller(asker.address, session, queued)


def _queued() -> Visitor:
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    find = getattr(getattr(blocks, "_queue", None), "visitor", None)
    return find(event_id) if find is not None and event_id else NOBODY
