"""How long the page takes to come up, what it weighs, and what thirty more editors cost.

    python benchmarks/startup.py [--quick] [--json] [--against CHECKOUT]

Starts `app.py` twice on a free port of this machine: with the editors that are installed, and with thirty synthetic
ones beside them. Chromium, if there is one, gives the moment at which the stage can be seen. With `--against`, another
checkout of Facet is started in turns with this one, and each figure is the median of the ratios of nine such pairs;
FACET_EDITORS names the editors of both. Modules are compiled beforehand, as they are where Facet is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYNTHETIC = 30
RECEIVED = "performance.getEntries().reduce((sum, each) => sum + (each.transferSize || 0), 0)"
"""Bytes of all that a browser gets at its first visit, as they were sent."""

VISITORS = 4
"""Further ones, with whom the memory that each costs is measured."""

EDITOR = '''"""A synthetic editor."""
from collections.abc import Iterator
from typing import Annotated

from facet import Choice, Picture, Seed, Slider, Step, Subject, Switch, Text, editor, hookimpl


@editor("synthetic_{n}", "Synthetic {n}", task="restyle", gpu_seconds=1)
def synthetic(
    ctx, *, subject: Subject,
    style: Annotated[Subject, Picture(samples="styles", doc="A picture.")],
    amount: Annotated[float, Slider(0, 1, doc="How much.")] = 0.5,
    steps: Annotated[int, Slider(1, 100, doc="How long.")] = 10,
    scale: Annotated[float, Slider(0, 4, doc="How large.")] = 1,
    way: Annotated[str, Choice(("one", "two", "three"), doc="Which way.")] = "one",
    words: Annotated[str, Text(doc="A few words.")] = "",
    firm: Annotated[bool, Switch(doc="Whether firmly.")] = False,
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Give the picture back as it is."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [synthetic]
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one run of each instead of three")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="compare the start with another checkout's")
    options = parser.parse_args()
    if options.against:
        figures = compared(options.against.resolve(), 3 if options.quick else 9)
    else:
        figures = thirty_more(1 if options.quick else 3)
    if options.json:
        print(json.dumps(figures))


def compared(other: Path, pairs: int) -> dict[str, Any]:
    """This checkout's start divided by another's: medians over pairs that ran one after the other."""
    if not (other / "app.py").is_file():
        raise SystemExit(f"--against: {other} is no checkout of Facet. Give a folder with app.py in it.")
    for root in (ROOT, other):
        with started(0, root):
            pass  # compiles its modules
    rows = [(measure(0), measure(0, other)) for _ in range(pairs)]
    ratios = {key: [here[key] / there[key] for here, there in rows if there.get(key)] for key in rows[0][0]}
    figures = {key: round(median(values), 3) for key, values in ratios.items() if values}
    print(f"{'median of ' + str(pairs) + ' pairs':24}{'here':>10}{'other':>10}{'ratio':>8}")
    for key, ratio in figures.items():
        here, there = (median(row[side][key] for row in rows) for side in (0, 1))
        print(f"{key:24}{here:10.3f}{there:10.3f}{ratio:8.2f}")
    return {"pairs": pairs, "ratio": figures}


def thirty_more(runs: int) -> dict[str, Any]:
    """The start with the editors that are installed and with thirty more: least of so many runs."""
    figures: dict[str, Any] = {}
    with started(0, ROOT):
        pass  # compiles its modules
    rows = [
        (measure(0, with_build=True), measure(SYNTHETIC, with_build=True)) for _ in range(runs)
    ]  # in turns, so that both meet the same machine
    for number, name in enumerate(("plain", "thirty_more")):
        figures[name] = {key: round(min(row[number][key] for row in rows), 3) for key in rows[0][number]}
    plain, more = figures["plain"], figures["thirty_more"]
    figures["ratio"] = {key: round(more[key] / plain[key], 2) for key in plain if plain[key]}
    figures["editors_seconds_each"] = round((more["build_seconds"] - plain["build_seconds"]) / SYNTHETIC, 4)
    figures["editors_kilobytes_each"] = round((more["page_kilobytes"] - plain["page_kilobytes"]) / SYNTHETIC, 1)
    show(figures)
    return figures


def measure(synthetic: int, root: Path = ROOT, with_build: bool = False) -> dict[str, float]:
    """One start: seconds, memory, size of the first page; `with_build`: of this checkout's page, too."""
    with started(synthetic, root) as (url, ready, process):
        spent = processor_seconds(process.pid)
        page, first = asked(url)
        _, visit = asked(url)
        sent, _ = asked(url, {"Accept-Encoding": "gzip, deflate, br"})
        row = {
            "ready_seconds": ready,
            "ready_processor_seconds": spent,
            "first_visit_seconds": first,
            "visit_seconds": visit,
            "page_kilobytes": len(page) / 1024,
            "sent_kilobytes": len(sent) / 1024,
            "memory_megabytes": resident(process.pid) / 2**20,
        }
        if with_build:
            row["build_seconds"] = build_seconds(synthetic)
        row |= seen(url, more=lambda: resident(process.pid) / 2**20)
        if "first_visitor_megabytes" in row:
            row["first_visitor_megabytes"] -= row["memory_megabytes"]
        return row


