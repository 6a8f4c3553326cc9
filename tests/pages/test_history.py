"""Nothing is lost: not by a reload, not by a server that is killed, not by an upload during a run."""

import os
import signal
import time
import zipfile

import pytest
from PIL import Image

from tests.pages import steps
from tests.pages.conftest import serving

pytestmark = pytest.mark.page


def entries(page, count):
    page.wait_for_function(f"document.querySelectorAll('.fh-row button').length === {count}")


def test_a_reload_and_another_tab_find_the_history(open_page):
    page = open_page(path="?editor=creeping")
    steps.choose_sample(page)
    steps.run(page, "creeping")
    page.reload()
    entries(page, 2)
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.inner_text(".fb-facts") == "451 × 300 · 1 edit"
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "facet_history"]
    assert (cookie["httpOnly"], cookie["sameSite"], len(cookie["value"])) == (True, "Lax", 43)
    other = page.context.new_page()
    other.goto(page.url)
    entries(other, 2)
    stranger = open_page()
    stranger.wait_for_selector(".fs-empty:visible")
    assert steps.history(stranger) == []


def test_a_server_that_is_killed_in_a_run_loses_no_result(browser, tmp_path, server):
    """The page comes back by itself or by a reload, with all that was made."""
    home, files = tmp_path / "home", tmp_path / "files"
    (home / "editors").mkdir(parents=True)
    (home / "editors" / "creeping.py").write_bytes((server.home / "editors" / "creeping.py").read_bytes())
    context = browser.new_context()
    with serving(home, files, "creeping") as first:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(first.url)
        page.wait_for_selector(".fs")
        steps.choose_sample(page)
        steps.run(page, "creeping")
        steps.number(page, "Steps", 400)
        steps.run(page, "creeping", wait=False)
        page.wait_for_selector('.fs[data-state="running"]')
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait(20)
    with serving(home, files, "creeping") as second:  # on another port: the cookie is the host's
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(second.url)
        entries(page, 2)
        page.get_by_role("button", name="Undo").click()
        page.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('1')")
    context.close()


def test_an_upload_during_a_run_replaces_nothing(open_page, tmp_path):
    page = open_page(path="?editor=creeping")
    steps.choose_sample(page)
    steps.number(page, "Steps", 120)
    steps.run(page, "creeping", wait=False)
    page.wait_for_selector('.fs[data-state="running"]')
    Image.new("RGB", (80, 80), (200, 30, 30)).save(tmp_path / "red.png")
    steps.upload(page, tmp_path / "red.png")
    entries(page, 2)
    page.wait_for_function("document.querySelector('.fb-title').textContent === 'red.png'")
    entries(page, 3)
    page.wait_for_function("document.querySelector('.fs-note').textContent.includes('its result is in the history')")
    assert page.inner_text(".fb-title") == "red.png"
    assert steps.history(page) == ["Chelsea the cat", "red.png", "Creeping"]
    page.locator(".fh-row button").nth(2).click()
    page.wait_for_function("document.querySelector('.fb-title').textContent === 'Creeping'")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("document.querySelector('.fb-title').textContent === 'Chelsea the cat'")


def test_run_begins_again_with_the_original_and_the_other_button_goes_on(open_page):
    page = open_page(path="?editor=creeping")
    steps.choose_sample(page)
    assert page.is_hidden("#top-creeping")
    steps.run(page, "creeping")
    steps.number(page, "Steps", 12)
    steps.run(page, "creeping")
    assert page.inner_text(".fb-facts") == "451 × 300 · 1 edit"
    page.click("#top-creeping")
    entries(page, 4)
    page.wait_for_function("document.querySelector('.fb-facts').textContent.endsWith('2 edits')")


def test_a_picture_of_the_history_brings_its_settings_back(open_page):
    page = open_page(path="?editor=creeping&steps=7")
    steps.choose_sample(page)
    box = page.get_by_label("number input for Steps")
    page.wait_for_function("document.querySelector('[aria-label=\\'number input for Steps\\']').value === '7'")
    steps.run(page, "creeping")
    box.first.fill("9")
    steps.run(page, "creeping")
    steps.tab(page, "Good one")
    page.locator(".fh-row button").nth(1).click()
    page.wait_for_selector("#run-creeping:visible")
    page.wait_for_function("document.querySelector('[aria-label=\\'number input for Steps\\']').value === '7'")


def test_names_pins_deleting_and_all_as_a_zip(open_page, tmp_path):
    page = open_page(path="?editor=creeping")
    steps.choose_sample(page)
    steps.run(page, "creeping")
    steps.run(page, "creeping")
    page.get_by_role("button", name="History…").click()
    rows = page.locator(".fx-row")
    assert rows.count() == 3
    assert [row.evaluate("row => row.style.getPropertyValue('--depth')") for row in rows.all()] == ["0", "1", "1"]
    name = page.get_by_label("Name of Creeping, picture 3")
    name.fill("The good one")
    name.press("Enter")
    page.wait_for_selector(".fx-row .fh-name[value='The good one'], [aria-label='Name of The good one, picture 3']")
    page.get_by_role("button", name="Pin Creeping, picture 2").click()
    page.wait_for_selector(".fh-pinned")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all").click()
    waiting.value.save_as(tmp_path / "all.zip")
    names = zipfile.ZipFile(tmp_path / "all.zip").namelist()
    assert {"003-The-good-one-from-001.png", "002-creeping-from-001.json"} <= set(names)
    remove = page.get_by_role("button", name="Delete Creeping, picture 2")
    remove.click()
    remove.click()
    entries(page, 2)
    page.get_by_role("button", name="Close").click()
    page.reload()
    entries(page, 2)
    assert "The good one" in steps.history(page)


def test_leaving_warns_while_a_run_goes_on_and_not_after(open_page):
    page = open_page(path="?editor=creeping")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    steps.choose_sample(page)
    steps.number(page, "Steps", 400)
    steps.run(page, "creeping", wait=False)
    page.wait_for_selector('.fs[data-state="running"]')
    page.reload()
    assert asked == ["beforeunload"]
    entries(page, 1)
    left = ("AbortError", "errored out")  # Gradio says so of the stream of the page that was left
    open_page.watch.errors[:] = [each for each in open_page.watch.errors if not any(map(each.count, left))]
    page.wait_for_selector('.fs[data-state="rest"]')
    time.sleep(0.2)
    page.locator(".fh-row button").first.click()  # a page nobody touched never asks
    page.reload()
    assert asked == ["beforeunload"]
