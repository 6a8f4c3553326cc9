"""How much one request may bring: bytes, and files in one go."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from surfaces.settings import UPLOAD_BYTES

FILES_AT_ONCE = 8
JSON_BYTES = 16 * 2**20  # two painted masks as base64, and all other inputs
SMALL_BYTES = 64 * 2**10  # a login
_FRAME = 2**20  # of a form around its file

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def most_bytes(path: str) -> int:
    """The most bytes that a request to `path` may have."""
    path = path.rstrip("/")
    if path.endswith("/upload"):
        return UPLOAD_BYTES + _FRAME
    if "/mcp" in path:
        return UPLOAD_BYTES * 4 // 3 + _FRAME  # pictures come as base64
    return SMALL_BYTES if path.endswith("/login") else JSON_BYTES


def too_large(most: int) -> HTTPException:
    """The refusal of a body with more bytes than `most`."""
    return HTTPException(413, f"A request may have {most / 2**20:.3g} MB here, and this has more.")


async def drain(receive: Receive, most: int) -> None:
    """Read on and throw away, `most` bytes at most: who still sends does not hear the answer."""
    left = most
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def limited(receive: Receive, most: int, content_type: str) -> Receive:
    """`receive`, which raises HTTPException once there are more bytes than `most`, or more than `FILES_AT_ONCE` files.

    What `Content-Length` says is no promise.
    """
    found = re.search(r"boundary=\"?([^\";,\s]{1,200})", content_type)
    mark = b"--" + found[1].encode("latin-1", "replace") if found else b""
    count, parts, tail = 0, 0, b""

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal count, parts, tail
        message = await receive()
        body = message.get("body", b"")
        count += len(body)
        if mark and body:
            parts += (tail + body).count(mark)
            tail = (tail + body)[-(len(mark) - 1) :]  # a mark may be cut in two
        if count <= most and parts <= FILES_AT_ONCE + 1:  # the last mark closes the form
            return message
        if message.get("more_body"):
            await drain(receive, most)
        if count > most:
            raise too_large(most)
        raise HTTPException(413, f"A request may bring {FILES_AT_ONCE} files, and this has more.")

    return bounded