def asked(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, float]:
    """The page as it is sent, and the seconds that it took."""
    begun = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=60) as answer:
        return answer.read(), time.perf_counter() - begun


@contextmanager
def started(synthetic: int, root: Path) -> Iterator[tuple[str, float, subprocess.Popen[str]]]:
    """A running page: its address, seconds until it said so, its process."""
    with home(synthetic, root) as env:
        begun = time.perf_counter()
        command = [sys.executable, str(root / "app.py"), "serve", "--port", "0"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            lines = (re.search(r"editors on (http://\S+)", line) for line in process.stdout or ())
            address = next((found[1] for found in lines if found), "")
            if not address:
                raise SystemExit("the page did not start")
            yield address, time.perf_counter() - begun, process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def home(synthetic: int, root: Path) -> Iterator[dict[str, str]]:
    """An environment with so many synthetic editors."""
    with tempfile.TemporaryDirectory() as folder:
        editors = Path(folder) / "editors"
        editors.mkdir()
        for number in range(synthetic):
            (editors / f"synthetic_{number:02d}.py").write_text(EDITOR.format(n=number), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield kept | {"FACET_HOME": folder, "PYTHONPATH": str(root)}


def build_seconds(synthetic: int) -> float:
    """CPU seconds to load all plugins and build the page, when Gradio and torch are imported already."""
    code = (
        "from surfaces.settings import prepare; prepare()\n"
        "import time, surfaces.page.build as page; from registry.plugins import load_registry; load_registry()\n"
        "begun = time.process_time(); page.build(load_registry()); print(time.process_time() - begun)"
    )
    with home(synthetic, ROOT) as env:
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def processor_seconds(pid: int) -> float:
    """What a process has used so far, 0 where the system does not tell: it hardly depends on what else is running."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Resident bytes of a process, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE")


def seen(url: str, more: Callable[[], float]) -> dict[str, float]:
    """Seconds from the request to the stage and to an editor's controls, in a fresh Chromium; empty without one.

    `more` tells the server's megabytes: after the first visitor, for whom it fills what all share, and how much each
    of `VISITORS` others adds.
    """
    names = (os.environ.get("FACET_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if name and (path := shutil.which(name))), None)
    if chromium is None:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        begun = time.perf_counter()
        page.goto(url)
        page.wait_for_selector(".fs-empty .fp-thumb >> visible=true")
        stage = time.perf_counter() - begun
        page.wait_for_selector(".ft-run >> visible=true")
        controls = time.perf_counter() - begun
        first, received = more(), page.evaluate(RECEIVED)
        for _ in range(VISITORS):
            other = browser.new_context().new_page()
            other.goto(url)
            other.wait_for_selector(".ft-run >> visible=true")
        each = (more() - first) / VISITORS
        browser.close()
    row = {"stage_seconds": stage, "controls_seconds": controls, "received_kilobytes": received / 1024}
    return {**row, "first_visitor_megabytes": first, "visitor_megabytes": each}


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    print(f"{'':22}{'plain':>12}{'30 more':>12}{'ratio':>9}")
    for key, value in figures["plain"].items():
        print(f"{key:22}{value:12.3f}{figures['thirty_more'][key]:12.3f}{figures['ratio'].get(key, 0):9.2f}")
    print(
        f"each editor: {figures['editors_seconds_each']} s of building, {figures['editors_kilobytes_each']} KB of page"
    )


if __name__ == "__main__":
    main()
