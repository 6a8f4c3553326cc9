"""Visitors as a browser's page and a client of the HTTP API would be, without a browser; for `benchmarks/load.py`."""

from __future__ import annotations

import base64
import io
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
from PIL import Image

API = "gradio_api"


class Page:
    """What a browser knows of a page after it has loaded it: which listener belongs to which part."""

    def __init__(self, url: str) -> None:
        self.url = url
        config = httpx.get(f"{url}config", timeout=60).json()
        self._parts = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
        self._values = {each["id"]: each["props"].get("value") for each in config["components"]}
        self._listeners = config["dependencies"]

    def listener(self, part: str, event: str, outputs: int = 4) -> dict[str, Any]:
        """The listener of an event of a part."""
        found = (self._parts[part], event)
        return next(
            each
            for each in self._listeners
            if found in [tuple(target) for target in each["targets"]] and len(each["outputs"]) == outputs
        )

    def endpoint(self, name: str) -> dict[str, Any]:
        """The listener behind an HTTP endpoint."""
        return next(each for each in self._listeners if each["api_name"] == name)

    def defaults(self, listener: dict[str, Any]) -> list[Any]:
        """The values of its inputs, as the page has them at first."""
        return [self._values.get(each) for each in listener["inputs"]]


class Visitor:
    """One browser tab: a session of its own, requests as the page makes them."""

    def __init__(self, page: Page, colour: tuple[int, int, int] = (0, 0, 0), session: str = "") -> None:
        self.page, self.colour = page, colour
        self.session = session or secrets.token_hex(8)
        self.web = httpx.Client(base_url=f"{page.url}{API}/", timeout=120)
        self.stage: dict[str, Any] = {}
        self.history: list[Any] = []
        self.address = ""

    def at_once(self, part: str, value: dict[str, Any]) -> list[Any]:
        """A click that does not wait in the queue; what the page would show."""
        listener = self.page.listener(part, "input")
        body = {"data": [None, value], "fn_index": listener["id"], "session_hash": self.session}
        answer = self.web.post("run/predict", json=body)
        answer.raise_for_status()
        data: list[Any] = answer.json()["data"]
        return data

    def choose(self) -> None:
        """Upload a picture of one colour and take it."""
        buffer = io.BytesIO()
        Image.fromarray(np.full((64, 64, 3), self.colour, np.uint8)).save(buffer, "PNG")
        sent = self.web.post("upload", files={"files": ("mine.png", buffer.getvalue(), "image/png")})
        file = {"path": sent.json()[0], "orig_name": "mine.png", "meta": {"_type": "gradio.FileData"}}
        self._see(self.at_once("facet-bar", {"file": file, "rev": 1}))

    def go(self, where: Any) -> list[Any]:
        """A click on the history."""
        data = self.at_once("facet-strip", {"go": where, "rev": time.monotonic_ns()})
        self._see(data)
        return data

    def join(self, listener: dict[str, Any], data: list[Any]) -> httpx.Response:
        """Put an edit into the queue."""
        body = {"data": data, "fn_index": listener["id"], "session_hash": self.session}
        return self.web.post("queue/join", json=body)

    def run(self, editor: str) -> None:
        """Press Run and wait for the result. Raises RuntimeError with the page's sentence."""
        listener = self.page.listener(f"run-{editor}", "click")
        self.join(listener, self.page.defaults(listener)).raise_for_status()
        for message in self.messages():
            if message["msg"] == "process_completed":
                if not message["success"]:
                    raise RuntimeError(str(message["output"]))
                self._see(message["output"]["data"])
                if self.stage.get("kind") == "error":
                    raise RuntimeError(str(self.stage.get("sentence")))
                return

    def messages(self, until: Callable[[], bool] = lambda: False) -> Iterator[dict[str, Any]]:
        """What the queue says, until it closes the stream or `until()`."""
        with self.web.stream("GET", "queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                if until():
                    return
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    if message["msg"] == "close_stream":
                        return
                    yield message

    def shown(self) -> tuple[int, int, int]:
        """The colour of the picture on the stage."""
        jpeg = base64.b64decode(self.stage["picture"].partition(",")[2])
        r, g, b = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).mean(axis=(0, 1))
        return round(r), round(g), round(b)

    def kept(self) -> int:
        """How many pictures the session has."""
        self.go(None)
        return len(self.history)

    def download(self) -> bytes:
        """What the download button gives now; empty if it breaks off."""
        try:
            answer = self.web.get(self.address)
        except httpx.TransportError:
            return b""
        return answer.content if answer.status_code == 200 else b""

    def _see(self, data: list[Any]) -> None:
        stage, _, strip, button = data
        if isinstance(stage, dict) and "kind" in stage:
            self.stage = stage
        if isinstance(strip, dict) and "entries" in strip:
            self.history = strip["entries"]
        file = button.get("value") if isinstance(button, dict) else None
        if isinstance(file, dict):
            self.address = f"file={file['path']}"


class Flood(Visitor):
    """A client of the HTTP API that asks for much and leaves."""

    def ask(self, editor: str, times: int) -> int:
        """Queue edits as fast as it can; how many were refused. It listens meanwhile, then goes."""
        self.choose_file()
        listener = self.page.endpoint(editor)
        for _ in range(times):
            self.join(listener, [self.file])
        refused, started = 0, time.monotonic()
        for message in self.messages(until=lambda: time.monotonic() > started + 20):
            refused += message["msg"] == "process_completed" and not message["success"]
            if refused >= times - 4:
                break
        self.web.close()
        return refused

    def choose_file(self) -> None:
        """Upload the picture that all of its edits are of."""
        buffer = io.BytesIO()
        Image.fromarray(np.full((64, 64, 3), self.colour, np.uint8)).save(buffer, "PNG")
        sent = self.web.post("upload", files={"files": ("flood.png", buffer.getvalue(), "image/png")})
        self.file = {"path": sent.json()[0], "orig_name": "flood.png", "meta": {"_type": "gradio.FileData"}}
