"""Twenty visitors at once beside one who floods and leaves: errors, mix-ups, turns, sessions, memory, downloads.

    python benchmarks/load.py [--quick] [--json] [--visitors 20] [--edits 5]

Starts the page as a process of its own on 127.0.0.1, with a small editor that takes a tenth of a second and writes down
whose run it is. Each visitor does what the page does over HTTP: uploads a picture of a colour of its own, edits it
again and again, and looks whether the result is made of its own colour.

    errors        edits that did not end with a picture
    crossed       results that belong to another visitor
    turns         largest difference between the runs that two visitors got while both had some to go
    flood         runs begun for the flooding client: at most those before it left
    sessions        pictures that the visitors still have after a stranger's 201 small requests
    memory        growth of the server (VmRSS) from the second quarter of the edits to the end
    torn          downloads that came back empty, cut or with an error while the history was clicked
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.drag_page import ROOT, memory_mb
from benchmarks.load_visitors import Flood, Page, Visitor

PROBE = '''"""Inverts a picture in a tenth of a second, and writes down whose it was."""
import os, time
from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl

@editor("load_probe", "Load probe", task="restyle", gpu_seconds=0)
def load_probe(ctx, *, subject: Subject) -> Iterator[Step]:
    """Invert a picture in a tenth of a second."""
    with open(os.environ["FACET_LOAD_LOG"], "a") as log:
        log.write(subject.sha256 + "\\n")
    yield Step(subject.image, done=0.5)
    time.sleep(0.1)
    yield Step(255 - subject.pixels, done=1)

@hookimpl
def register_editors():
    return [load_probe]
'''


@contextmanager
def started() -> Iterator[tuple[str, int, Path]]:
    """A running page: its address, process and the log of its runs."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "editors").mkdir()
        (Path(home) / "editors" / "load_probe.py").write_text(PROBE)
        log = Path(home) / "runs.log"
        log.touch()
        env = os.environ | {"FACET_HOME": home, "FACET_OFFLINE": "1", "FACET_EDITORS": "load_probe"}
        env |= {"FACET_LOAD_LOG": str(log), "FACET_DEVICE": "cpu"}
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0"]
        told = (Path(home) / "server.log").open("w")
        process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, stderr=told, text=True)
        try:
            found = (re.search(r"editors? on (http://\S+)", line) for line in process.stdout or ())
            address = next((match[1] for match in found if match), "")
            if not address:
                raise SystemExit("the page did not start")
            yield address, process.pid, log
        finally:
            process.terminate()
            process.wait(120)  # a busy machine takes its time
            told.close()


class Crowd:
    """The visitors' edits and what became of them."""

    def __init__(self, page: Page, visitors: int, edits: int, pid: int) -> None:
        self.visitors = [Visitor(page, (10 + 9 * n, 250 - 9 * n, 40 + 7 * n)) for n in range(visitors)]
        self.edits, self.pid = edits, pid
        self.errors: list[str] = []
        self.crossed = 0
        self.spread = 0
        self.memory: list[float] = []
        self._guard = threading.Lock()
        self._done: Counter[int] = Counter(dict.fromkeys(range(visitors), 0))

    def work(self) -> None:
        """All of them at once."""
        for each in self.visitors:
            each.choose()
        threads = [threading.Thread(target=self._edit, args=(number,)) for number in range(len(self.visitors))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _edit(self, number: int) -> None:
        visitor = self.visitors[number]
        for count in range(1, self.edits + 1):
            try:
                visitor.run("load_probe")
                wanted = [255 - level for level in visitor.colour]  # Run begins with the original again
                shown = visitor.shown()
                crossed = max(abs(a - b) for a, b in zip(shown, wanted, strict=True)) > 3
            except Exception as error:  # whatever went wrong is counted, and said
                crossed = False
                self.errors.append(f"visitor {number}, edit {count}: {type(error).__name__}: {error}")
            with self._guard:
                self.crossed += crossed
                self._done[number] += 1
                going = [done for done in self._done.values() if done < self.edits]
                self.spread = max(self.spread, max(going) - min(going) if going else 0)
                self.memory.append(memory_mb(self.pid))


def stranger(page: Page, requests: int = 201) -> None:
    """Requests with a session made up for each."""
    for _ in range(requests):
        Visitor(page).at_once("facet-strip", {"go": None, "rev": 1})


def downloads(visitor: Visitor, seconds: float) -> tuple[int, int]:
    """(fetched, torn) while the history is clicked."""
    visitor.go(visitor.history[-1]["number"])
    whole, over, clicker = visitor.download(), threading.Event(), Visitor(visitor.page, session=visitor.session)

    def click() -> None:
        while not over.is_set():
            clicker.go(visitor.history[-1]["number"])

    thread = threading.Thread(target=click)
    thread.start()
    fetched, torn, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        fetched, torn = fetched + 1, torn + (visitor.download() != whole)
    over.set()
    thread.join()
    return fetched, torn


def measure(visitors: int, edits: int, seconds: float) -> dict[str, float]:
    """The figures."""
    with started() as (address, pid, log):
        page = Page(address)
        crowd = Crowd(page, visitors, edits, pid)
        flood, refused = Flood(page, (200, 30, 30)), []
        flooding = threading.Thread(target=lambda: refused.append(flood.ask("load_probe", 28)))
        flooding.start()
        begun = time.monotonic()
        crowd.work()
        took = time.monotonic() - begun
        flooding.join()
        runs = Counter(log.read_text().split())
        stranger(page)
        kept = [visitor.kept() for visitor in crowd.visitors]
        fetched, torn = downloads(crowd.visitors[0], seconds)
        for error in crowd.errors[:5]:
            print(error)
        return {
            "visitors": visitors,
            "edits": visitors * edits,
            "errors": len(crowd.errors),
            "crossed": crowd.crossed,
            "turns_difference": crowd.spread,
            "edits_a_second": visitors * edits / took,
            "flood_asked": 28,
            "flood_refused": refused[0],
            "flood_runs": sum(runs.values()) - visitors * edits + len(crowd.errors),
            "sessions_kept": sum(count == edits + 1 for count in kept),
            "memory_mb": crowd.memory[-1],
            "memory_grew_mb": crowd.memory[-1] - crowd.memory[len(crowd.memory) // 4],
            "downloads": fetched,
            "downloads_torn": torn,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="at most 5 seconds of downloads")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--edits", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30, help="how long downloads are tried")
    options = parser.parse_args()
    figures = measure(options.visitors, options.edits, min(options.seconds, 5 if options.quick else 1e9))
    for name, value in figures.items():
        print(f"{name:18} {value:10.1f}")
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
