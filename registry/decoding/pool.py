"""A few processes in which a server decodes its visitors' pictures: started when first needed, bounded, fair.

A file that takes too much memory or time, or that makes a decoder crash, ends one of them and nothing else; whoever
sent it reads a sentence. The command line has no use for this: it decodes where it is, after the same `costs`.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import math
import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from registry.decoding import worker
from registry.decoding.turns import Busy, Turns, Who
from registry.errors import BadInput
from registry.subjects import MOST_PIXELS, Layers

SLOTS = 2
MEMORY = 1536 << 20  # bytes of address space; 25 megapixels of floats with a profile take 1.1 GB
CPU_SECONDS = 10  # of the slowest honest file, 25 megapixels of lossless WebP, times three
WALL_SECONDS = 60.0  # on a machine that is busy with other things
WAIT_SECONDS = 60.0
KEEP_BYTES = 192 << 20  # a process that took more gives it back by ending
NOBODY: Who = ("", "")

_ROOT = Path(__file__).resolve().parent.parent.parent
_START = "from registry.decoding.worker import main; main({}, {})"
_BY_HAND = "Open it in another program and save it again as a plain PNG or JPEG."


class _Gone(Exception):
    """The process ended without an answer."""


class Pool:
    """Decodes files elsewhere. All methods may be called from any thread; they wait for their turn and the answer."""

    def __init__(self, slots: int = SLOTS, memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS) -> None:
        self.turns = Turns(slots)
        self._limits = (memory, cpu_seconds)
        self._idle: list[_Process] = []
        self._guard = threading.Lock()

    def picture(self, source: str | bytes, field: str, who: Who = NOBODY) -> Layers:
        """As `read_layers`, of a path or a file's bytes.

        Raises:
            BadInput: as there; or it takes too much memory or time; or too many wait.
        """
        arrays = self._arrays("picture", source, field, who)
        original = tuple(map(int, arrays["original"])) if "original" in arrays else None
        return Layers(arrays["pixels"], arrays.get("alpha"), original)  # type: ignore[arg-type]

    def mask(self, source: str | bytes, field: str, who: Who = NOBODY) -> NDArray[np.bool_]:
        """As `read_mask`: bool [height, width]. Raises BadInput as `picture`."""
        return self._arrays("mask", source, field, who)["mask"]

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._guard:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _arrays(self, task: str, source: str | bytes, field: str, who: Who) -> dict[str, NDArray[Any]]:
        try:
            with self.turns.turn(who, WAIT_SECONDS):
                return self._decoded(task, source, field)
        except Busy as problem:
            raise BadInput(field, f"cannot be opened yet: it {problem}", "Try again in a moment.") from None

    def _decoded(self, task: str, source: str | bytes, field: str) -> dict[str, NDArray[Any]]:
        with self._guard:
            process = self._idle.pop() if self._idle else None
        try:
            process = process or _Process(*self._limits)
        except OSError:  # this platform starts no processes
            return _here(task, source, field)
        try:
            head, arrays = process.ask(task, source, field)
        except (_Gone, OSError):
            why = "takes too long to open" if process.timed_out() else "cannot be opened within the limits of a picture"
            raise BadInput(field, why, _BY_HAND) from None
        except BaseException:
            process.end()
            raise
        if head["peak"] > KEEP_BYTES:
            process.end()
        else:
            with self._guard:
                self._idle.append(process)
        if "refused" in head:
            raise BadInput(*map(str, head["refused"]))
        return arrays


class _Process:
    """One of them."""

    def __init__(self, memory: int, cpu_seconds: int) -> None:
        paths = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START.format(memory, cpu_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | one_thread | {"PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C is for the server, which ends it; on Windows it is a group that says so
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def ask(self, task: str, source: str | bytes, field: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """The head of the answer, and its arrays. Raises _Gone or OSError if the process ended instead."""
        what = {"bytes": len(source)} if isinstance(source, bytes) else {"path": os.path.abspath(source)}
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        clock = threading.Timer(WALL_SECONDS, self._give_up)
        clock.daemon = True
        clock.start()
        try:
            stdin.write(json.dumps({"task": task, "field": field, **what}).encode() + b"\n")
            if isinstance(source, bytes):
                stdin.write(source)
            stdin.flush()
            return _answer(cast(io.BufferedReader, stdout))
        finally:
            clock.cancel()

    def timed_out(self) -> bool:
        """Whether it ended because of the time it took; waits for its end."""
        import signal

        self.end()
        return self._late or self._process.returncode == -getattr(signal, "SIGXCPU", 1 << 16)

    def end(self) -> None:
        """End it; what it has not answered is lost."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent cannot be sent any more
                    pipe.close()
        if self._process.poll() is None:
            try:
                self._process.wait(0.2)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()


def _answer(stdout: io.BufferedReader) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    line = stdout.readline(1 << 16)
    if not line.endswith(b"\n"):
        raise _Gone
    head: dict[str, Any] = json.loads(line)
    arrays = {}
    for name, shape, dtype in head.get("arrays", ()):
        if math.prod(shape) > 4 * MOST_PIXELS:
            raise _Gone
        array = np.empty(shape, np.dtype(dtype))
        if array.nbytes and stdout.readinto(array.data.cast("B")) != array.nbytes:
            raise _Gone
        array.setflags(write=False)
        arrays[str(name)] = array
    return head, arrays


_alone = threading.Lock()


def _here(task: str, source: str | bytes, field: str) -> dict[str, NDArray[Any]]:
    """The same in this process, one at a time."""
    with _alone:
        return dict(worker.TASKS[task](source, field))


@cache
def shared_pool() -> Pool:
    """The one pool of this process. Nothing is started before a picture comes."""
    pool = Pool()
    atexit.register(pool.close)
    return pool
