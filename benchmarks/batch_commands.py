"""Commands of a batch, watched: how long, how much memory their workers hold, what is finished so far."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def facet(*words: object) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *map(str, words)]


def timed(*words: object) -> float:
    """Seconds of one command. Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    subprocess.run(facet(*words), cwd=ROOT, env=env(), check=True, capture_output=True)
    return time.perf_counter() - began


def env() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


class Watching:
    """A command, with the most memory that one of its workers held. Reads /proc: elsewhere it is 0."""

    def __init__(self, called: str = "multiprocessing") -> None:
        self.called, self.most = called, 0.0
        self._over = threading.Event()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def begin(self, *words: object) -> None:
        """Start the command."""
        self.process = subprocess.Popen(
            facet(*words), cwd=ROOT, env=env(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        threading.Thread(target=self._look, daemon=True).start()

    def end(self) -> None:
        """Wait for it. Raises SystemExit if it failed."""
        _, told = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(f"The command failed: {told.decode()[-400:]}")

    def run(self, *words: object) -> float:
        """Its seconds."""
        began = time.perf_counter()
        self.begin(*words)
        self.end()
        return time.perf_counter() - began

    def below(self) -> list[tuple[int, str]]:
        """All processes that came of it, with their command lines."""
        parents, found = {}, {self.process.pid}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        for _ in range(6):
            found |= {pid for pid, parent in parents.items() if parent in found}
        rows = []
        for pid in found - {self.process.pid}:
            with contextlib.suppress(OSError):
                rows.append((pid, Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")))
        return rows

    def _look(self) -> None:
        while not self._over.wait(0.25):
            for pid, told in self.below():
                if self.called in told and "resource_tracker" not in told:
                    with contextlib.suppress(OSError, StopIteration):
                        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                        peak = next(line for line in lines if line.startswith("VmHWM"))
                        self.most = max(self.most, int(peak.split()[1]) / 1000)


def wait_for(out: Path, count: int, process: subprocess.Popen[bytes]) -> list[str]:
    """Wait until so many results are noted; their names."""
    journal = out / ".facet-batch" / "1of1.jsonl"
    while process.poll() is None and not (journal.is_file() and journal.read_bytes().count(b"\n") >= count):
        time.sleep(0.01)
    return noted(out)


def noted(out: Path) -> list[str]:
    lines = (out / ".facet-batch" / "1of1.jsonl").read_text().splitlines()
    return [json.loads(line)["name"] for line in lines if line.endswith("}")]


def judged(name: str, out: Path, whole: Path) -> dict[str, float]:
    """The results in `out` against those of an uninterrupted batch: equal, lost, finished more than once."""
    made = {path.name: path.read_bytes() for path in out.glob("*.png")}
    wanted = {path.name: path.read_bytes() for path in whole.glob("*.png")}
    names = noted(out)
    row = {
        f"{name}_equal": sum(made.get(each) == content for each, content in wanted.items()) / len(wanted),
        f"{name}_lost": float(len(wanted) - len(made)),
        f"{name}_twice": float(len(names) - len(set(names))),
    }
    print(f"{name}: {row[f'{name}_equal']:.0%} equal, {row[f'{name}_lost']:.0f} lost, "
          f"{row[f'{name}_twice']:.0f} twice", flush=True)  # fmt: skip
    return row
