"""The log of a server: one line of JSON for each request and each run, without anything that somebody sent or got.

No picture, no text of an input, no file's name, no address and no person's name is in it. Paths are reduced to words
that Facet itself knows. Who called is a mark that is made with a secret of this start, so that lines of one caller can
be put together, and nobody can be found by it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from registry.execution import RunAccount
from registry.paths import short

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

ROUTES = frozenset(
    re.findall(
        r"\S+",
        "gradio_api assets static call config data file healthz heartbeat info join login login_check logout mcp "
        "messages queue reset sse startup-events svelte theme theme.css token upload upload_progress user v2 cancel "
        "robots.txt favicon.ico manifest.json",
    )
)
"""Words of paths that may stand in the log; ids of editors may, too."""


class Log:
    """Writes lines; one that cannot be written is lost, and that is said once.

    Args:
        stream: where to.
        editors: ids that may stand in it as parts of paths.
    """

    def __init__(self, stream: TextIO, editors: Collection[str] = ()) -> None:
        self._stream, self._lock, self._broken = stream, threading.Lock(), False
        self._words = ROUTES | set(editors)
        self._secret = secrets.token_bytes(16)

    def write(self, event: str, **facts: Any) -> None:
        """One line: when, what, and `facts`; those that are empty are left out."""
        at = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {name: value for name, value in facts.items() if value not in ("", None)}
        try:
            with self._lock:
                self._stream.write(json.dumps({"at": at, "event": event, **told}) + "\n")
                self._stream.flush()
        except (OSError, ValueError) as problem:
            if not self._broken:
                self._broken = True
                print(f"facet: FACET_LOG cannot be written ({problem}); lines are lost.", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Close its file."""
        self._stream.close()

    def run(self, account: RunAccount) -> None:
        """The line of a run; for `registry.execution.tell_accounts`."""
        self.write(
            "run",
            editor=account.editor,
            version=account.version,
            outcome=account.outcome,
            field=account.field,
            error=account.error,
            seconds=round(account.seconds, 3),
            working_seconds=round(account.working_seconds, 3) or None,
            steps=account.steps or None,
            device=account.device,
            size=f"{account.width}x{account.height}" if account.width else "",
            peak_memory_mb=round(account.peak_memory_bytes / 1e6, 1) or None,
            caller=self.mark(account.visitor.partition(" ")[0]),
        )

    def mark(self, who: str) -> str:
        """Eight digits for an address or a name: the same within one start of the server only."""
        return hmac.new(self._secret, who.encode(), hashlib.sha256).hexdigest()[:8] if who else ""

    def route(self, path: str) -> str:
        """A path with every word that a caller may have chosen as “*”, and nothing behind the first."""
        kept: list[str] = []
        for part in re.sub(r"(?<=/file)[=/]+", "/", path[:200]).strip("/").split("/"):
            if part not in self._words:
                return "/" + "/".join([*kept, "*"] if part else kept)
            kept.append(part)
        return "/" + "/".join(kept)


class LogRequests:
    """ASGI middleware: a line for each request once it is answered.

    Args:
        app: what answers.
        log: where to.
    """

    def __init__(self, app: App, log: Log) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status, sent = time.perf_counter(), 0, 0

        async def counting(message: MutableMapping[str, Any]) -> None:
            nonlocal status, sent
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting)
        finally:
            client = scope.get("client")
            self._log.write(
                "request",
                method=str(scope["method"])[:10],
                route=self._log.route(str(scope["path"])),
                status=status or None,  # none was sent: the caller has gone
                seconds=round(time.perf_counter() - began, 3),
                bytes=sent,
                caller=self._log.mark(str(client[0]) if client else ""),
            )


def opened(name: str, editors: Collection[str]) -> Log | None:
    """The log that ``FACET_LOG`` names; None where it names none.

    Raises:
        SystemExit: the file cannot be opened; one sentence says why.
    """
    if not name:
        return None
    if name == "-":
        return Log(sys.stdout, editors)
    try:
        return Log(Path(name).open("a", encoding="utf-8"), editors)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise SystemExit(f"facet: FACET_LOG: {short(name)} cannot be written: {why}. Name a file, or - .") from None
