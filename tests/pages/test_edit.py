"""A session: choose, run, look, save, go back."""

import numpy as np
import pytest
from PIL import Image

from registry.saved.lineage import read_lineage
from tests.pages import steps

pytestmark = pytest.mark.page


def test_the_first_page_shows_every_loaded_editor(open_page):
    page = open_page()
    names = [tab.inner_text() for tab in page.get_by_role("tab").all()]
    assert {"Edit", "Compare", "Add-ons", "Colour transfer", "Good one", "Creeping", "All kinds"} <= set(names)
    assert page.title() == "Facet"


def test_from_upload_to_download_and_back(open_page, tmp_path):
    source = tmp_path / "garden.png"
    y, x = np.mgrid[:120, :160]
    Image.fromarray(np.stack([x, y * 2, 255 - x], -1).astype(np.uint8)).save(source)
    page = open_page()
    steps.upload(page, source)
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.inner_text(".fb-title") == "garden.png"
    assert page.inner_text(".fb-facts") == "160 × 120"

    steps.tab(page, "Creeping")
    before = steps.frames(page)
    steps.run(page, "creeping")
    assert steps.frames(page) - before >= 4
    assert steps.history(page) == ["garden.png", "Creeping"]
    assert page.inner_text(".fb-facts") == "160 × 120 · 1 edit"

    slider = page.locator(".fs-range")
    assert slider.get_attribute("aria-valuetext") == "50 % before"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "51 % before"
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    assert int(slider.input_value()) > 80

    saved = steps.download(page, tmp_path)
    assert saved.name == "creeping-0.png"
    (recipe,) = read_lineage(saved)
    assert (recipe["editor"], recipe["inputs"]["steps"], recipe["stopped"]) == ("creeping", 25, False)

    page.click("#top-creeping")
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 3")
    page.wait_for_selector('.fs[data-state="rest"]')
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('2')")
    page.keyboard.press("Control+z")
    page.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('1')")
    assert page.inner_text(".fb-facts") == "160 × 120"
    assert page.get_by_role("button", name="Undo").is_disabled()
    page.get_by_role("button", name="Redo").click()
    page.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('2')")
    page.locator(".fh-row button").nth(0).click()
    page.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('1')")
    assert len(steps.history(page)) == 3

    steps.upload(page, saved)  # a picture that Facet saved comes back with its lineage
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 4")
    assert page.inner_text(".fb-facts") == "160 × 120 · 1 edit"


def test_stop_keeps_the_best_so_far(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Creeping")
    steps.number(page, "Steps", 400)
    drawn = steps.frames(page)
    steps.run(page, "creeping", wait=False)
    page.wait_for_function(f"+document.querySelector('.fs').dataset.frames > {drawn + 3}")
    assert page.get_attribute(".fs-progress", "aria-valuenow") != "100"
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector('.fs[data-state="rest"]')
    assert "the best so far" in page.inner_text(".fs-facts")
    (recipe,) = read_lineage(steps.download(page, tmp_path))
    assert recipe["stopped"]
    assert 3 < recipe["steps"] < 400


def test_a_second_run_in_one_visit_is_refused(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Creeping")
    steps.number(page, "Steps", 400)
    steps.run(page, "creeping", wait=False)
    page.wait_for_selector('.fs[data-state="running"]')
    steps.tab(page, "Good one")
    page.locator("#run-good_one").dispatch_event("click")
    assert "still going on" in steps.error(page)
    page.wait_for_selector(".fs-stop:visible")  # the first run is still on the stage, with its stop button
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector('.fs[data-state="rest"]')


def test_two_visitors_do_not_mix(open_page):
    one, two = open_page(), open_page()
    steps.choose_sample(one, 2)
    steps.choose_sample(two, 3)
    steps.tab(one, "Good one")
    steps.run(one, "good_one")
    assert steps.history(one) == ["Chelsea the cat", "Good one"]
    assert steps.history(two) == ["Lake Sherburne, Glacier National Park"]
    one.get_by_role("button", name="Undo").click()
    one.wait_for_function("document.querySelector('.fh-row [aria-current]').ariaLabel.endsWith('1')")
    assert two.inner_text(".fb-title") == "Lake Sherburne, Glacier National Park"


def test_every_kind_of_input_reaches_the_editor(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "All kinds")
    mask = Image.new("L", (451, 300))
    mask.paste(255, (0, 0, 10, 10))
    mask.save(tmp_path / "mask.png")
    panel = page.get_by_role("tabpanel").filter(has=page.locator("#run-kinds")).last
    panel.locator(".fp", has_text="Upload a mask").locator("input").set_input_files(str(tmp_path / "mask.png"))
    page.wait_for_selector("text=mask.png")
    for _ in range(3):
        page.get_by_role("button", name="Add a pair").click()
    for name, value in (("1: x", 10), ("1: y", 20), ("1: to x", 30), ("1: to y", 40.5)):
        page.get_by_label(f"Pairs {name}", exact=True).fill(str(value))
    page.get_by_role("button", name="Remove pair 2").click()
    panel.locator(".fp-thumb").nth(1).click()
    page.get_by_label("Words").fill("hello")
    page.get_by_label("down").check()
    steps.run(page, "kinds")
    facts = page.inner_text(".fs-facts").split()
    assert facts[facts.index("masked") + 1] == "100"
    assert facts[facts.index("pairs") + 1] == "1"  # an empty row is no pair
    (recipe,) = read_lineage(steps.download(page, tmp_path))
    assert recipe["inputs"]["pairs"] == [[10, 20, 30, 40.5]]
    assert recipe["inputs"]["words"] == "hello"
    assert recipe["inputs"]["way"] == "down"
    assert recipe["inputs"]["other"]["sample"] == "hopper"
    assert recipe["inputs"]["mask"].startswith("png:")


def test_a_visitor_who_leaves_does_not_hold_up_the_others(open_page):
    gone, stays = open_page(), open_page()
    steps.choose_sample(gone)
    steps.choose_sample(stays)
    steps.tab(gone, "Creeping")
    steps.number(gone, "Steps", 100_000)
    steps.run(gone, "creeping", wait=False)
    gone.wait_for_function("+document.querySelector('.fs').dataset.frames > 4")
    gone.context.close()
    steps.tab(stays, "Good one")
    stays.set_default_timeout(120_000)
    steps.run(stays, "good_one")
    assert steps.history(stays) == ["Chelsea the cat", "Good one"]
