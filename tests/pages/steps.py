"""What a visitor does, in a few words."""

from __future__ import annotations

from pathlib import Path


def choose_sample(page, number: int = 2) -> None:
    """Take a bundled picture and wait until it is on the stage."""
    # the bar hides its samples a moment after the empty stage has come into sight with the same ones
    page.wait_for_function(
        "!document.querySelector('.fs-empty .fp-thumb')?.offsetParent"
        " || document.body.classList.contains('facet-empty-seen')"
    )
    page.locator(".fb .fp-thumb, .fs-empty .fp-thumb").locator("visible=true").nth(number).click()
    page.wait_for_selector('.fs[data-state="rest"]')
    page.wait_for_function("document.querySelector('.fs-after').naturalWidth > 0")


def upload(page, file) -> None:
    """Hand a file to the subject bar: a path, or {name, mimeType, buffer}."""
    page.set_input_files(".fb .fp-file", file if isinstance(file, dict) else str(file))


def tab(page, name: str) -> None:
    """Open a room of the header or an editor of the rail; where the rail is a sheet, unfold it first."""
    there = page.get_by_role("tab", name=name, exact=True)
    unfold = page.locator(".fr-open >> visible=true")
    if not there.count() and unfold.count():
        unfold.click()
    there.click()


def run(page, editor: str, *, wait: bool = True, top: bool = False) -> None:
    """Press an editor's button, or with `top` the one that goes on with its result; wait for the result."""
    count = len(history(page))
    page.click(f"#{'top' if top else 'run'}-{editor}")
    if wait:
        page.wait_for_function(f"document.querySelectorAll('.fh-row button').length > {count}")
        page.wait_for_selector('.fs[data-state="rest"]')


def history(page) -> list[str]:
    """Titles in the history strip."""
    return [button.get_attribute("title") for button in page.query_selector_all(".fh-row button")]


def current(page) -> str:
    """Label of the history's current picture."""
    return page.get_attribute(".fh-row [aria-current=true]", "aria-label")


def frames(page) -> int:
    """How many pictures the stage has drawn."""
    return int(page.get_attribute(".fs", "data-frames") or 0)


def error(page) -> str:
    """The sentence of the refusal on the stage."""
    page.wait_for_selector(".fs-error:visible")
    return page.inner_text(".fs-error span")


def number(page, label: str, value: object) -> None:
    """Type into a slider's number box, or into a number field."""
    # Hidden rooms that were opened before have boxes of the same name: the one in sight is meant.
    box = page.get_by_label(f"number input for {label}")
    named = box if box.count() else page.get_by_label(label).and_(page.locator("input"))
    named.locator("visible=true").first.fill(str(value))


def download(page, folder: Path) -> Path:
    """Press the download button and keep the file."""
    with page.expect_download() as waiting:
        page.click("#facet-download")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path
