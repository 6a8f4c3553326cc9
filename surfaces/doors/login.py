"""Names and passwords of those who may use the page: a file of lines ``name:scrypt:salt:hash``, checked by Gradio."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}
"""scrypt's parameters (RFC 7914): 16 MB and some 50 ms for each try."""
WAIT_SECONDS = 1.0  # before a wrong password is answered
MOST_LETTERS = 256

Check = Callable[[str, str], Awaitable[bool]]


def line(name: str, password: str) -> str:
    """The line for a person.

    Raises:
        ValueError: the name or the password cannot be used; a sentence says why.
    """
    if not name or ":" in name or not name.isprintable() or name != name.strip() or len(name) > MOST_LETTERS:
        raise ValueError("A name is one line of text without a colon.")
    if not 8 <= len(password) <= MOST_LETTERS:
        raise ValueError(f"A password has 8 to {MOST_LETTERS} characters.")
    salt = secrets.token_bytes(16)
    parts = (base64.b64encode(part).decode() for part in (salt, _hash(password, salt)))
    return ":".join((name, "scrypt", *parts))


def read(path: Path) -> dict[str, tuple[bytes, bytes]]:
    """Name → salt and hash. Empty lines, and those that begin with #, are passed over.

    Raises:
        ValueError: the file cannot be read or has another content; a sentence says where.
    """
    found: dict[str, tuple[bytes, bytes]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise ValueError(f"{path.name} cannot be read: {reason}.") from None
    for number, text in enumerate(lines, 1):
        if not text.strip() or text.startswith("#"):
            continue
        try:
            name, kind, *parts = text.strip().split(":")
            salt, digest = (base64.b64decode(part, validate=True) for part in parts)
        except ValueError:
            name, kind, salt, digest = "", "", b"", b""
        if not name or kind != "scrypt" or len(digest) != COST["dklen"]:
            raise ValueError(f"{path.name}, line {number}: write what “facet password NAME” prints.")
        found[name] = (salt, digest)
    if not found:
        raise ValueError(f"{path.name} names nobody. Add what “facet password NAME” prints.")
    return found


def checker(known: Mapping[str, tuple[bytes, bytes]]) -> Check:
    """What Gradio calls with a name and a password; one try at a time, so that guessing costs no more than one core."""
    turn = asyncio.Semaphore(1)
    nobody = (secrets.token_bytes(16), bytes(int(COST["dklen"])))

    async def check(name: str, password: str) -> bool:
        if len(name) > MOST_LETTERS or len(password) > MOST_LETTERS:
            return False
        salt, digest = known.get(name, nobody)  # as long for a name that is not there
        async with turn:
            given = await asyncio.to_thread(_hash, password, salt)
        right = hmac.compare_digest(given, digest) and name in known
        if not right:
            await asyncio.sleep(WAIT_SECONDS)
        return right

    return check


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **COST)
