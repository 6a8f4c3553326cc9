"""The page as a process of its own that notes when steps of a drag end and when a stop is heard of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


class Log:
    """What the server wrote since the last look: the moments at which steps ended and stops were heard of."""

    def __init__(self, path: Path) -> None:
        self.path, self._read = path, 0

    def fresh(self) -> list[tuple[str, float]]:
        """(event, seconds) in order."""
        text = self.path.read_text()
        lines, self._read = text[self._read :].splitlines(), len(text)
        return [(name, float(moment)) for name, moment in (line.split() for line in lines)]


def serve(log: str) -> None:
    """The page, with a note of every step and every stop; the child process of the benchmark."""
    from app import main as command
    from editors.drag.fast import FastDrag
    from registry.execution import Stop

    with Path(log).open("a", buffering=1) as lines:

        def noted(kind: Any, method: str, after: bool) -> None:
            plain = getattr(kind, method)

            def noting(self: Any) -> Any:
                if not after:
                    lines.write(f"{method} {time.monotonic()}\n")
                result = plain(self)
                if after:
                    lines.write(f"{method} {time.monotonic()}\n")
                return result

            setattr(kind, method, noting)

        noted(FastDrag, "step", after=True)
        noted(Stop, "set", after=False)
        command(["serve", "--port", "0"])


@contextmanager
def started() -> Iterator[tuple[str, int, Log]]:
    """A running page: its address, process and log."""
    with tempfile.TemporaryDirectory() as home:
        log = Log(Path(home) / "steps.log")
        log.path.touch()
        with served(Path(__file__), log.path, Path(home), "latent,drag") as (address, process):
            yield address, process.pid, log


@contextmanager
def served(script: Path, log: Path, home: Path, editors: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A page with some editors, served by a script that writes into a log: its address and process."""
    env = os.environ | {"FACET_HOME": str(home), "FACET_OFFLINE": "1", "FACET_EDITORS": editors}
    command = [sys.executable, str(script.resolve()), str(log)]
    process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, text=True)
    try:
        found = (re.search(r"editors on (http://\S+)", line) for line in process.stdout or ())
        address = next((match[1] for match in found if match), "")
        if not address:
            raise SystemExit("the page did not start")
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


def chromium() -> str:
    """An installed browser that playwright can drive. Raises SystemExit, saying what to install, if there is none."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise SystemExit("This benchmark drives a browser: install playwright (in the extra `test`).") from None
    names = (os.environ.get("FACET_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("This benchmark drives a browser: install Chromium, or name one in FACET_CHROMIUM.")
    return found


def memory_mb(pid: int) -> float:
    """VmRSS of a process in MB (of 2^20 bytes), 0 where there is no such file."""
    try:
        return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


if __name__ == "__main__":
    serve(sys.argv[1])
