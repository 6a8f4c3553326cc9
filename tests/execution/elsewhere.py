"""An executor that runs each job in a process of its own; its stop goes over the network, and nothing but data crosses.

It stands for executors that run handlers on other machines. ``python -m tests.execution.elsewhere`` is the worker.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from registry.execution import Event, Job, StopSignal, Turn, Visitor, add_stop_form, stop_of, watched, work
from registry.plugins import Preview, register_spec
from tests.conftest import ROOT
from tests.execution.editors import ALL


class StopOverNetwork:
    """The visitor's end listens at a loopback port and closes every connection when it is set."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._calls: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # cleared
            while True:
                call, _ = self._server.accept()
                self._calls.append(call)
                if self._asked.is_set():
                    call.sendall(b"!")

    def set(self) -> None:
        self._asked.set()
        for call in self._calls:
            with contextlib.suppress(OSError):
                call.sendall(b"!")

    def is_set(self) -> bool:
        return self._asked.is_set()

    def clear(self) -> None:
        for each in (self._server, *self._calls):
            each.close()

    def plain(self) -> Mapping[str, str]:
        return {"form": "loopback", "port": str(self._server.getsockname()[1])}


class OtherEnd:
    """The handler's end: whether anything came."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self._form = plain
        self._call = socket.create_connection(("127.0.0.1", int(plain["port"])))
        self._call.setblocking(False)
        self._came = False

    def set(self) -> None:
        self._came = True

    def is_set(self) -> bool:
        if not self._came:
            with contextlib.suppress(BlockingIOError):
                self._came = self._call.recv(1) == b"!"
        return self._came

    def clear(self) -> None:
        self._call.close()

    def plain(self) -> Mapping[str, str]:
        return self._form


class Elsewhere:
    """See the module. One worker stays for the runs that follow; one that was left in the middle of a run is ended."""

    def __init__(self) -> None:
        self.worker: subprocess.Popen[bytes] | None = None

    def pick_device(self, wanted: str = "") -> str:
        return wanted or "cpu"

    def slice_seconds(self, gpu_seconds: float) -> float | None:
        return None

    def new_stop(self) -> StopSignal:
        return StopOverNetwork()

    def take_place(self, visitor: Visitor) -> Turn:
        return Turn(None, visitor)

    def run_slice(
        self, job: Job, memory: Callable[[int], None], hand_on: Callable[[], None], visitor: Visitor
    ) -> Iterator[Event]:
        worker, whole = self.start(), False
        try:
            for event in watched(job, lambda job: _events(worker, job), memory, hand_on, visitor, end=worker.kill):
                whole = not isinstance(event, Preview)
                yield event
        finally:
            if not whole or worker.poll() is not None:
                self.end()

    def start(self) -> subprocess.Popen[bytes]:
        """The worker, begun if there is none."""
        if self.worker is None or self.worker.poll() is not None:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "tests.execution.elsewhere"],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self.worker

    def end(self) -> None:
        """End the worker."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            for pipe in (self.worker.stdin, self.worker.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()


def _events(worker: subprocess.Popen[bytes], job: Job) -> Iterator[Event]:
    send(worker.stdin, {"job": replace(job, stop=None), "stop": dict(job.stop.plain())})
    while (event := receive(worker.stdout)) is not None:
        yield event
        if not isinstance(event, Preview):
            return


def send(pipe: BinaryIO, message: Any) -> None:
    content = pickle.dumps(message)
    pipe.write(struct.pack(">Q", len(content)) + content)
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:
    head = pipe.read(8)
    return pickle.loads(pipe.read(struct.unpack(">Q", head)[0])) if len(head) == 8 else None


def main() -> None:
    """The worker: jobs out of stdin, the events of each into stdout."""
    for spec in ALL:
        register_spec(spec)
    add_stop_form("loopback", OtherEnd)
    while (message := receive(sys.stdin.buffer)) is not None:
        for event in work(replace(message["job"], stop=stop_of(message["stop"]))):
            send(sys.stdout.buffer, event)


if __name__ == "__main__":
    main()
