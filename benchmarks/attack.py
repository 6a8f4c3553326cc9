"""Hostile files, texts and recipes, tried as a visitor would hand them in while another visitor works beside it.

    python benchmarks/attack.py [--quick] [--json] [--only SECTION]

Each section runs in a process of its own, which is started again behind a case that ended it. Figures, of each section
and of all: cases tried; executed (a case's marker file was written); over the memory bound (this process rose by more
than the section allows while the case was worked on); unhandled (something other than a sentence, or the process
ended, or a minute passed); and the longest time, in seconds, that the other visitor waited for an answer meanwhile: the
check of an input and, every tenth time, a small picture through the same pool.

A section is a module with `cases(folder, quick)`: names with functions that return, or raise an EditorError.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SECTIONS: dict[str, tuple[str, int]] = {
    "weights": ("benchmarks.attack_weights", 1024),
    "pictures": ("benchmarks.attack_pictures", 768),
    "recipes": ("benchmarks.attack_recipes", 256),
    "texts": ("benchmarks.attack_texts", 256),
}
"""Section → (module, megabytes that this process may rise by). One that is not in this checkout is left out and said.

A sound network may cost 1 GiB to use (`nets.affordable`), and some of the cases are sound. Of pictures, the sessions of
one address may keep 532 MB, and two more are on their way; a single file takes a third.
"""

CASE_SECONDS = 60.0
Case = tuple[str, Callable[[], object]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer and smaller cases, under a minute")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--only", choices=SECTIONS, help="one section alone")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        work(options.child[0], int(options.child[1]), options.quick)
        return
    figures: dict[str, Any] = {}
    for section in [options.only] if options.only else SECTIONS:
        if importlib.util.find_spec(SECTIONS[section][0]) is None:
            print(f"{section}: not in this checkout")
            continue
        rows = tried(section, options.quick)
        for row in rows:
            if row["executed"] or row["over"] or row["unhandled"] or row["waited"] > 1:
                print(f"{section}, {row['name']}: {row}")
        found = summary(rows)
        print(f"{section}: {found}")
        figures |= {f"{section}_{name}": value for name, value in found.items()}
    names = ("tried", "executed", "over_memory", "unhandled")
    figures |= {name: sum(value for key, value in figures.items() if key.endswith(f"_{name}")) for name in names}
    figures["longest_wait"] = max((value for key, value in figures.items() if key.endswith("_longest_wait")), default=0)
    print({name: figures[name] for name in (*names, "longest_wait")})
    if options.json:
        print(json.dumps(figures))


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of some cases."""
    return {
        "tried": len(rows),
        "executed": sum(row["executed"] for row in rows),
        "over_memory": sum(row["over"] for row in rows),
        "unhandled": sum(bool(row["unhandled"]) for row in rows),
        "largest_rise_mb": max((row["rise_mb"] for row in rows), default=0),
        "longest_wait": max((row["waited"] for row in rows), default=0),
        "longest_case": max((row["seconds"] for row in rows), default=0),
    }


def tried(section: str, quick: bool) -> list[dict[str, Any]]:
    """One row a case, whatever the process does."""
    rows: list[dict[str, Any]] = []
    lost = {"executed": False, "over": False, "rise_mb": 0, "waited": 0.0}
    while True:
        command = [sys.executable, __file__, "--child", section, str(len(rows)), *(["--quick"] if quick else [])]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        clock = threading.Timer(CASE_SECONDS, child.kill)
        name, ended = "the start", False
        for line in child.stdout or ():
            clock.cancel()
            clock = threading.Timer(CASE_SECONDS, child.kill)
            clock.start()
            row = json.loads(line)
            if "begins" in row:
                name = row["begins"]
            elif "ended" in row:
                ended = True
            else:
                rows.append(row)
        clock.cancel()
        child.wait()
        if ended:
            return rows
        rows.append({"name": name, "unhandled": f"the process ended ({child.returncode})", "seconds": 0.0, **lost})
        if name == "the start":
            return rows


def work(section: str, first: int, quick: bool) -> None:
    """Try the cases from number `first` on, in this process; a line of JSON before and after each."""
    module, bound = SECTIONS[section]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FACET_HOME"] = str(folder / "home")
        os.environ["FACET_OFFLINE"] = "1"
        cases: list[Case] = importlib.import_module(module).cases(folder, quick)
        with Neighbour() as neighbour:
            for title, run in cases[first:]:
                _say({"begins": title})
                _say({"name": title, **one(run, folder / "executed", neighbour, bound << 20)})
    _say({"ended": True})


def one(run: Callable[[], object], marker: Path, neighbour: Neighbour, bound: int) -> dict[str, Any]:
    """What became of one case."""
    from registry.errors import EditorError

    unhandled, began = "", time.perf_counter()
    neighbour.start()
    try:
        run()
    except EditorError as refusal:
        sentence = str(refusal)
        unhandled = "" if "\n" not in sentence and len(sentence) < 2000 else f"no sentence: {sentence[:80]!r}"
    except BaseException as problem:  # whatever comes out is what the case is about
        unhandled = f"{type(problem).__name__}: {str(problem)[:120]}"
    seconds = time.perf_counter() - began
    waited, rise = neighbour.told()
    executed = marker.exists()
    marker.unlink(missing_ok=True)
    return {
        "executed": executed,
        "over": rise > bound,
        "rise_mb": rise >> 20,
        "unhandled": unhandled,
        "waited": round(waited, 3),
        "seconds": round(seconds, 3),
    }


class Neighbour:
    """Another visitor, in a thread: asks for small things all the time and remembers the longest wait."""

    def __enter__(self) -> Neighbour:
        from registry.conformance import small_picture
        from registry.decoding import shared_pool
        from registry.device import resident_bytes
        from registry.inputs import Slider
        from registry.saved import png_bytes

        self._slider, self._pool, self._resident = Slider(0, 10, doc="x"), shared_pool(), resident_bytes
        self._picture = png_bytes(small_picture(64, 48), [])
        self._pool.picture(self._picture, "x", ("neighbour", ""))
        self._over, self._floor, self._peak, self._longest = threading.Event(), 0, 0, 0.0
        self._asked = time.perf_counter()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    def start(self) -> None:
        """A case begins."""
        self._floor = self._peak = self._resident()
        self._longest = 0.0

    def told(self) -> tuple[float, int]:
        """The longest wait since, one that goes on included, and how many bytes this process rose by at most."""
        waiting = time.perf_counter() - self._asked
        return max(self._longest, waiting), max(self._peak, self._resident()) - self._floor

    def _live(self) -> None:
        count = 0
        while not self._over.wait(0.005):
            self._asked = time.perf_counter()
            self._slider.check("5", "x")
            if count % 10 == 0:
                self._pool.picture(self._picture, "x", ("neighbour", ""))
            self._longest = max(self._longest, time.perf_counter() - self._asked)
            self._peak = max(self._peak, self._resident())
            count += 1


def _say(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
