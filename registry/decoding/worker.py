"""The process that decodes pictures for a server: reads requests, answers with arrays or a refusal, keeps nothing.

A request is a line of JSON (``task``, ``field`` and ``path``, or ``bytes``: how many follow). An answer is a line of
JSON, ``arrays`` ([name, shape, dtype] of each) and then their bytes, or ``refused`` (the arguments of a `BadInput`).
Nothing is unpickled on either side: what runs here has seen a stranger's file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from registry.errors import BadInput

Arrays = Mapping[str, NDArray[Any]]


def main(memory: int, seconds: int) -> None:
    """Serve stdin until it ends. `memory`: bytes of address space; `seconds`: of processor time for one request."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # decoders that print do not reach the answers
    _limit_memory(memory)
    while line := sys.stdin.buffer.readline():
        _limit_time(seconds)
        answer(json.loads(line), sys.stdin.buffer, answers)


def answer(request: Mapping[str, Any], more: BinaryIO, answers: BinaryIO) -> None:
    """Do one request."""
    source = request["path"] if "path" in request else more.read(request["bytes"])
    field = str(request["field"])
    arrays: Arrays = {}
    try:
        arrays = TASKS[request["task"]](source, field)
        head: dict[str, Any] = {"arrays": [[name, each.shape, each.dtype.str] for name, each in arrays.items()]}
    except BadInput as problem:
        head = {"refused": [problem.field, problem.why, problem.fix]}
    except MemoryError:
        head = {"refused": [field, "takes more memory to open than there is", "Make it smaller first."]}
    head["peak"] = _peak()
    answers.write(json.dumps(head).encode() + b"\n")
    for each in arrays.values():
        answers.write(np.ascontiguousarray(each).data.cast("B"))
    answers.flush()


def _picture(source: str | bytes, field: str) -> Arrays:
    from registry.subjects import read_layers

    pixels, alpha, original = read_layers(source, field)
    more = {"alpha": alpha, "original": None if original is None else np.array(original)}
    return {"pixels": pixels, **{name: each for name, each in more.items() if each is not None}}


def _mask(source: str | bytes, field: str) -> Arrays:
    from registry.subjects import read_mask

    return {"mask": read_mask(source, field)}


TASKS: Mapping[str, Callable[[str | bytes, str], Arrays]] = {"picture": _picture, "mask": _mask}


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the limit for time is all there is
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the address space is not what a process takes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_time(seconds: int) -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _peak() -> int:
    """The most memory this process ever took, in bytes; 0 where the system does not tell.

    Not `getrusage`: on Linux its figure begins with that of the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
    except (OSError, ValueError, StopIteration):
        return 0
