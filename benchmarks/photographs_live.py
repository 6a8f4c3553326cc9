"""Live pictures in a photograph, as a visitor has them: a mouse on a slider, and what the browser draws.

Part of photographs.py.

The page runs as a process of its own that notes what each look took; a headless Chromium, on the same cores, counts the
different pictures that reach the stage.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drag_page import chromium, served  # noqa: E402
from benchmarks.processor import spent  # noqa: E402

HANDS: Mapping[str, tuple[float, float]] = {
    "Smile": (-1.0, 1.0),
    "Turn the head": (-20.0, 20.0),
    "Closed eyes": (0.0, 1.0),
}
"""Sliders that are moved, and between which values."""
POINT, AROUND = (256, 330), 24
"""A place of the bundled portrait that is no landmark, to which marks would stick; how far around it the mouse goes."""
TURN = 0.7  # seconds of a hand's way from one end to the other, over pi
PERIOD = 0.016  # seconds between two movements of the mouse
DRAWN = """() => {
  const image = document.querySelector('.fs-after');
  window.drawn = [];
  new MutationObserver(() => drawn.push([performance.now(), image.src]))
    .observe(document.querySelector('.fs'), { attributes: true, attributeFilter: ['data-frames'] });
}"""
HISTORY = """number => document.querySelectorAll('.fh-row button').length >= number
  && document.querySelector('.fs').dataset.state === 'rest'"""
SEEN = "() => drawn.filter(([, src], at) => !at || src !== drawn[at - 1][1]).map(([when]) => when)"
TRACK = """label => {
  const range = document.querySelector(`.fd-range[aria-label="${label}"]`), box = range.getBoundingClientRect();
  return [box.left, box.top + box.height / 2, box.width, +range.min, +range.max];
}"""
PLACE = """([x, y]) => {
  const box = document.querySelector('.fs-frame').getBoundingClientRect();
  const [width, height] = facet.marks.size;
  return [box.left + (x + 0.5) / width * box.width, box.top + (y + 0.5) / height * box.height];
}"""


def on_the_page(photograph: bytes, brought: bytes, seconds: float, few: bool = False) -> dict[str, dict[str, float]]:
    """Rows of figures, by what the mouse moved.

    Args:
        photograph: PNG of the first bundled portrait.
        brought: PNG of it as it was brought in.
        seconds: for which each slider is moved.
        few: the first slider alone, and no point.

    Returns:
        For each: `pictures_per_s` that the browser drew, each another than the one before; `gap_ms` between two of
        them (median) and `longest_gap_ms`; `server_processor_ms` and `browser_processor_ms` for each, where Linux tells
        them; and, as medians of the server's clock, `look_ms` in all, and its parts.
    """
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        files = {Path(home) / "photograph.png": photograph, Path(home) / "brought.png": brought}
        log = Path(home) / "looks.jsonl"
        log.touch()
        with served(Path(__file__), log, Path(home), "inversion,attributes,warp_drag") as (address, server):
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.set_default_timeout(60_000)
            page.goto(address)
            page.wait_for_selector(".fb .fp-file", state="attached")
            for number, (file, content) in enumerate(files.items(), 1):
                file.write_bytes(content)
                page.set_input_files(".fb .fp-file", str(file))
                page.wait_for_function(HISTORY, arg=number)
            page.evaluate(DRAWN)
            watch = Watch(page, log, server.pid, seconds)
            found = _sliders(watch, list(HANDS)[: 1 if few else None])
            if not few:
                found["a point pulled"] = _pulled(watch)
            browser.close()
    return found


class Watch(NamedTuple):
    """What is watched, and for how long: the browser's page, the server's log of looks, and its process."""

    page: Any
    log: Path
    server: int
    seconds: float


def _sliders(watch: Watch, names: list[str]) -> dict[str, dict[str, float]]:
    page = watch.page
    page.get_by_role("tab", name="Attributes", exact=True).click()
    page.evaluate("document.querySelectorAll('.fd-group').forEach((group) => { group.open = true; })")
    found = {}
    for view in ("generator", "photograph"):
        if page.get_attribute(f'.fs-onto[data-id="{view}"]', "aria-pressed") != "true":
            page.click(f'.fs-onto[data-id="{view}"]')
            page.wait_for_selector(f'.fs-onto[data-id="{view}"][aria-pressed="true"]')
        for label in names if view == "photograph" else names[:1]:
            low, high = HANDS[label]
            page.locator(f'.fd-range[aria-label="{label}"]').scroll_into_view_if_needed()
            left, y, width, least, most = page.evaluate(TRACK, label)
            ends = [left + 8 + (width - 16) * (value - least) / (most - least) for value in (low, high)]

            def at(share: float, ends: list[float] = ends, y: float = y) -> tuple[float, float]:
                return ends[0] + (ends[1] - ends[0]) * share, y

            page.mouse.move(*at(0.5))
            page.mouse.down()
            _moved(page, at, 1.5)  # the first look makes what the others share
            found[f"{label}, {view}"] = _counted(watch, at)
            page.mouse.up()
            page.locator(f'.fd-range[aria-label="{label}"]').fill("0")
            page.wait_for_timeout(500)
    return found


def _pulled(watch: Watch) -> dict[str, float]:
    page = watch.page
    page.get_by_role("tab", name="Drag pixels", exact=True).click()
    page.wait_for_selector(".fk-bar:visible")
    x, y = page.evaluate(PLACE, list(POINT))
    radius = page.evaluate(PLACE, [POINT[0] + AROUND, POINT[1]])[0] - x

    def at(share: float) -> tuple[float, float]:
        return x - radius * math.cos(math.pi * share), y + radius * math.sin(math.pi * share)

    page.mouse.move(x, y)
    page.mouse.down()
    _moved(page, at, 1.5)
    figures = _counted(watch, at)
    page.mouse.up()
    return figures


def _moved(page: Any, at: Any, seconds: float) -> None:
    """To and fro, as a hand does that looks for the right place."""
    began = time.perf_counter()
    while (now := time.perf_counter() - began) < seconds:
        page.mouse.move(*at((1 - math.cos(now / TURN)) / 2))
        time.sleep(max(0.0, PERIOD - (time.perf_counter() - began - now)))


def _counted(watch: Watch, at: Any) -> dict[str, float]:
    page, log, server, seconds = watch
    page.evaluate("drawn.length = 0")
    before, used = len(log.read_text()), spent(server)
    _moved(page, at, seconds)
    after, moments = spent(server), page.evaluate(SEEN)
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)] or [math.nan]
    looks = [json.loads(line) for line in log.read_text()[before:].splitlines()]
    parts = {name: statistics.median(look.get(name, 0.0) for look in looks) for name in (looks[-1] if looks else {})}
    drawn = {"pictures_per_s": len(moments) / seconds, "gap_ms": statistics.median(gaps), "longest_gap_ms": max(gaps)}
    if used and after and moments:
        each = [1e3 * (later - earlier) / len(moments) for earlier, later in zip(used, after, strict=True)]
        drawn |= dict(zip(("server_processor_ms", "browser_processor_ms"), each, strict=True))
    return drawn | parts


def browser_there() -> bool:
    """Whether a browser can be driven here."""
    try:
        chromium()
    except SystemExit:
        return False
    return True


def serve(log: str) -> None:
    """The page, with a note of what each look took; the child process of the benchmark."""
    from app import main as command
    from surfaces.page import live_preview, photograph

    mine = threading.local()  # two looks may go on at once

    def timed(owner: Any, method: str, name: str) -> None:
        plain = getattr(owner, method)

        def timing(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(*given, **named)
            finally:
                mine.taken[name] = 1e3 * (time.perf_counter() - began)

        setattr(owner, method, timing)

    timed(live_preview, "finish", "editor_ms")
    timed(photograph.Onlooker, "look", "photograph_ms")
    timed(live_preview, "look_url", "coding_ms")
    look = live_preview.look

    with Path(log).open("a", buffering=1) as lines:

        def noted(*given: Any) -> Any:
            mine.taken = {}
            began = time.perf_counter()
            made = look(*given)
            size = len(made.get("picture") or "") / 1e3 if isinstance(made, dict) else 0.0
            lines.write(json.dumps({"look_ms": 1e3 * (time.perf_counter() - began), **mine.taken, "kB": size}) + "\n")
            return made

        live_preview.look = noted  # type: ignore[assignment]
        command(["serve", "--port", "0"])


if __name__ == "__main__":
    serve(sys.argv[1])
