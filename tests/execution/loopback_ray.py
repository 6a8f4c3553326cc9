"""What `OnRay` uses of Ray, on this machine alone: actors in processes, streams of values, and their deaths.

It stands in where Ray is not installed; the same tests run on Ray itself with ``make soak``.
``python -m tests.execution.loopback_ray PORT KEY`` is an actor's process.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.conftest import ROOT

_END, _VALUE, _ERROR = "end", "value", "error"


class RayActorError(Exception):
    """The actor's process ended."""


class Ref:
    """A value in the store: a file."""

    def __init__(self, value: Any, folder: str) -> None:
        self.path = os.path.join(folder, uuid.uuid4().hex)
        Path(self.path).write_bytes(pickle.dumps(value))

    def get(self, timeout: float | None = None) -> Any:
        return pickle.loads(Path(self.path).read_bytes())


class Answer:
    """What a call will give: one value, or a stream of them."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.seen: list[tuple[str, Any]] = []

    def ready(self, timeout: float) -> bool:
        if not self.seen:
            with contextlib.suppress(queue.Empty):
                self.seen.append(self.came.get(timeout=timeout))
        return bool(self.seen)

    def get(self, timeout: float | None = None) -> Any:
        kind, value = self.seen.pop() if self.seen else self.came.get(timeout=timeout)
        if kind == _ERROR:
            raise value
        return value

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Answer:
        kind, value = self.seen.pop() if self.seen else self.came.get(timeout=60)
        if kind == _END:
            raise StopIteration
        one = Answer()
        one.came.put((kind, value))
        return one


class Actor:
    """Calls to an object in another process, begun anew when it dies."""

    def __init__(self, made: type) -> None:
        self._made, self._guard, self.gone = made, threading.Lock(), False
        self._env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # also of those that come later
        self._begin()

    def _begin(self) -> None:
        self._waiting: dict[str, Answer] = {}
        key = uuid.uuid4().hex
        with Listener(("127.0.0.1", 0), authkey=key.encode()) as listener:
            command = [sys.executable, "-m", "tests.execution.loopback_ray", str(listener.address[1]), key]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._env)
            self._line: Connection = listener.accept()
        self._line.send(self._made)
        threading.Thread(target=self._listen, args=(self._line, self._waiting), daemon=True).start()

    def _listen(self, line: Connection, waiting: dict[str, Answer]) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                call, kind, value = line.recv()
                waiting[call].came.put((kind, value))
        self.process.wait()
        with self._guard:
            if not self.gone:
                self._begin()
        for answer in waiting.values():
            answer.came.put((_ERROR, RayActorError("its process ended")))

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Answer:
            answer, key = Answer(), uuid.uuid4().hex
            with self._guard:
                self._waiting[key] = answer
                try:
                    self._line.send((key, name, arguments))
                except OSError:
                    answer.came.put((_ERROR, RayActorError("its process ended")))
            return answer

        return SimpleNamespace(remote=call, options=lambda **_: SimpleNamespace(remote=call))


class LoopbackRay:
    """In place of the module `ray`."""

    exceptions = SimpleNamespace(RayActorError=RayActorError)

    def __init__(self) -> None:
        self.actors: list[Actor] = []
        self.put_count = 0
        self._folder = tempfile.TemporaryDirectory(prefix="facet-loopback-")

    def cluster_resources(self) -> dict[str, float]:
        return {}

    def remote(self, **_: Any) -> Any:
        def make(made: type) -> Actor:
            self.actors.append(Actor(made))
            return self.actors[-1]

        return lambda made: SimpleNamespace(remote=lambda: make(made))

    def put(self, value: Any) -> Ref:
        self.put_count += 1
        return Ref(value, self._folder.name)

    def get(self, what: Any, timeout: float | None = None) -> Any:
        return what.get(timeout)

    def wait(self, streams: list[Answer], timeout: float) -> tuple[list[Answer], list[Answer]]:
        ready = [each for each in streams if each.ready(timeout)]
        return ready, [each for each in streams if each not in ready]

    def kill(self, actor: Actor, no_restart: bool = True) -> None:
        actor.gone = actor.gone or no_restart
        actor.process.kill()

    def shutdown(self) -> None:
        for actor in self.actors:
            self.kill(actor)
            actor.process.wait()
        self._folder.cleanup()


def main(port: str, key: str) -> None:
    """An actor: calls come in, each in a thread of its own, as in one of Ray's with several threads."""
    sys.modules["ray"] = SimpleNamespace(get=lambda ref: ref.get())  # type: ignore[assignment]
    line, guard = Client(("127.0.0.1", int(port)), authkey=key.encode()), threading.Lock()
    made = line.recv()()

    def answer(call: str, name: str, arguments: tuple[Any, ...]) -> None:
        def say(kind: str, value: Any = None) -> None:
            with guard:
                line.send((call, kind, value))

        try:
            found = getattr(made, name)(*arguments)
            if isinstance(found, Iterator):
                for value in found:
                    say(_VALUE, value)
                say(_END)
            else:
                say(_VALUE, found)
        except Exception as problem:
            say(_ERROR, problem)

    with contextlib.suppress(EOFError):
        while True:
            threading.Thread(target=answer, args=line.recv(), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
