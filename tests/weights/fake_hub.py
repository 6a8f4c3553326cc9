"""A Hugging Face Hub on the loopback interface that serves what it is given, and misbehaves on demand.

It speaks the part of the Hub's protocol that `hf_hub_download` and `get_hf_file_metadata` use: HEAD and GET of
``/<owner>/<name>/resolve/<revision>/<file>`` with the Hub's headers, its error codes, ranges, and the redirect of large
files to another address.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "1" * 40


@dataclass
class Repo:
    """One repository at one commit."""

    files: dict[str, bytes]
    commit: str = COMMIT
    gated: bool = False


@dataclass
class Fault:
    """What goes wrong with a file.

    Attributes:
        kind: ``busy`` (503), ``cut`` (the body ends after `at` bytes), ``flip`` (one bit), ``short`` (a whole answer
            that is too short), ``etag`` and ``size`` (HEAD tells `value`), ``silent`` (no answer to HEAD), ``stall``
            (the body stops after `at` bytes and the connection stays), ``denied`` (401), ``login_page`` (HTML).
        times: how often, then it is over.
        at: see above.
        value: see above.
        skip: so often all goes well before it.
    """

    kind: str
    times: int = 1_000_000
    at: int = 0
    value: Any = ""
    skip: int = 0


@dataclass
class Request:
    """One request that arrived."""

    method: str
    path: str
    range: str = ""


class FakeHub(ThreadingHTTPServer):
    """Serves `repos`; `url` is its address, `log` what was asked, `faults` what goes wrong, by file."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, repos: dict[str, Repo], redirect: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos, self.redirect = repos, redirect
        self.faults: dict[str, Fault] = {}
        self.log: list[Request] = []
        self.arrived = threading.Event()  # a GET of a body has begun
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def count(self, method: str) -> int:
        return sum(request.method == method for request in self.log)

    def fault(self, file: str, *kinds: str) -> Fault | None:
        """The fault to commit now, counted down."""
        fault = self.faults.get(file)
        if fault is None or fault.kind not in kinds or fault.times <= 0:
            return None
        if fault.skip > 0:
            fault.skip -= 1
            return None
        fault.times -= 1
        return fault

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeHub

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        self.server.log.append(Request(self.command, path, self.headers.get("Range") or ""))
        match = re.fullmatch(r"/([^/]+/[^/]+)/(resolve|stored)/([^/]+)/(.+)", path)
        repo = self.server.repos.get(match[1]) if match else None
        if match is None or repo is None:
            return self._refuse(401, "RepoNotFound", "Repository not found")
        _, kind, revision, file = match.groups()
        if repo.gated and not self.headers.get("Authorization"):
            return self._refuse(401, "GatedRepo", "Access to model is restricted")
        if revision not in ("main", repo.commit):
            return self._refuse(404, "RevisionNotFound", "Invalid rev id")
        if file not in repo.files:
            return self._refuse(404, "EntryNotFound", "Entry not found")
        if self.server.fault(file, "denied"):
            return self._refuse(401, "", "Invalid credentials in Authorization header")
        if self.server.fault(file, "login_page"):
            return self._answer(200, {}, b"<html>Log in to this network</html>")
        if self.command == "HEAD" or kind == "resolve" and self.server.redirect:
            return self._head(repo, file, match[1] if kind == "resolve" else "")
        return self._body(repo, file)

    def _facts(self, repo: Repo, file: str) -> dict[str, str]:
        body = repo.files[file]
        etag, size = hashlib.sha256(body).hexdigest(), len(body)
        if fault := self.server.fault(file, "etag"):
            etag = fault.value
        if fault := self.server.fault(file, "size"):
            size = fault.value
        return {
            "X-Repo-Commit": repo.commit,
            "X-Linked-Etag": f'"{etag}"',
            "X-Linked-Size": str(size),
            "ETag": f'"{etag}"',
            "Accept-Ranges": "bytes",
        }

    def _head(self, repo: Repo, file: str, name: str) -> None:
        if self.server.fault(file, "silent"):
            self.server.closing.wait(60)
            self.close_connection = True
            return None
        if self.command == "HEAD" and self.server.fault(file, "busy_head"):
            return self._refuse(503, "", "try later")
        facts = self._facts(repo, file)
        if self.server.redirect and name:
            facts["Location"] = f"{self.server.url}/{name}/stored/{repo.commit}/{urllib.parse.quote(file)}"
            return self._answer(302, facts, b"")
        return self._answer(200, facts, b"", length=int(facts["X-Linked-Size"]))

    def _body(self, repo: Repo, file: str) -> None:
        if self.server.fault(file, "busy"):
            return self._refuse(503, "", "try later")
        body, facts, code, start = repo.files[file], self._facts(repo, file), 200, 0
        if self.server.fault(file, "flip"):
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        if fault := self.server.fault(file, "short"):
            body = body[: fault.at]
        if wanted := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or ""):
            start, code = int(wanted[1]), 206
            facts["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.server.arrived.set()
        cut, stall = self.server.fault(file, "cut"), self.server.fault(file, "stall")
        part = body[start:]
        self._start(code, facts, len(part))
        if cut or stall:
            self._write(part[: (cut or stall or Fault("")).at])
            if stall:
                self.server.closing.wait(60)
            self.close_connection = True
            self.connection.close()
            return None
        return self._write(part)

    def _refuse(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message, **({"X-Error-Code": code} if code else {})}
        self._answer(status, headers, b'{"error": "refused"}')

    def _answer(self, status: int, headers: dict[str, str], body: bytes, length: int | None = None) -> None:
        self._start(status, headers, len(body) if length is None else length)
        self._write(body)

    def _start(self, status: int, headers: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, body: bytes) -> None:
        if self.command != "HEAD":
            for start in range(0, len(body), 1 << 20):
                self.wfile.write(body[start : start + (1 << 20)])
            self.wfile.flush()


def dead_address() -> str:
    """An address on the loopback interface where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class SilentHost:
    """Accepts connections and never says a word."""

    def __init__(self) -> None:
        import socket

        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(16)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.close()


def wait_until(check: Any, seconds: float = 60.0) -> bool:
    """Poll until `check()` is true; False if it does not become so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.02)
    return False
