"""A visitor's first minute in Chromium, done alike on this page and on older ones: the same presses, the same ends.

The address names an editor. The visitor waits until its Run button is there and a bundled photograph can be pressed,
presses the photograph, then a style, then Run, and sees the result. Every wait is for what older pages have, too.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from typing import Any

EDITOR = "colour_transfer"
"""Quick, so that the page is measured and not the editor."""
VISITORS = 3
"""Further ones, each in a fresh profile, on a server that is warm by then."""

RUN = f"#run-{EDITOR} >> visible=true"
PHOTOGRAPH = ".fs-empty .fp-thumb >> visible=true"
STYLE = "#facet-editors .fp-shelf .fp-thumb >> visible=true"

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
RECEIVED = "performance.getEntries().reduce((sum, each) => sum + (each.transferSize || 0), 0)"
"""Bytes of all that a browser gets at its first visit, as they were sent."""
STANDS = """result => {
  const stage = document.querySelector('.fs'), shown = document.querySelector('.fs-after');
  return stage.dataset.state === 'rest' && stage.classList.contains('fs-split') === result
    && shown.complete && shown.naturalWidth > 0;
}"""
"""Whether the stage shows a chosen picture, or with `result` a result beside what it was made from."""


def chromium() -> str | None:
    """The browser that there is."""
    names = (os.environ.get("FACET_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def visited(url: str, memory: Callable[[], float]) -> dict[str, float]:
    """Seconds, kilobytes and the server's megabytes of first visits; empty without a Chromium.

    The first is on a server that has just been started; what `VISITORS` others take is the median of theirs, `again_…`.

    Args:
        url: a running page that nobody has visited yet.
        memory: tells the server's megabytes.
    """
    executable = chromium()
    if executable is None:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        before = memory()
        row = _visit(browser, url)
        first = memory()
        others = [_visit(browser, url) for _ in range(VISITORS)]
        last = memory()
        browser.close()
    row |= {f"again_{key}": sorted(each[key] for each in others)[VISITORS // 2] for key in row if "seconds" in key}
    row |= {"first_visitor_megabytes": first - before, "visitor_megabytes": (last - first) / VISITORS}
    return row | {"used_megabytes": last}


def _visit(browser: Any, url: str) -> dict[str, float]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    begun = time.perf_counter()
    page.goto(f"{url}?editor={EDITOR}")
    page.wait_for_selector(PHOTOGRAPH)
    page.wait_for_selector(RUN)
    usable = time.perf_counter()
    paint, received = page.evaluate(PAINT) / 1000, page.evaluate(RECEIVED) / 1024
    page.locator(PHOTOGRAPH).first.click()
    page.wait_for_function(STANDS, arg=False)
    staged = time.perf_counter()
    page.locator(STYLE).first.click()
    pressed = time.perf_counter()
    page.locator(RUN).click()
    page.wait_for_function(STANDS, arg=True)
    seen = time.perf_counter()
    return {
        "first_paint_seconds": paint,
        "usable_seconds": usable - begun,
        "stage_a_picture_seconds": staged - usable,
        "run_seconds": seen - pressed,
        "first_result_seconds": seen - begun,
        "received_kilobytes": received,
    }
