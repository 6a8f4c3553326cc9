"""A loopback stand-in for ZeroGPU's device API, so that the real `spaces` package forks and pickles on a CPU.

`install()` must run before `spaces` is imported. Only what needs a GPU is replaced: CUDA's start inside the worker, and
the packing and moving of weights, which therefore stay untested.
"""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit


class DeviceApi(BaseHTTPRequestHandler):
    """Grants requests for a device, one loan after the other, and keeps a list of the calls.

    A visitor whose token says ``spent`` has used up the day's quota.
    """

    protocol_version = "HTTP/1.1"
    calls: list[tuple[str, dict[str, str]]] = []
    file: Path | None = None

    def do_POST(self) -> None:
        """Answer ``/schedule`` with a device and a token or a refusal, everything else with nothing."""
        address = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("content-length") or 0))
        query = dict(parse_qsl(address.query))
        self.calls.append((address.path, query))
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as calls:
                calls.write(json.dumps([address.path, query]) + "\n")
        code, answer = 200, b""
        if address.path == "/schedule" and "spent" in query.get("token", ""):
            code, answer = 429, json.dumps({"left": 3, "wait": 3600}).encode()
        elif address.path == "/schedule":
            grant = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "", "allowToken": f"token-{len(self.calls)}"}
            answer = json.dumps(grant).encode()
        self._answer(code, answer)

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def install(folder: str) -> list[tuple[str, dict[str, str]]]:
    """Start the API on a free loopback port and make this process look like a Space; returns the list of calls.

    Args:
        folder: an empty folder for what `spaces` puts on the disk, and for calls.jsonl: [path, query] of each call.
    """
    DeviceApi.file = Path(folder) / "calls.jsonl"
    server = ThreadingHTTPServer(("127.0.0.1", 0), DeviceApi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["SPACES_ZERO_GPU"] = "true"
    os.environ["SPACES_ZERO_DEVICE_API_URL"] = f"http://127.0.0.1:{server.server_port}"
    os.environ["ZEROGPU_OFFLOAD_DIR"] = folder
    _pretend_cuda_build()
    import spaces.zero.torch
    from spaces.zero.torch import patching

    def bring_back(callback: object = None) -> None:
        for fake, original in patching.cuda_aliases.items():
            if original is not None:
                fake.data = original

    spaces.zero.torch.init = lambda uuid: None
    spaces.zero.torch.move = bring_back
    spaces.zero.torch.pack = lambda: 0
    return DeviceApi.calls


def _not_in_bad_fork() -> bool:
    return False


def _pretend_cuda_build() -> None:
    """What `spaces` reads from a CUDA build of torch and does not find in a CPU build."""
    import torch

    if torch.version.cuda is None:
        torch.version.cuda = "12.8"
    if not hasattr(torch._C, "_cuda_init"):
        torch._C._cuda_init = lambda: None
    torch.cuda._is_in_bad_fork = _not_in_bad_fork
