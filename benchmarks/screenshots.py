"""Take the screenshots of docs/screenshots/ from a page started for the purpose.

    python benchmarks/screenshots.py [--only NAME,NAME] [--out FOLDER]

Needs an installed Chromium. Every file stays below 400 KB.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
BROKEN = ("bad_spec", "misspelt_hook", "missing_dependency", "raises_mid_run")
WITH_BROKEN = ("error", "addons")
MOST_BYTES = 400_000
SHOTS: dict[str, Callable[..., None]] = {}


def shot(width: int = 1440, height: int = 900, dark: bool = False) -> Callable[..., Any]:
    """Register a function that brings a fresh page into the state to be shown."""

    def register(prepare: Callable[[Any], None]) -> Callable[[Any], None]:
        prepare.how = {"width": width, "height": height, "dark": dark}  # type: ignore[attr-defined]
        SHOTS[prepare.__name__] = prepare
        return prepare

    return register


@shot()
def desktop(page: Any) -> None:
    choose(page, "Lake Sherburne")
    restyle(page, "Swirling")


@shot()
def idle(page: Any) -> None:
    page.wait_for_timeout(300)


@shot(390, 844)
def phone(page: Any) -> None:
    choose(page, "Grace Murray")
    restyle(page, 6)


@shot(dark=True)
def dark(page: Any) -> None:
    choose(page, "A cup of coffee")
    restyle(page, 9)


@shot()
def midrun(page: Any) -> None:
    choose(page, "Chelsea")
    open_tab(page, "Neural style")
    page.locator("#facet-right .fp-thumb >> visible=true").nth(2).click()
    page.click("#run-neural_style")
    page.wait_for_function(
        "+document.querySelector('.fs-progress').getAttribute('aria-valuenow') > 35", timeout=600_000
    )


@shot()
def error(page: Any) -> None:
    choose(page, "Eileen Collins")
    open_tab(page, "Raises mid run")
    page.click("#run-raises_mid_run")
    page.wait_for_selector(".fs-error >> visible=true")


@shot()
def compare(page: Any) -> None:
    choose(page, "Grace Murray")
    open_tab(page, "Compare")
    for box in page.locator("#facet-tasks").get_by_role("checkbox").all():
        label = box.evaluate("box => box.closest('label').innerText.trim()")
        box.set_checked(label in ("AdaIN", "Colour transfer"))
    page.get_by_role("button", name="Sweep a setting").click()
    page.locator(".fv-row select").first.select_option("adain")
    page.click("#compare-restyle")
    page.wait_for_selector(".fg-dot", timeout=600_000)
    page.get_by_role("button", name="Difference").click()
    page.wait_for_function("document.querySelector('.fc-note')?.innerText.startsWith('differs by')")
    page.evaluate("scrollTo(0, 0)")


@shot(1440, 820)
def films(page: Any) -> None:
    puppet(page)
    open_tab(page, "Compare")
    open_tab(page, "Animate")
    page.get_by_label("number input for Seconds").locator("visible=true").first.fill("1")
    page.click("#compare-animate")
    page.wait_for_selector(".fc-film", timeout=600_000)


@shot(390, 844)
def phone_editors(page: Any) -> None:
    choose(page, "Grace Murray")
    page.click(".fr-open")
    page.locator(".fr-open").evaluate("button => button.scrollIntoView()")


@shot()
def addons(page: Any) -> None:
    error(page)
    open_tab(page, "Add-ons")
    page.wait_for_selector(".fa-fault")


@shot()
def canvas(page: Any) -> None:
    puppet(page)
    mark(page, ((0.5, 0.72), (0.5, 0.8)), ((0.36, 0.5), (0.3, 0.46)))
    page.locator(".fk-tool[data-name=brush]").click()
    stroke(page, (0.34, 0.72), (0.66, 0.72))
    page.locator(".fk-tool[data-name=points]").click()


@shot(dark=True)
def canvas_run(page: Any) -> None:
    puppet(page)
    mark(page, ((0.5, 0.55), (0.62, 0.55)), ((0.5, 0.8), (0.6, 0.8)))
    page.click("#run-drag")
    page.wait_for_function("facet.marks.running?.at.size && facet.marks.trail(facet.marks.pairs[0].id).length > 5")


@shot(390, 844)
def canvas_phone(page: Any) -> None:
    puppet(page)
    page.evaluate("document.querySelector('.fk-bar').scrollIntoView()")
    mark(page, ((0.5, 0.55), (0.62, 0.55)), ((0.36, 0.45), (0.46, 0.45)))
    page.click("#run-drag")
    page.wait_for_function("!facet.marks.running && facet.marks.entry === 2", timeout=600_000)
    page.evaluate("document.querySelector('.fk-bar').scrollIntoView()")


def puppet(page: Any) -> None:
    """A picture of the embedded generator on the stage, and the tab for dragging it open."""
    open_tab(page, "Make a portrait")
    page.click("#run-latent")
    page.wait_for_selector('.fs[data-state="rest"]', timeout=600_000)
    open_tab(page, "Drag points")
    page.wait_for_selector(".fk-bar:visible")


def mark(page: Any, *pairs: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Pairs by dragging; points as shares of the picture."""
    for handle, target in pairs:
        stroke(page, handle, target)


