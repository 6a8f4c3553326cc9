"""What reading a file costs and whether anything in it runs, measured in a process of its own for each file.

`python -m tests.readers.measure FILE…` prints one JSON line a file. The parent imports everything and reads good files
first, then forks: the child begins at the parent's resident size, and its high-water mark above that is the cost of
the reading alone. An audit hook (PEP 578) records every attempt to run, import, compile, open or change anything.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 64 * 2**20  # bytes allowed beside 2.5 times the file
_FORBIDDEN = (
    "exec",
    "compile",
    "import",
    "pickle.",
    "os.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "shutil.",
    "webbrowser.",
)
_SYSTEM = ("/proc/meminfo", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.stat")  # how much memory is free
_SECONDS = 20


def allowed(size: int) -> int:
    """Bytes that reading a file of `size` bytes may cost at its peak."""
    return int(2.5 * size) + LIMIT


def measure(paths: list[Path], reader: str = "facet") -> list[dict[str, Any]]:
    """Outcome, peak bytes and audit events of reading each file; `reader` "pickle" unpickles plainly, as a control."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as table:
        json.dump([str(path) for path in paths], table)
        table.flush()
        command = [sys.executable, "-m", "tests.readers.measure", reader, table.name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def _read(path: Path, reader: str, events: list[str], watching: list[bool]) -> dict[str, Any]:
    """Reads in this process: the outcome, without the costs."""
    from registry.errors import EditorError
    from registry.readers.reading import read_tensors

    watching[0] = True
    try:
        if reader == "pickle":
            import pickle

            with path.open("rb") as file:
                pickle.load(file)
            return {"outcome": "read"}
        found = read_tensors(path)
        held = sum(t.numel() * t.element_size() for group in found.tensors.values() for t in group.values())
        return {"outcome": "read", "layout": found.layout, "held": held}
    except EditorError as error:
        return {"outcome": "refused", "error": type(error).__name__, "sentence": str(error)}
    except BaseException as error:  # whatever it is, it is what this measures
        return {"outcome": "untyped", "error": type(error).__name__, "sentence": str(error)}
    finally:
        watching[0] = False


def _child(path: Path, reader: str) -> dict[str, Any]:
    events: list[str] = []
    watching = [False]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching[0]:
            return
        if event == "open" and (arguments[0] in (str(path), *_SYSTEM) or isinstance(arguments[0], int)):
            return
        if event == "open" or event.startswith(_FORBIDDEN):
            events.append(f"{event} {str(arguments)[:80]}")

    sys.addaudithook(hook)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = _read(path, reader, events, watching)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = path.stat().st_size if path.is_file() else 0
    return {**result, "peak": (peak - before) * 1024, "size": size, "events": events[:10]}


def _forked(path: Path, reader: str) -> dict[str, Any]:
    inward, outward = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inward)
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        text = json.dumps(_child(path, reader)).encode()
        while text:
            text = text[os.write(outward, text) :]
        os._exit(0)
    os.close(outward)
    with open(inward, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else {"outcome": "killed", "error": str(status), "peak": 0, "size": 0, "events": []}


def main() -> None:
    """Measures the files listed in a JSON file."""
    from registry.readers.reading import read_tensors
    from tests.readers.builders import build_all

    with tempfile.TemporaryDirectory() as folder:
        for path, _ in build_all(Path(folder)).values():
            read_tensors(path)
    for path in json.loads(Path(sys.argv[2]).read_text()):
        print(json.dumps({"path": path, **_forked(Path(path), sys.argv[1])}), flush=True)


if __name__ == "__main__":
    main()
