"""Drags by hand in a browser: steps and pictures a second, what Stop leaves undone, and whether memory stays flat.

    python benchmarks/drag_live.py [--quick] [--json] [--drags 20]

Starts the page with the embedded puppets, opens it in a headless Chromium, makes a portrait, and drags its nose to and
fro with the editor's defaults, as a visitor would. The last drag is stopped half way. Page and browser share the cores.

    steps/s     from the first step of a drag to its last, by the server's clock
    pictures/s  that the stage has drawn, from the first of a drag to its last, by the browser's clock
    wait        from the press on the button to the finished picture, the whole of it
    after stop  steps that ended after the server had heard of the stop
    memory      of the server (VmRSS) after each drag

Needs playwright and an installed Chromium (FACET_CHROMIUM names another one).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.drag_page import Log, chromium, memory_mb, started

HERE, THERE = (0.5, 0.59), (0.67, 0.485)  # shares of the picture's width and height
WATCH = """() => {
  window.drawn = [];
  new MutationObserver(() => {
    if (document.body.classList.contains('facet-running')) window.drawn.push(performance.now());
  }).observe(document.querySelector('.fs'), { attributes: true, attributeFilter: ['data-frames'] });
}"""
REST = """number => document.querySelectorAll('.fh-row button').length > number
  && document.querySelector('.fs').dataset.state === 'rest'"""
PAIRS = "() => facet.marks.pairs.map((pair) => pair.id)"
PLACE = """([x, y]) => {
  const box = document.querySelector('.fs-frame').getBoundingClientRect();
  return [box.left + x * box.width, box.top + y * box.height];
}"""


class Drag(NamedTuple):
    """One drag: its steps, their rate, pictures drawn and their rate, seconds to the finished picture, memory in MB."""

    steps: int
    steps_a_second: float
    pictures: int
    pictures_a_second: float
    wait: float
    memory: float


def pull(page: Any, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Take the marks off, make a pair by mouse, press the button; when that was, in seconds of this process."""
    for number in page.evaluate(PAIRS):
        page.evaluate("id => facet.marks.remove(id)", number)
    (x, y), (to_x, to_y) = (page.evaluate(PLACE, list(point)) for point in (start, end))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    page.evaluate("drawn.length = 0")
    pressed = time.perf_counter()
    page.click("#run-drag")
    return pressed


def rate(moments: list[float]) -> float:
    """Events a second between the first and the last."""
    return (len(moments) - 1) / (moments[-1] - moments[0]) if len(moments) > 1 else 0.0


def one_drag(page: Any, log: Log, pid: int, back: bool, stop: bool = False) -> tuple[Drag, int]:
    """A drag to its end, or stopped after a few pictures; and the steps that ended after the stop."""
    log.fresh()
    before = page.locator(".fh-row button").count()
    pressed = pull(page, *((THERE, HERE) if back else (HERE, THERE)))
    if stop:
        page.wait_for_function("drawn.length > 2")
        page.click(".fs-stop")
    page.wait_for_function(REST, arg=before)
    wait, drawn, events = time.perf_counter() - pressed, [ms / 1000 for ms in page.evaluate("drawn")], log.fresh()
    steps = [moment for name, moment in events if name == "step"]
    heard = next((moment for name, moment in events if name == "set"), float("inf"))
    late = sum(moment > heard for moment in steps)
    return Drag(len(steps), rate(steps), len(drawn), rate(drawn), wait, memory_mb(pid)), late


def drags(page: Any, log: Log, pid: int, count: int) -> dict[str, float]:
    """Make a portrait, drag it to and fro, and stop one more drag."""
    page.get_by_role("tab", name="Drag points", exact=True).click()
    page.get_by_role("button", name="New portrait").locator("visible=true").first.click()
    page.wait_for_selector('.fs[data-state="rest"]')
    page.wait_for_function("document.querySelector('.fs-after').naturalWidth > 0 && facet.marks.size[0] === 256")
    page.evaluate(WATCH)
    rows = []
    print("drag  steps  steps/s  pictures  pictures/s  wait s  server MB")
    for number in range(count):
        row, _ = one_drag(page, log, pid, back=number % 2 == 1)
        rows.append(row)
        print(
            f"{number + 1:>4} {row.steps:>6} {row.steps_a_second:>8.1f} {row.pictures:>9} "
            f"{row.pictures_a_second:>11.1f} {row.wait:>7.2f} {row.memory:>10.0f}",
            flush=True,
        )
    stopped, late = one_drag(page, log, pid, back=count % 2 == 1, stop=True)
    print(f"stopped after {stopped.steps} steps, {late} of them after the server had heard of it")
    settled = rows[len(rows) // 4].memory  # the first drags load what every drag needs
    return {
        "steps_a_second": statistics.median(row.steps_a_second for row in rows),
        "pictures_a_second": statistics.median(row.pictures_a_second for row in rows),
        "wait_seconds": statistics.median(row.wait for row in rows),
        "steps": statistics.median(row.steps for row in rows),
        "steps_after_stop": late,
        "memory_mb": rows[-1].memory,
        "memory_grew_mb": rows[-1].memory - settled,
        "drags": len(rows),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4 drags")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--drags", type=int, default=20)
    options = parser.parse_args()
    executable = chromium()
    from playwright.sync_api import sync_playwright

    with started() as (address, pid, log), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector(".fs-empty .fp-thumb >> visible=true")
        figures = drags(page, log, pid, 4 if options.quick else options.drags)
        browser.close()
    for name, value in figures.items():
        print(f"{name:18} {value:10.1f}")
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