def stroke(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move, let go."""
    box = page.locator(".fs-frame").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=6)
    page.mouse.up()


def choose(page: Any, title: str) -> None:
    """Take a bundled photograph, from an editor that works on any."""
    open_tab(page, "Colour transfer")
    page.locator(f'.fs-empty .fp-thumb[title^="{title}"] >> visible=true').click()
    page.wait_for_selector('.fs[data-state="rest"]')


def open_tab(page: Any, name: str) -> None:
    """Open a room or an editor; on a phone the rail has to be unfolded first."""
    there = page.get_by_role("tab", name=name, exact=True)
    if not there.count():
        page.click(".fr-open")
    there.click()
    page.wait_for_timeout(300)


def restyle(page: Any, style: int | str) -> None:
    """Colour transfer from a style picture, by its place or the start of its title."""
    open_tab(page, "Colour transfer")
    thumbs = page.locator("#facet-right .fp-thumb >> visible=true")
    if isinstance(style, int):
        thumbs.nth(style).click()
    else:
        page.locator(f'#facet-right .fp-thumb[title^="{style}"] >> visible=true').click()
    page.click("#run-colour_transfer")
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 2")
    page.wait_for_selector('.fs[data-state="rest"]')
    page.evaluate("scrollTo(0, 0)")


@contextmanager
def started(broken: bool) -> Iterator[str]:
    """The page's address, with a good add-on and, if so wanted, a few broken ones beside the built-in editors."""
    with tempfile.TemporaryDirectory() as home:
        editors = Path(home) / "editors"
        editors.mkdir()
        shutil.copy(ROOT / "tests/plugins/facet_posterise/facet_posterise/__init__.py", editors / "posterise.py")
        for name in BROKEN if broken else ():
            shutil.copy(ROOT / "tests/plugins/broken" / f"{name}.py", editors)
        env = os.environ | {"FACET_HOME": home}
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            found = (re.search(r"editors on (http://\S+)", line) for line in process.stdout or ())
            yield next((match[1] for match in found if match), "")
        finally:
            process.terminate()
            process.wait(20)


def save(png: bytes, path: Path) -> None:
    """As WebP, as good as the limit allows."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(90, 40, -5):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() < MOST_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    print(f"{path.name}: {image.width} × {image.height}, {buffer.tell() // 1024} KB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    options.out.mkdir(parents=True, exist_ok=True)
    names = (options.only or ",".join(SHOTS)).split(",")
    chromium = os.environ.get("FACET_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    for broken in (False, True):
        wanted = [name for name in names if (name in WITH_BROKEN) is broken]
        if wanted:
            with started(broken) as url, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                for name in wanted:
                    take(browser, url, name, options.out)
                browser.close()


def take(browser: Any, url: str, name: str, out: Path) -> None:
    """One screenshot, from a fresh page."""
    prepare = SHOTS[name]
    how = prepare.how  # type: ignore[attr-defined]
    size = {"width": how["width"], "height": how["height"]}
    context = browser.new_context(viewport=size, device_scale_factor=2 if how["width"] < 600 else 1)
    page = context.new_page()
    page.goto(url + ("?__theme=dark" if how["dark"] else ""))
    page.wait_for_selector(".fs-empty .fp-thumb >> visible=true")
    prepare(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(700)
    save(page.screenshot(), out / f"{name}.webp")
    context.close()


if __name__ == "__main__":
    main()
