"""How long the page takes to come up, what it weighs, and what thirty more editors cost.

    python benchmarks/startup.py [--quick] [--json] [--against CHECKOUT [--pairs N]]

Starts `app.py` twice on a free port of this machine: with the editors that are installed, and with thirty synthetic
ones beside them. Chromium, if there is one, makes the visits of `startup_visit.py`. With `--against`, another
checkout of Facet is started in turns with this one, and each figure is the median over such pairs: once with all
editors that each has, once with those that both have. Modules are compiled beforehand, as they are where Facet is
installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.startup_visit import visited  # noqa: E402

SYNTHETIC = 30
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
    parser.add_argument("--pairs", type=int, default=5, help="with --against: starts of each side (default 5)")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="compare the start with another checkout's")
    options = parser.parse_args()
    if options.against:
        figures = compared(options.against.resolve(), 1 if options.quick else options.pairs)
    else:
        figures = thirty_more(1 if options.quick else 3)
    if options.json:
        print(json.dumps(figures))


def compared(other: Path, pairs: int) -> dict[str, Any]:
    """This checkout's start beside another's: medians over pairs that ran one after the other, by set of editors."""
    if not (other / "app.py").is_file():
        raise SystemExit(f"--against: {other} is no checkout of Facet. Give a folder with app.py in it.")
    own, theirs = editors_of(ROOT), editors_of(other)  # which compiles what each imports
    both = ",".join(name for name in own if name in theirs)
    figures: dict[str, Any] = {"pairs": pairs}
    for name, title, only in (("all", "all editors of each", ""), ("same", "the editors that both have", both)):
        rows = [(measure(0, editors=only), measure(0, other, editors=only)) for _ in range(pairs)]
        here, there = ({key: median(row[side][key] for row in rows) for key in rows[0][side]} for side in (0, 1))
        figures[name] = {
            key: {"here": round(here[key], 3), "other": round(there[key], 3), "ratio": ratio(here[key], there[key])}
            for key in here
        }
        print(f"{title}\n{'median of ' + str(pairs):30}{'here':>10}{'other':>10}{'ratio':>8}")
        for key, row in figures[name].items():
            print(f"{key:30}{row['here']:10.3f}{row['other']:10.3f}{row['ratio'] or 0:8.2f}")
    return figures


def ratio(here: float, there: float) -> float | None:
    """How many times as much; None where there was nothing."""
    return round(here / there, 2) if there > 0 else None


def editors_of(root: Path) -> list[str]:
    """The ids of a checkout's editors."""
    with home(0, root) as env:
        command = [sys.executable, str(root / "app.py"), "list", "--json"]
        listed = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return [str(row["id"]) for row in json.loads(listed)["editors"]]


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


def measure(synthetic: int, root: Path = ROOT, with_build: bool = False, editors: str = "") -> dict[str, float]:
    """One start and its first visits: seconds, memory, size of the first page.

    Args:
        synthetic: so many further editors.
        root: of the checkout.
        with_build: tell what building this checkout's page takes, too.
        editors: only these, separated by commas.
    """
    with started(synthetic, root, editors) as (url, ready, count, process):
        spent = processor_seconds(process.pid)
        page, first = asked(url)
        _, visit = asked(url)
        sent, _ = asked(url, {"Accept-Encoding": "gzip, deflate, br"})
        row: dict[str, float] = {
            "editors": count,
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
        return row | visited(url, memory=lambda: resident(process.pid) / 2**20)


def asked(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, float]:
    """The page as it is sent, and the seconds that it took."""
    begun = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=60) as answer:
        return answer.read(), time.perf_counter() - begun


@contextmanager
def started(synthetic: int, root: Path, editors: str = "") -> Iterator[tuple[str, float, int, subprocess.Popen[str]]]:
    """A running page: its address, seconds until it said so, its editors, its process."""
    with home(synthetic, root) as env:
        env |= {"FACET_EDITORS": editors} if editors else {}
        begun = time.perf_counter()
        command = [sys.executable, str(root / "app.py"), "serve", "--port", "0"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            lines = (re.search(r"(\d+) editors on (http://\S+)", line) for line in process.stdout or ())
            found = next(filter(None, lines), None)
            if found is None:
                raise SystemExit("the page did not start")
            yield found[2], time.perf_counter() - begun, int(found[1]), process
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
        yield kept | {"FACET_HOME": folder, "PYTHONPATH": str(root), "FACET_OFFLINE": "1"}


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


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    print(f"{'':30}{'plain':>12}{'30 more':>12}{'ratio':>9}")
    for key, value in figures["plain"].items():
        print(f"{key:30}{value:12.3f}{figures['thirty_more'][key]:12.3f}{figures['ratio'].get(key, 0):9.2f}")
    print(
        f"each editor: {figures['editors_seconds_each']} s of building, {figures['editors_kilobytes_each']} KB of page"
    )


if __name__ == "__main__":
    main()
